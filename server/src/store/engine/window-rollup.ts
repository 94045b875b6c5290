/** The first rollup of a settle window, from its samples and from the readings of counters before it. */
import type { Millis } from '@muster/shared/time.ts';
import { addSamples, Buckets } from '../../metrics/buckets.ts';
import { SampleList } from '../../metrics/sample-list.ts';
import { type Columns, isPresent, readColumn } from './columns.ts';
import { layoutOf, SETTLE_MS } from './partitions.ts';
import type { BucketSet } from './rollup-block.ts';

/** Readings that a rate looks back at: the one before it and the two distances before that. */
const READINGS_BEFORE = 3;

/** Last readings of counters before a window, by slot. */
export type ReadingsBefore = ReadonlyMap<number, SampleList>;

/** `counters`: by slot 1 for a counter. */
export function rollUpWindow(
  { times, series }: Columns,
  startMs: Millis,
  counters: Uint8Array,
  before: ReadingsBefore,
): BucketSet {
  const { widthMs, windowMs } = layoutOf('1m');
  const endMs = startMs + windowMs;
  const set: BucketSet = new Map();
  for (const column of series) {
    const isCounter = counters[column.slot] === 1;
    const list = new SampleList();
    const earlier = isCounter ? before.get(column.slot) : undefined;
    if (earlier !== undefined) list.append(earlier.times, earlier.values, 0, earlier.length);
    readColumn(times, column, startMs, endMs, list);
    const buckets = new Buckets(widthMs, SETTLE_MS / widthMs);
    addSamples(buckets, list, isCounter ? 'counter' : 'gauge', startMs, endMs);
    set.set(column.slot, buckets);
  }
  return set;
}

/** The last readings of each counter, not older than `sinceMs`: for the window that follows. */
export function lastReadings(
  { times, series }: Columns,
  counters: Uint8Array,
  sinceMs: Millis,
): ReadingsBefore {
  const last = new Map<number, SampleList>();
  for (const { slot, values, present } of series) {
    if (counters[slot] !== 1) continue;
    const rows: number[] = [];
    for (let row = times.length - 1; row >= 0 && rows.length < READINGS_BEFORE; row--) {
      if ((times[row] as number) < sinceMs) break;
      if (isPresent(present, row)) rows.push(row);
    }
    const list = new SampleList();
    for (let i = rows.length - 1; i >= 0; i--)
      list.push(times[rows[i] as number] as number, values[values.length - 1 - i] as number);
    last.set(slot, list);
  }
  return last;
}
