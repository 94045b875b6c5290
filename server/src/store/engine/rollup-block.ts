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
import { RateDistances } from './rate-distances.ts';
import { readValues, writeValues } from './rollup-values.ts';

/** Scratch: what is written of a block before it is joined, and the block. */
const table = new ByteWriter(1024);
const body = new ByteWriter(16 << 10);
const joined = new ByteWriter(16 << 10);
const packed = new ByteWriter(1024);
let indexes = new Float64Array(256);
let told = new Float64Array(256);

export type BucketSet = Map<number, Buckets>;

const VERSION = 3;
/** Buckets of the longest window at the narrowest width, with room. */
const BUCKETS_MAX = 1_000;
/** Rounding error of adding some hundred durations, relative to their sum. */
const WEIGHT_ERROR = 1e-13;

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
  const distances = new RateDistances(distancesMs);
  table.reset();
  body.reset();
  let lastSlot = 0;
  for (const [slot, buckets] of filled) {
    const before = body.length;
    writeSeries(body, pool, buckets, windowStartMs, distances);
    table.varint(slot - lastSlot);
    table.varint(body.length - before);
    lastSlot = slot;
  }
  joined.reset();
  joined.byte(VERSION);
  pool.write(joined);
  joined.varint(filled.length);
  joined.bytes(table.written());
  joined.bytes(body.written());
  return joined.finish();
}

/**
 * Reads the buckets of the wanted slots and hands each set over. Throws WireError where the bytes make no sense. `room`:
 * buckets of the same width that may be filled again and again; those handed over are then good until `take` returns.
 */
export function decodeRollup(
  bytes: Uint8Array,
  windowStartMs: Millis,
  widthMs: number,
  wanted: (slot: number) => boolean,
  take: (slot: number, buckets: Buckets) => void,
  room?: Buckets,
): void {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version !== VERSION) throw new WireError(`rollup block of version ${version}`);
  const pool = new PoolReader(reader);
  for (const { slot, bytes: series } of readTable(reader)) {
    if (wanted(slot)) take(slot, readSeries(series, pool, windowStartMs, widthMs, room));
  }
}

function writeSeries(
  writer: ByteWriter,
  pool: PoolWriter,
  buckets: Buckets,
  windowStartMs: Millis,
  distances: RateDistances,
): void {
  const { length, stepMs, starts } = buckets;
  const counts = buckets.counts.subarray(0, length);
  if (length > indexes.length) {
    indexes = new Float64Array(length * 2);
    told = new Float64Array(length * 2);
  }
  for (let i = 0; i < length; i++) indexes[i] = ((starts[i] as number) - windowStartMs) / stepMs;
  const weights = toldWeights(buckets);
  writer.varint(pool.place(indexes.subarray(0, length)));
  const countsPlace = pool.place(counts);
  writer.varint(countsPlace);
  writer.varint(weights === undefined ? countsPlace : pool.place(weights));
  writeValues(writer, buckets, weights, distances);
}

/** Seconds covered, to the millisecond if only the rounding errors of adding keep them from it; undefined for a gauge. Good until the next call. */
function toldWeights({ counts, weights, length }: Buckets): Float64Array | undefined {
  let same = 0;
  while (same < length && weights[same] === counts[same]) same += 1;
  if (same === length) return undefined;
  for (let i = 0; i < length; i++) {
    const weight = weights[i] as number;
    const rounded = Math.round(weight * 1000) / 1000;
    told[i] = Math.abs(rounded - weight) <= Math.abs(weight) * WEIGHT_ERROR ? rounded : weight;
  }
  return told.subarray(0, length);
}

function readSeries(
  bytes: Uint8Array,
  pool: PoolReader,
  windowStartMs: Millis,
  widthMs: number,
  room: Buckets | undefined,
): Buckets {
  const reader = new ByteReader(bytes);
  const indexes = pool.column(reader.varint());
  const isRoom = room !== undefined && room.starts.length >= indexes.length;
  const buckets = isRoom ? room : new Buckets(widthMs, indexes.length);
  buckets.length = indexes.length;
  buckets.counts.set(pool.column(reader.varint(), indexes.length));
  buckets.weights.set(pool.column(reader.varint(), indexes.length));
  readValues(reader, buckets);
  reader.end();
  let last = -1;
  for (let i = 0; i < indexes.length; i++) {
    const index = indexes[i] as number;
    if (!(index > last && Number.isInteger(index))) throw new WireError('buckets out of order');
    last = index;
    buckets.starts[i] = windowStartMs + index * widthMs;
  }
  return buckets;
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

  /** Place of an equal column; a copy is added if there is none. */
  place(column: Float64Array): number {
    const known = this.#columns.findIndex((one) => isSame(one, column));
    return known >= 0 ? known : this.#columns.push(column.slice()) - 1;
  }

  write(writer: ByteWriter): void {
    writer.varint(this.#columns.length);
    for (const column of this.#columns) {
      packed.reset();
      packNumbers(packed, column, column.length, undefined, true);
      writer.varint(column.length);
      writer.varint(packed.length);
      writer.bytes(packed.written());
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

  /** `length`: what it must have. */
  column(place: number, length?: number): Float64Array {
    const column = this.#columns[place] ?? this.#unpack(place);
    if (length !== undefined && column.length !== length)
      throw new WireError('columns of a series differ in length');
    return column;
  }

  #unpack(place: number): Float64Array {
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
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
