/**
 * Rollup block: the buckets of several series over one window. What is the same for several series (which buckets there
 * are, how many samples, how much time) is written once. The bytes are small as they are; compressing them once more gains nothing.
 *
 *   block  := byte version, varint pool, { varint length, varint bytes, packed numbers }, varint series,
 *             { varint (slot − previous slot), varint bytes }, series …
 *   series := varint index, varint count, varint weight (places in the pool: of the buckets in their window, of the numbers
 *             of samples, of the weights), values (rollup-values.ts)
 */
import { ByteReader, ByteWriter, WireError } from '@muster/shared/wire/bytes.ts';
import type { Millis } from '@muster/shared/time.ts';
import { Buckets } from '../../metrics/buckets.ts';
import { packNumbers, unpackNumbers } from './packed-numbers.ts';
import { type BucketColumns, readValues, tidy, writeValues } from './rollup-values.ts';

export type BucketSet = Map<number, Buckets>;

const VERSION = 2;
/** Buckets of the longest window at the narrowest width, with room. */
const BUCKETS_MAX = 1_000;

/**
 * Values come back as they were put in, sums and weights without the rounding errors of adding (at most 1e-13 of what was
 * added). `distancesMs`: distances between neighbouring samples that are known to occur, a hint that saves a search.
 */
export function encodeRollup(
  set: BucketSet,
  windowStartMs: Millis,
  distancesMs: readonly number[] = [],
): Uint8Array {
  const filled = [...set].filter(([, buckets]) => buckets.length > 0).sort(([a], [b]) => a - b);
  const pool = new PoolWriter();
  const table = new ByteWriter(256);
  const body = new ByteWriter(4096);
  let lastSlot = 0;
  for (const [slot, buckets] of filled) {
    const before = body.length;
    writeSeries(body, pool, buckets, windowStartMs, distancesMs);
    table.varint(slot - lastSlot);
    table.varint(body.length - before);
    lastSlot = slot;
  }
  const writer = new ByteWriter(body.length + 1024);
  writer.byte(VERSION);
  pool.write(writer);
  writer.varint(filled.length);
  writer.bytes(table.finish());
  writer.bytes(body.finish());
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
  const pool = new PoolReader(reader);
  for (const { slot, bytes: series } of readTable(reader)) {
    if (wanted(slot)) take(slot, readSeries(series, pool, windowStartMs, widthMs));
  }
}

function writeSeries(
  writer: ByteWriter,
  pool: PoolWriter,
  buckets: Buckets,
  windowStartMs: Millis,
  distancesMs: readonly number[],
): void {
  const { length } = buckets;
  const columns = emptyColumns(length);
  const { weights, sums, mins, maxs, lasts } = columns;
  const indexes = new Float64Array(length);
  const counts = new Float64Array(length);
  let isRate = false;
  for (let i = 0; i < length; i++) {
    indexes[i] = (buckets.start(i) - windowStartMs) / buckets.stepMs;
    counts[i] = buckets.count(i);
    weights[i] = buckets.weight(i);
    sums[i] = buckets.sum(i);
    mins[i] = buckets.min(i);
    maxs[i] = buckets.max(i);
    lasts[i] = buckets.last(i);
    if (weights[i] !== counts[i]) isRate = true;
  }
  tidy(columns);
  for (const column of [indexes, counts, weights]) writer.varint(pool.place(column));
  writeValues(writer, columns, isRate, distancesMs);
}

function readSeries(bytes: Uint8Array, pool: PoolReader, windowStartMs: Millis, widthMs: number): Buckets {
  const reader = new ByteReader(bytes);
  const indexes = pool.column(reader.varint());
  const counts = pool.column(reader.varint());
  const columns = { ...emptyColumns(indexes.length), weights: pool.column(reader.varint()) };
  const { weights, sums, mins, maxs, lasts } = columns;
  if (counts.length !== indexes.length || weights.length !== indexes.length)
    throw new WireError('columns of a series differ in length');
  readValues(reader, columns);
  reader.end();
  const buckets = new Buckets(widthMs);
  let last = -1;
  for (let i = 0; i < indexes.length; i++) {
    const index = indexes[i] as number;
    if (!(index > last)) throw new WireError('buckets out of order');
    last = index;
    buckets.add(
      windowStartMs + index * widthMs,
      counts[i] as number,
      weights[i] as number,
      sums[i] as number,
      mins[i] as number,
      maxs[i] as number,
      lasts[i] as number,
    );
  }
  return buckets;
}

function emptyColumns(length: number): BucketColumns {
  const column = () => new Float64Array(length);
  return { weights: column(), sums: column(), mins: column(), maxs: column(), lasts: column() };
}

function readTable(reader: ByteReader): { slot: number; bytes: Uint8Array }[] {
  const count = reader.varint();
  if (count * 2 > reader.remaining) throw new WireError(`rollup block of ${count} series`);
  const sizes: { slot: number; length: number }[] = [];
  let slot = 0;
  for (let i = 0; i < count; i++) {
    slot += reader.varint();
    sizes.push({ slot, length: reader.varint() });
  }
  return sizes.map(({ slot: one, length }) => ({ slot: one, bytes: reader.bytes(length) }));
}

/** Columns that series share. */
class PoolWriter {
  readonly #columns: Float64Array[] = [];

  /** Place of an equal column, which is added if there is none. */
  place(column: Float64Array): number {
    const known = this.#columns.findIndex((one) => isSame(one, column));
    return known >= 0 ? known : this.#columns.push(column) - 1;
  }

  write(writer: ByteWriter): void {
    writer.varint(this.#columns.length);
    for (const column of this.#columns) {
      const packed = new ByteWriter(256);
      packNumbers(packed, column, column.length, undefined, true);
      writer.varint(column.length);
      writer.varint(packed.length);
      writer.bytes(packed.finish());
    }
  }
}

class PoolReader {
  readonly #packed: { readonly length: number; readonly bytes: Uint8Array }[] = [];
  readonly #columns: Float64Array[] = [];

  constructor(reader: ByteReader) {
    const count = reader.varint();
    if (count * 2 > reader.remaining) throw new WireError(`rollup block with a pool of ${count}`);
    for (let i = 0; i < count; i++) {
      const length = reader.varint();
      if (length > BUCKETS_MAX) throw new WireError(`${length} buckets in a window`);
      this.#packed.push({ length, bytes: reader.bytes(reader.varint()) });
    }
  }

  column(place: number): Float64Array {
    const known = this.#columns[place];
    if (known !== undefined) return known;
    const packed = this.#packed[place];
    if (packed === undefined) throw new WireError('no such column in the pool');
    const reader = new ByteReader(packed.bytes);
    const column = new Float64Array(packed.length);
    unpackNumbers(reader, column, packed.length);
    reader.end();
    this.#columns[place] = column;
    return column;
  }
}

function isSame(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
