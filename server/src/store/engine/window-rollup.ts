/** The first rollup of a settle window, from its samples and from the readings of counters before it. */
import type { Millis } from '@muster/shared/time.ts';
import { addRates, addReadings, Buckets } from '../../metrics/buckets.ts';
import { fillRates } from '../../metrics/rates.ts';
import { type Column, type Columns, isPresent } from './columns.ts';
import { groupOf, layoutOf } from './partitions.ts';
import type { Histogram } from './histogram.ts';
import type { HistogramSet } from './histogram-block.ts';
import { countByHours } from './hour-histograms.ts';
import type { BucketSet } from './rollup-block.ts';

/** How the readings of a series are rolled up: percentages and counters get histograms too. */
export const SERIES_KINDS = { gauge: 0, counter: 1, percent: 2 } as const;

/** Readings that a rate looks back at: the one before it and the two distances before that. */
export const READINGS_BEFORE = 3;
/** Room to begin with: two hours at the regular interval. */
const ROWS_FIRST = 1024;

/** Readings of one series, ascending. */
export interface Readings {
  readonly times: Float64Array;
  readonly values: Float64Array;
}

/** Last readings of counters before a window, by slot. */
export type ReadingsBefore = ReadonlyMap<number, Readings>;

/** Rolls windows up one after the other in room of its own. */
export class WindowRollup {
  readonly #layout = layoutOf('1m');
  #times = new Float64Array(ROWS_FIRST);
  #values = new Float64Array(ROWS_FIRST);
  #rates = new Float64Array(ROWS_FIRST);
  readonly #free: Buckets[] = [];

  /** `kinds`: by slot. `take` gets the buckets of each group that has any; they are its own until it returns. Returns the histograms. */
  rollUp(
    { times, series }: Columns,
    kinds: Uint8Array,
    before: ReadingsBefore,
    take: (group: number, set: BucketSet) => void,
  ): HistogramSet {
    const histograms: HistogramSet = new Map();
    for (let i = 0; i < series.length; ) {
      const group = groupOf((series[i] as Column).slot);
      const set: BucketSet = new Map();
      for (; i < series.length && groupOf((series[i] as Column).slot) === group; i++) {
        const column = series[i] as Column;
        const kind = kinds[column.slot] ?? SERIES_KINDS.gauge;
        const hours = new Map<Millis, Histogram>();
        const buckets = this.#rollUpColumn(times, column, kind, before.get(column.slot), hours);
        if (hours.size > 0) histograms.set(column.slot, hours);
        if (buckets.length > 0) set.set(column.slot, buckets);
        else this.#free.push(buckets);
      }
      if (set.size === 0) continue;
      take(group, set);
      this.#free.push(...set.values());
    }
    return histograms;
  }

  #rollUpColumn(
    times: Float64Array,
    { values, present }: Column,
    kind: number,
    before: Readings | undefined,
    hours: Map<Millis, Histogram>,
  ): Buckets {
    const isCounter = kind === SERIES_KINDS.counter;
    const buckets =
      this.#free.pop() ?? new Buckets(this.#layout.widthMs, this.#layout.windowMs / this.#layout.widthMs);
    buckets.reset();
    if (!isCounter && present === undefined) {
      addReadings(buckets, 'gauge', times, values, 0, values.length);
      if (kind === SERIES_KINDS.percent) countByHours(hours, 'percent', times, values, 0, values.length);
      return buckets;
    }
    const earlier = isCounter ? (before?.times.length ?? 0) : 0;
    this.#reserve(earlier + values.length);
    if (earlier > 0) {
      this.#times.set((before as Readings).times);
      this.#values.set((before as Readings).values, 0);
    }
    this.#values.set(values, earlier);
    if (present === undefined) this.#times.set(times, earlier);
    else this.#pickTimes(times, present, earlier);
    const end = earlier + values.length;
    if (isCounter) {
      fillRates(this.#times, this.#values, earlier, end, this.#rates);
      addRates(buckets, this.#times, this.#rates, earlier, end);
      countByHours(hours, 'log', this.#times, this.#rates, earlier, end);
      return buckets;
    }
    addReadings(buckets, 'gauge', this.#times, this.#values, earlier, end);
    if (kind === SERIES_KINDS.percent)
      countByHours(hours, 'percent', this.#times, this.#values, earlier, end);
    return buckets;
  }

  #pickTimes(times: Float64Array, present: Uint8Array, at: number): void {
    let next = at;
    for (let row = 0; row < times.length; row++) {
      if (isPresent(present, row)) this.#times[next++] = times[row] as number;
    }
  }

  #reserve(rows: number): void {
    if (rows <= this.#times.length) return;
    this.#times = new Float64Array(rows * 2);
    this.#values = new Float64Array(rows * 2);
    this.#rates = new Float64Array(rows * 2);
  }
}

/** The last readings of each counter, not older than `sinceMs`: for the window that follows. */
export function lastReadings({ times, series }: Columns, kinds: Uint8Array, sinceMs: Millis): ReadingsBefore {
  const last = new Map<number, Readings>();
  for (const { slot, values, present } of series) {
    if (kinds[slot] !== SERIES_KINDS.counter) continue;
    const found: number[] = [];
    for (let row = times.length - 1; row >= 0 && found.length < READINGS_BEFORE; row--) {
      if ((times[row] as number) < sinceMs) break;
      if (isPresent(present, row)) found.unshift(times[row] as number);
    }
    if (found.length > 0)
      last.set(slot, { times: Float64Array.from(found), values: values.slice(values.length - found.length) });
  }
  return last;
}
