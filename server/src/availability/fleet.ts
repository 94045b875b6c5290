/** Availability of many machines: figures of all, of groups, of each; from slices to sorted pages. Pure. */
import type {
  AVAILABILITY_GROUPINGS,
  AVAILABILITY_SORTS,
  GroupAvailability,
  MachineAvailability,
} from '@muster/shared/api/fleet-availability.ts';
import type { AvailabilityFormula } from '@muster/shared/api/availability.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import type { CiEntry } from '../cmdb/directory.ts';
import type { Reading } from './ledger.ts';
import { Totals } from './slices.ts';

export interface MachineFilter {
  readonly class?: string | undefined;
  /** Empty: those without. */
  readonly site?: string | undefined;
  readonly tag?: string | undefined;
  readonly q?: string | undefined;
}

export function matches(entry: CiEntry, { class: ciClass, site, tag, q }: MachineFilter): boolean {
  return (
    (ciClass === undefined || entry.class === ciClass) &&
    (site === undefined || (entry.site ?? '') === site) &&
    (tag === undefined || (tag === '' ? entry.tags.length === 0 : entry.tags.includes(tag))) &&
    (q === undefined || entry.name.toLowerCase().includes(q.toLowerCase()))
  );
}

/** A machine with agreed or planned time in the period. */
export interface MachineTotals {
  readonly entry: CiEntry;
  readonly totals: Totals;
}

export function machineTotals(entries: Iterable<CiEntry>, reading: Reading): MachineTotals[] {
  const made: MachineTotals[] = [];
  for (const entry of entries) {
    const totals = new Totals();
    for (let i = 0; i < reading.cells.length; i++) totals.next(reading.slice(entry.id, i));
    if (totals.agreedMs > 0) made.push({ entry, totals });
  }
  return made;
}

export function groupFigures(
  key: string | null,
  machines: readonly MachineTotals[],
  reading: Reading,
  formula: AvailabilityFormula,
): GroupAvailability {
  const all = new Totals();
  for (const { totals } of machines) all.add(totals);
  return {
    key,
    ...all.figures(formula),
    machines: machines.length,
    machinesWithOutage: machines.filter(({ totals }) => totals.outages > 0).length,
    days: dayFigures(
      machines.map(({ entry }) => entry.id),
      reading,
    ),
  };
}

export function machineFigures(
  { entry, totals }: MachineTotals,
  reading: Reading,
  formula: AvailabilityFormula,
): MachineAvailability {
  return {
    ciId: entry.id,
    ciName: entry.name,
    ciClass: entry.class,
    site: entry.site,
    tags: [...entry.tags],
    ...totals.figures(formula),
    days: dayFigures([entry.id], reading),
  };
}

function dayFigures(ciIds: readonly string[], reading: Reading): [number, number, number][] {
  return reading.cells.map((_, index) => {
    const sum: [number, number, number] = [0, 0, 0];
    for (const ciId of ciIds) {
      const { agreedMs, downMs, unknownMs } = reading.slice(ciId, index);
      sum[0] += agreedMs;
      sum[1] += downMs;
      sum[2] += unknownMs;
    }
    return [sum[0] / SECOND_MS, sum[1] / SECOND_MS, sum[2] / SECOND_MS];
  });
}

type Grouping = (typeof AVAILABILITY_GROUPINGS)[number];

/** Groups beyond the largest of these are left out: a chart of a thousand tags says nothing. */
export const GROUPS_MAX = 200;

/** The largest first; a machine stands in each of its tags. */
export function grouped(
  machines: readonly MachineTotals[],
  groupBy: Grouping,
): { key: string | null; machines: MachineTotals[] }[] {
  const groups = new Map<string | null, MachineTotals[]>();
  for (const machine of machines) {
    for (const key of keysOf(machine.entry, groupBy)) {
      const group = groups.get(key);
      if (group) group.push(machine);
      else groups.set(key, [machine]);
    }
  }
  return [...groups]
    .map(([key, members]) => ({ key, machines: members }))
    .sort((a, b) => b.machines.length - a.machines.length || compareKeys(a.key, b.key))
    .slice(0, GROUPS_MAX);
}

function keysOf({ class: ciClass, site, tags }: CiEntry, groupBy: Grouping): readonly (string | null)[] {
  switch (groupBy) {
    case 'none':
      return [];
    case 'class':
      return [ciClass];
    case 'site':
      return [site];
    case 'tag':
      return tags.length === 0 ? [null] : tags;
  }
}

/** Without a key stands last. */
function compareKeys(a: string | null, b: string | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return a.localeCompare(b);
}

export type AvailabilitySort = (typeof AVAILABILITY_SORTS)[number];

/** What a machine is sorted by; equal for the last row of a page and the cursor made of it. */
export interface SortKey {
  readonly first: number;
  readonly second: number;
  readonly name: string;
  readonly id: string;
}

/** Ascending order of these is the order asked for. */
export function sortKey(
  { entry, totals }: MachineTotals,
  sort: AvailabilitySort,
  formula: AvailabilityFormula,
): SortKey {
  const { availability, coverage } = totals.figures(formula);
  const { downMs, outages } = totals;
  const rest = { name: entry.name, id: entry.id };
  switch (sort) {
    case 'worst':
      return { ...rest, first: availability ?? Number.MAX_VALUE, second: -downMs };
    case 'best':
      return { ...rest, first: availability === null ? Number.MAX_VALUE : -availability, second: downMs };
    case 'name':
      return { ...rest, first: 0, second: 0 };
    case 'coverage':
      return { ...rest, first: coverage ?? Number.MAX_VALUE, second: -downMs };
    case 'down':
      return { ...rest, first: -downMs, second: availability ?? Number.MAX_VALUE };
    case 'outages':
      return { ...rest, first: -outages, second: -downMs };
  }
}

const names = new Intl.Collator('en', { numeric: true });

export function compareSortKeys(a: SortKey, b: SortKey): number {
  return (
    a.first - b.first ||
    a.second - b.second ||
    names.compare(a.name, b.name) ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  );
}
