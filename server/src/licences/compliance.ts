/** Whether licences are enough: installations against entitlements of one product and metric. Pure. */
import type { LicenceFields } from '@muster/shared/api/software.ts';
import { DAY_MS, type Millis } from '@muster/shared/time.ts';
import { compareVersions, type VersionFamily } from '../software/version.ts';

/** What one machine (or, per user, one person) takes: a device, a user, some cores. */
export interface Demand {
  /** Machine, or person by name. */
  readonly id: string;
  /** Machines, and their persons, that a named licence must be assigned to. */
  readonly holders: readonly string[];
  readonly units: number;
  readonly versions: readonly { readonly version: string; readonly family: VersionFamily }[];
}

export interface Entitlement
  extends Pick<LicenceFields, 'versionFrom' | 'versionTo' | 'quantity' | 'named' | 'metric'> {
  readonly id: string;
  /** Ids of machines and persons. */
  readonly assigned: ReadonlySet<string>;
}

export interface Allocation {
  /** Units of each licence that are taken. */
  readonly used: ReadonlyMap<string, number>;
  /** Units without a licence, by demand. */
  readonly uncovered: ReadonlyMap<string, number>;
}

/**
 * Gives each demand what covers it, so that as many units as possible are covered: the flow through a graph of demands and
 * licences is pushed until no way is left. Units of one demand may come from several licences.
 */
export function allocate(demands: readonly Demand[], entitlements: readonly Entitlement[]): Allocation {
  // Demands that the same licences cover are one.
  const groups = new Map<string, { fit: number[]; units: number; ids: [string, number][] }>();
  for (const demand of demands) {
    const fit = entitlements.flatMap((entitlement, index) => (covers(entitlement, demand) ? [index] : []));
    const key = fit.join(' ');
    const group = groups.get(key) ?? { fit, units: 0, ids: [] };
    group.units += demand.units;
    group.ids.push([demand.id, demand.units]);
    groups.set(key, group);
  }
  const rest = entitlements.map(({ quantity, metric }) =>
    quantity === null || metric === 'site' ? Number.POSITIVE_INFINITY : quantity,
  );
  const list = [...groups.values()];
  const given = list.map(() => entitlements.map(() => 0));
  const open = list.map(({ units }) => units);
  for (let group = 0; group < list.length; group++) {
    for (;;) {
      const pushed = push(group, open[group] ?? 0, list, given, rest, new Set());
      if (pushed === 0) break;
      open[group] = (open[group] ?? 0) - pushed;
    }
  }
  const used = new Map(
    entitlements.map(({ id }, index) => [id, given.reduce((sum, row) => sum + (row[index] ?? 0), 0)]),
  );
  const uncovered = new Map<string, number>();
  list.forEach(({ ids }, index) => {
    let missing = open[index] ?? 0;
    for (const [id, units] of ids.toReversed()) {
      const of = Math.min(units, missing);
      if (of > 0) uncovered.set(id, of);
      missing -= of;
    }
  });
  return { used, uncovered };
}

/** One way for up to `units` of a group: a licence with some left, or one that another group can give back. */
function push(
  group: number,
  units: number,
  list: readonly { fit: number[] }[],
  given: number[][],
  rest: number[],
  seen: Set<number>,
): number {
  if (units <= 0) return 0;
  for (const licence of list[group]?.fit ?? []) {
    if (seen.has(licence)) continue;
    seen.add(licence);
    const row = given[group] as number[];
    const free = Math.min(units, rest[licence] ?? 0);
    if (free > 0) {
      rest[licence] = (rest[licence] ?? 0) - free;
      row[licence] = (row[licence] ?? 0) + free;
      return free;
    }
    for (let other = 0; other < list.length; other++) {
      const lent = given[other]?.[licence] ?? 0;
      if (other === group || lent <= 0) continue;
      const moved = push(other, Math.min(units, lent), list, given, rest, seen);
      if (moved === 0) continue;
      (given[other] as number[])[licence] = lent - moved;
      row[licence] = (row[licence] ?? 0) + moved;
      return moved;
    }
  }
  return 0;
}

/** Every version that is installed must be covered, and a named licence must be assigned. */
export function covers({ versionFrom, versionTo, named, assigned }: Entitlement, demand: Demand): boolean {
  if (named && !demand.holders.some((id) => assigned.has(id))) return false;
  return demand.versions.every(
    ({ version, family }) =>
      (versionFrom === null || compareVersions(version, versionFrom, family) >= 0) &&
      (versionTo === null || compareVersions(version, versionTo, family) <= 0),
  );
}

/** Days are whole and in UTC, the last one included. */
export function licenceState(
  { startsOn, endsOn, warnDays }: Pick<LicenceFields, 'startsOn' | 'endsOn' | 'warnDays'>,
  nowMs: Millis,
): 'coming' | 'current' | 'expiring' | 'expired' {
  if (startsOn !== null && nowMs < Date.parse(startsOn)) return 'coming';
  if (endsOn === null) return 'current';
  const endMs = Date.parse(endsOn) + DAY_MS;
  if (nowMs >= endMs) return 'expired';
  return endMs - nowMs <= warnDays * DAY_MS ? 'expiring' : 'current';
}
