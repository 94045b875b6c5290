/**
 * Rollup block: the buckets of several series over one window.
 *
 *   block  := byte version, varint series, { varint (slot − previous slot), varint bytes, series }
 *   series := varint buckets, numbers × 7: index of the bucket in its window, count, weight, sum, min, max, last
 */
import { ByteReader, ByteWriter, WireError } from '@muster/shared/wire/bytes.ts';
import type { Millis } from '@muster/shared/time.ts';
import { Buckets } from '../../metrics/buckets.ts';
import { scaled, writeNumbers, readNumbers, powerOfTen } from './numbers.ts';

export type BucketSet = Map<number, Buckets>;

const VERSION = 1;
/** Buckets of the longest window at the narrowest width, with room. */
const BUCKETS_MAX = 1_000;
const DECIMALS_TRIED = [0, 2, 3, 6];
/** Rounding error of adding some hundred doubles, relative to the sum. */
const SUM_ERROR = 1e-13;

export function encodeRollup(set: BucketSet, windowStartMs: Millis): Uint8Array {
  const filled = [...set].filter(([, buckets]) => buckets.length > 0).sort(([a], [b]) => a - b);
  const writer = new ByteWriter(4096);
  writer.byte(VERSION);
  writer.varint(filled.length);
  let lastSlot = 0;
  for (const [slot, buckets] of filled) {
    const series = encodeSeries(buckets, windowStartMs);
    writer.varint(slot - lastSlot);
    lastSlot = slot;
    writer.varint(series.length);
    writer.bytes(series);
  }
  return writer.finish();
}

/** Reads the buckets of the wanted slots and hands each set over. Throws WireError where the bytes make no sense. */
export function decodeRollup(
  bytes: Uint8Array,
  windowStartMs: Millis,
  widthMs: number,
  wanted: (slot: number) => boolean,
  take: (slot: number, buckets: Buckets) => void,
): void {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version !== VERSION) throw new WireError(`rollup block of version ${version}`);
  const series = reader.varint();
  let slot = 0;
  for (let n = 0; n < series; n++) {
    slot += reader.varint();
    const series = reader.bytes(reader.varint());
    if (wanted(slot)) take(slot, decodeSeries(new ByteReader(series), windowStartMs, widthMs));
  }
}

function encodeSeries(buckets: Buckets, windowStartMs: Millis): Uint8Array {
  const writer = new ByteWriter(512);
  writer.varint(buckets.length);
  const index = (_: Buckets, i: number) => (buckets.start(i) - windowStartMs) / buckets.stepMs;
  for (const column of [index, ...COLUMNS]) {
    const values = Float64Array.from({ length: buckets.length }, (_, i) => column(buckets, i));
    writeNumbers(writer, values, 0, values.length, bestDecimals(values));
  }
  return writer.finish();
}

function decodeSeries(reader: ByteReader, windowStartMs: Millis, widthMs: number): Buckets {
  const length = reader.varint();
  if (length > BUCKETS_MAX) throw new WireError(`${length} buckets in a window`);
  const columns = Array.from({ length: 7 }, () => new Float64Array(length));
  for (const column of columns) readNumbers(reader, column, length);
  return toBuckets(columns, length, windowStartMs, widthMs);
}

const COLUMNS = [
  (buckets: Buckets, i: number) => buckets.count(i),
  (buckets: Buckets, i: number) => buckets.weight(i),
  (buckets: Buckets, i: number) => tidySum(buckets.sum(i)),
  (buckets: Buckets, i: number) => buckets.min(i),
  (buckets: Buckets, i: number) => buckets.max(i),
  (buckets: Buckets, i: number) => buckets.last(i),
];

function toBuckets(columns: Float64Array[], length: number, windowStartMs: Millis, widthMs: number): Buckets {
  const buckets = new Buckets(widthMs);
  let last = -1;
  for (let i = 0; i < length; i++) {
    const [index, count, weight, sum, min, max, value] = columns.map((column) => column[i] as number) as Row;
    if (!(index > last)) throw new WireError('buckets out of order');
    last = index;
    buckets.add(windowStartMs + index * widthMs, count, weight, sum, min, max, value);
  }
  return buckets;
}

type Row = [number, number, number, number, number, number, number];

/** The fewest decimals that keep every value; the last tried if none does. */
function bestDecimals(values: Float64Array): number {
  const fits = (decimals: number) =>
    values.every((value) => !Number.isNaN(scaled(value, powerOfTen(decimals))));
  return DECIMALS_TRIED.find(fits) ?? (DECIMALS_TRIED.at(-1) as number);
}

/** A sum of values with few decimals has few decimals: takes the rounding error of adding off. */
function tidySum(sum: number): number {
  for (const decimals of DECIMALS_TRIED) {
    const power = powerOfTen(decimals);
    const rounded = Math.round(sum * power) / power;
    if (Math.abs(rounded - sum) <= Math.abs(sum) * SUM_ERROR) return rounded;
  }
  return sum;
}
