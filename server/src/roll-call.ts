/** All machines by site with the word for each, in one pass; what the overview and the wallboard read. Pure. */
import type { FleetCounts } from '@muster/shared/api/operations.ts';
import { isInFleet, type PresenceState } from '@muster/shared/presence/state.ts';
import { unheardState } from './availability/status.ts';
import type { CiEntry } from './cmdb/directory.ts';

interface SiteRoll {
  /** null: machines without a site. */
  readonly site: string | null;
  readonly fleet: FleetCounts;
  /** By name. */
  readonly cells: readonly (readonly [id: string, name: string, state: PresenceState])[];
}

/** Largest site first; machines without a site last. `stateOf`: undefined for a machine that was never heard. */
export function rollCall(
  entries: Iterable<Pick<CiEntry, 'id' | 'name' | 'site' | 'lifecycle'>>,
  stateOf: (ciId: string) => PresenceState | undefined,
): SiteRoll[] {
  const sites = new Map<string | null, { fleet: FleetCounts; cells: [string, string, PresenceState][] }>();
  for (const { id, name, site, lifecycle } of entries) {
    const state = stateOf(id) ?? unheardState(lifecycle);
    if (!isInFleet({ lifecycle, up: state === 'up' })) continue;
    let held = sites.get(site);
    if (held === undefined) {
      held = {
        fleet: { total: 0, up: 0, asleep: 0, off: 0, planned: 0, silent: 0, unknown: 0 },
        cells: [],
      };
      sites.set(site, held);
    }
    held.fleet[state] += 1;
    held.fleet.total += 1;
    held.cells.push([id, name, state]);
  }
  for (const { cells } of sites.values()) cells.sort(([, a], [, b]) => (a < b ? -1 : a > b ? 1 : 0));
  return [...sites]
    .map(([site, { fleet, cells }]) => ({ site, fleet, cells }))
    .sort(
      (a, b) =>
        Number(a.site === null) - Number(b.site === null) ||
        b.fleet.total - a.fleet.total ||
        String(a.site).localeCompare(String(b.site)),
    );
}
