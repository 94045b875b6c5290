/** HTTP operations of the fingerprint settings and of reported sections. */
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { toIso } from '@muster/shared/time.ts';
import { INVENTORY_SECTIONS } from '@muster/shared/wire/inventory-sections.ts';
import type { CmdbStore, SectionStates } from '../cmdb/store.ts';
import { AppError } from '../errors.ts';
import type { Routes } from '../http/routes.ts';
import type { Fingerprints } from './fingerprints.ts';

export interface FingerprintRoutesDeps {
  readonly fingerprints: Fingerprints;
  readonly cmdbStore: Pick<CmdbStore, 'machine' | 'sections'>;
}

export function addFingerprintRoutes(
  routes: Routes,
  { fingerprints, cmdbStore }: FingerprintRoutesDeps,
): void {
  routes.add(ENDPOINTS.getFingerprints, async () => ({ directories: fingerprints.directories() }));
  routes.add(ENDPOINTS.setFingerprints, async ({ body }) => ({
    directories: await fingerprints.set(body.directories),
  }));
  routes.add(ENDPOINTS.ciSections, async ({ params }) => {
    const machine = await cmdbStore.machine(params.id);
    if (!machine) throw new AppError('not-found', `There is no machine ${params.id}.`);
    return { counts: listCounts(await cmdbStore.sections(machine.id)) };
  });
  routes.add(ENDPOINTS.ciSection, async ({ params }) => {
    const machine = await cmdbStore.machine(params.id);
    if (!machine) throw new AppError('not-found', `There is no machine ${params.id}.`);
    const state = (await cmdbStore.sections(machine.id))[params.section];
    return {
      reportedAt: state ? toIso(state.reportedAtMs) : null,
      confirmedAt: state ? toIso(state.confirmedAtMs) : null,
      complete: state?.complete ?? false,
      data: state?.data ?? null,
    };
  });
}

/** Packages are thousands and have a list of their own. */
export function listCounts(sections: SectionStates): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const section of INVENTORY_SECTIONS) {
    if (section === 'software') continue;
    const data: unknown = sections[section]?.data;
    for (const [name, list] of Object.entries(data ?? {}))
      if (Array.isArray(list)) counts[`${section}.${name}`] = list.length;
  }
  return counts;
}
