/** How long incidents took, per month: to be noticed and to be restored. Pure. */
import { type IncidentTimesRow, isOpen } from '@muster/shared/api/incidents.ts';
import type { Millis } from '@muster/shared/time.ts';
import { AppError } from '../errors.ts';
import type { TimesFacts } from './store.ts';

/** 'YYYY-MM'. */
const MONTH_CHARS = 7;
/** Groups of which rows are made; further ones are only in the rows of all. */
const GROUPS_MAX = 50;

/** Begin of the month that lies `months − 1` before the one of `nowMs`. @throws AppError input-invalid: unknown zone */
export function firstMonthMs(nowMs: Millis, months: number, timeZone: string): Millis {
  const begin = zoned(nowMs, timeZone)
    .with({ day: 1 })
    .startOfDay()
    .subtract({ months: months - 1 });
  return begin.epochMilliseconds;
}

/**
 * One row per month of all, of each priority and of each support group that had incidents, by the month in which they were
 * opened. Time to acknowledge runs from the opening, time to restore from the breach to the resolution that was verified.
 */
export function timesPerMonth(incidents: readonly TimesFacts[], timeZone: string): IncidentTimesRow[] {
  const buckets = new Map<string, { key: RowKey; facts: TimesFacts[] }>();
  const put = (key: RowKey, facts: TimesFacts) => {
    const id = `${key.month} ${key.priority ?? ''} ${key.group ?? ''}`;
    const held = buckets.get(id);
    if (held) held.facts.push(facts);
    else buckets.set(id, { key, facts: [facts] });
  };
  const counts = new Map<string, number>();
  for (const { supportGroup } of incidents)
    if (supportGroup) counts.set(supportGroup.name, (counts.get(supportGroup.name) ?? 0) + 1);
  const groups = new Set(
    [...counts]
      .toSorted((a, b) => b[1] - a[1])
      .slice(0, GROUPS_MAX)
      .map(([name]) => name),
  );
  for (const facts of incidents) {
    const month = zoned(facts.openedAtMs, timeZone).toPlainDate().toString().slice(0, MONTH_CHARS);
    put({ month, priority: null, group: null }, facts);
    put({ month, priority: facts.priority, group: null }, facts);
    const group = facts.supportGroup?.name;
    if (group !== undefined && groups.has(group)) put({ month, priority: null, group }, facts);
  }
  return [...buckets.values()].map(rowOf).toSorted(inOrder);
}

interface RowKey {
  readonly month: string;
  readonly priority: number | null;
  readonly group: string | null;
}

function rowOf({ key, facts }: { key: RowKey; facts: readonly TimesFacts[] }): IncidentTimesRow {
  const acknowledge = facts.flatMap(({ openedAtMs, acknowledgedAtMs }) =>
    acknowledgedAtMs === null ? [] : [acknowledgedAtMs - openedAtMs],
  );
  const restore = facts.flatMap(({ openedAtMs, breachedAtMs, resolvedAtMs, restoredAtMs, state }) =>
    resolvedAtMs === null ||
    isOpen(state) ||
    state === 'resolved' ||
    (state === 'closed' && restoredAtMs === null)
      ? []
      : [Math.max(0, resolvedAtMs - (breachedAtMs ?? openedAtMs))],
  );
  return {
    ...key,
    opened: facts.length,
    acknowledge: spread(acknowledge),
    restore: spread(restore),
    reopened: facts.filter(({ reopenings }) => reopenings > 0).length,
    byThemselves: facts.filter(
      ({ resolution, acknowledgedAtMs, state }) =>
        resolution === 'recovered-by-itself' && acknowledgedAtMs === null && !isOpen(state),
    ).length,
  };
}

/** Nearest-rank 90th percentile; the median of an even number is the mean of the middle two. */
export function spread(values: readonly number[]): IncidentTimesRow['acknowledge'] {
  const sorted = values.toSorted((a, b) => a - b);
  const count = sorted.length;
  if (count === 0) return { count, medianMs: null, meanMs: null, p90Ms: null };
  const at = (index: number) => sorted[index] ?? 0;
  return {
    count,
    medianMs: (at(Math.floor((count - 1) / 2)) + at(Math.ceil((count - 1) / 2))) / 2,
    meanMs: sorted.reduce((sum, value) => sum + value, 0) / count,
    p90Ms: at(Math.ceil(0.9 * count) - 1),
  };
}

function inOrder(a: IncidentTimesRow, b: IncidentTimesRow): number {
  const kind = ({ priority, group }: IncidentTimesRow) => (group !== null ? 2 : priority !== null ? 1 : 0);
  return (
    (a.month < b.month ? -1 : a.month > b.month ? 1 : 0) ||
    kind(a) - kind(b) ||
    (a.priority ?? 0) - (b.priority ?? 0) ||
    ((a.group ?? '') < (b.group ?? '') ? -1 : 1)
  );
}

function zoned(atMs: Millis, timeZone: string): Temporal.ZonedDateTime {
  try {
    return Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone);
  } catch (error) {
    if (error instanceof RangeError)
      throw new AppError('input-invalid', `There is no time zone ${timeZone}.`);
    throw error;
  }
}
