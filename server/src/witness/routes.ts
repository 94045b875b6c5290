/** HTTP operations of the settings of presence. */
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { Routes } from '../http/routes.ts';
import type { Witnesses } from './witnesses.ts';

export interface WitnessRoutesDeps {
  readonly witnesses: Pick<Witnesses, 'settings' | 'change' | 'networks'>;
  readonly isLocation: (ciId: string) => boolean;
}

export function addWitnessRoutes(routes: Routes, { witnesses, isLocation }: WitnessRoutesDeps): void {
  const answer = () => ({ settings: witnesses.settings(), networks: witnesses.networks() });
  routes.add(ENDPOINTS.getPresenceSettings, async () => answer());
  routes.add(ENDPOINTS.setPresenceSettings, async ({ body }) => {
    await witnesses.change(body, isLocation);
    return answer();
  });
}
