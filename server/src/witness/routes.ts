/** HTTP operations of the settings of presence. */
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { toIso } from '@muster/shared/time.ts';
import type { Routes } from '../http/routes.ts';
import type { Witnesses } from './witnesses.ts';

export interface WitnessRoutesDeps {
  readonly witnesses: Pick<Witnesses, 'settings' | 'change' | 'networks'>;
  /** null: it is none. */
  readonly locationName: (ciId: string) => string | null;
}

export function addWitnessRoutes(routes: Routes, { witnesses, locationName }: WitnessRoutesDeps): void {
  const answer = () => {
    const { changed, ...settings } = witnesses.settings();
    const locations = settings.witnesses.locations.map((id) => ({ id, name: locationName(id) ?? id }));
    return {
      changed: changed ? { by: changed.by, at: toIso(changed.atMs) } : null,
      settings,
      locations,
      networks: witnesses.networks(),
    };
  };
  routes.add(ENDPOINTS.getPresenceSettings, async () => answer());
  routes.add(ENDPOINTS.setPresenceSettings, async ({ body }, { actor, nowMs }) => {
    await witnesses.change(body, (id) => locationName(id) !== null, actor.name, nowMs);
    return answer();
  });
}
