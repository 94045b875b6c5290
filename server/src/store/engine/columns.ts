/** Columns: samples of several series of one machine over common rows of time, as blocks are made of and read into. */
import type { Millis } from '@muster/shared/time.ts';
import type { SampleList } from '../../metrics/sample-list.ts';

/** Samples of one series. */
export interface Column {
  /** Place of the series in the machine's list. */
  readonly slot: number;
  /** Decimals that its values are known to have, a hint for encoding; undefined: not known. */
  readonly decimals: number | undefined;
  /** The values that are there, in order of time, without holes. */
  readonly values: Float64Array;
  /** Bit i of byte i >> 3, least first: whether row i has a value. Undefined: every row has. */
  readonly present: Uint8Array | undefined;
}

/** Several series over the same rows. */
export interface Columns {
  /** Ascend strictly. */
  readonly times: Float64Array;
  /** Ascending by slot; none is empty. */
  readonly series: readonly Column[];
}

/** What columns can be read from. Reading throws WireError where bytes make no sense. */
export interface ColumnSource {
  readonly times: Float64Array;
  /** Ascending. */
  slots(): ArrayLike<number> & Iterable<number>;
  column(slot: number): Column | undefined;
  /** Of the column at this place in `slots`: decimals, rows that have a value, and its values put into an array from `at` on; their number is returned. */
  decimalsAt(index: number): number | undefined;
  presentAt(index: number): Uint8Array | undefined;
  valuesInto(index: number, into: Float64Array, at: number): number;
}

export function isPresent(present: Uint8Array | undefined, row: number): boolean {
  return present === undefined || (((present[row >> 3] as number) >> (row & 7)) & 1) === 1;
}

/** Rows of so many that are present. */
export function countRows(present: Uint8Array, rows: number): number {
  let count = 0;
  for (let row = 0; row < rows; row += 8) {
    const left = rows - row;
    let rest = (present[row >> 3] as number) & (left >= 8 ? 255 : (1 << left) - 1);
    for (; rest !== 0; rest &= rest - 1) count += 1;
  }
  return count;
}

/** First row whose time is not before `atMs`. */
export function lowerBound(times: Float64Array, atMs: Millis): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] as number) < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Adds the samples of a column with times in [fromMs, toMs) to a list. */
export function readColumn(
  times: Float64Array,
  { values, present }: Column,
  fromMs: Millis,
  toMs: Millis,
  into: SampleList,
): void {
  const end = lowerBound(times, toMs);
  const first = lowerBound(times, fromMs);
  if (present === undefined) {
    for (let row = first; row < end; row++) into.push(times[row] as number, values[row] as number);
    return;
  }
  let next = 0;
  for (let row = 0; row < end; row++) {
    if ((((present[row >> 3] as number) >> (row & 7)) & 1) === 0) continue;
    if (row >= first) into.push(times[row] as number, values[next] as number);
    next += 1;
  }
}
