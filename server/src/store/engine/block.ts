/**
 * Block: samples of the series of one machine over the same rows of time. Series are named by their slot, their place
 * in the machine's list.
 *
 *   block   := byte version, varint rows, times, varint columns, { varint (slot − previous slot), varint bytes }, column …
 *   times   := numbers (differences of times, the first from 0)
 *   column  := byte 0 (in every row) | byte 1, bitmap (bit i of byte i>>3: row i, least first);  numbers
 */
import { ByteReader, ByteWriter, WireError } from '@muster/shared/wire/bytes.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { SampleList } from '../../metrics/sample-list.ts';
import { type Column, type ColumnSource, countBits, readColumn } from './columns.ts';
import { readNumbers, writeNumbers } from './numbers.ts';

const VERSION = 1;
/** Guards against a corrupt count; far above what a day of one machine has. */
const ROWS_MAX = 1 << 20;

/** Series of a machine by slot. */
export type SampleSet = Map<number, SampleList>;

export class BlockWriter {
  readonly #rows: number;
  readonly #head = new ByteWriter(256);
  readonly #table = new ByteWriter(512);
  readonly #body = new ByteWriter(4096);
  #columns = 0;
  #lastSlot = 0;

  /** Times ascend strictly. */
  constructor(times: Float64Array, rows: number) {
    this.#rows = rows;
    const differences = new Float64Array(rows);
    for (let i = 0; i < rows; i++)
      differences[i] = (times[i] as number) - (i > 0 ? (times[i - 1] as number) : 0);
    this.#head.byte(VERSION);
    this.#head.varint(rows);
    writeNumbers(this.#head, differences, 0, rows, 0);
  }

  /** Slots ascend. `present` is undefined when there is a value in every row; `values` holds only those that are there. */
  column(
    slot: number,
    values: Float64Array,
    offset: number,
    count: number,
    decimals: number,
    present?: Uint8Array,
  ): void {
    const before = this.#body.length;
    if (present === undefined) this.#body.byte(0);
    else {
      this.#body.byte(1);
      this.#body.bytes(present.subarray(0, (this.#rows + 7) >> 3));
    }
    writeNumbers(this.#body, values, offset, count, decimals);
    this.#table.varint(slot - this.#lastSlot);
    this.#table.varint(this.#body.length - before);
    this.#lastSlot = slot;
    this.#columns += 1;
  }

  finish(): Uint8Array {
    this.#head.varint(this.#columns);
    this.#head.bytes(this.#table.finish());
    this.#head.bytes(this.#body.finish());
    return this.#head.finish();
  }
}

/** Encodes settled lists; `decimals` gives the scale to try for a slot. */
export function encodeBlock(set: SampleSet, decimals: (slot: number) => number): Uint8Array {
  const times = unionOfTimes(set);
  const writer = new BlockWriter(times, times.length);
  for (const [slot, list] of [...set].sort(([a], [b]) => a - b)) {
    if (list.length === 0) continue;
    const present = list.length === times.length ? undefined : presence(times, list);
    writer.column(slot, list.values, 0, list.length, decimals(slot), present);
  }
  return writer.finish();
}

/**
 * Encodes up to 32 rows of a machine. `values` is row-major: row × stride + slot. Bit r of `present[slot]` says whether
 * row r has a value; undefined: every row of every slot has. `decimalsOf` gives the scale to try. Times ascend strictly.
 */
export function sealRows(
  times: Float64Array,
  rows: number,
  stride: number,
  values: Float64Array,
  slots: number,
  present: Uint32Array | undefined,
  decimalsOf: (slot: number) => number,
): Uint8Array {
  const writer = new BlockWriter(times, rows);
  const all = rows === 32 ? 0xffff_ffff : (1 << rows) - 1;
  const packed = new Float64Array(rows);
  for (let slot = 0; slot < slots; slot++) {
    const word = ((present?.[slot] ?? all) & all) >>> 0;
    if (word === 0) continue;
    let count = 0;
    for (let row = 0; row < rows; row++) {
      if ((word >>> row) & 1) packed[count++] = values[row * stride + slot] as number;
    }
    const bitmap = word === all ? undefined : new Uint8Array(Uint32Array.of(word).buffer);
    writer.column(slot, packed, 0, count, decimalsOf(slot), bitmap);
  }
  return writer.finish();
}

/** A block opened for reading. Throws WireError where the bytes make no sense. */
export class Block implements ColumnSource {
  readonly times: Float64Array;
  readonly #bytes: Uint8Array;
  readonly #columns = new Map<number, { offset: number; length: number }>();

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    const reader = new ByteReader(bytes);
    const version = reader.byte();
    if (version !== VERSION) throw new WireError(`block of version ${version}`);
    const rows = reader.varint();
    if (rows > ROWS_MAX) throw new WireError(`block of ${rows} rows`);
    this.times = new Float64Array(rows);
    readNumbers(reader, this.times, rows);
    for (let i = 1; i < rows; i++) this.times[i] = (this.times[i] as number) + (this.times[i - 1] as number);
    this.#readTable(reader);
  }

  slots(): Iterable<number> {
    return this.#columns.keys();
  }

  firstMs(): Millis {
    return this.times[0] as number;
  }
  lastMs(): Millis {
    return this.times[this.times.length - 1] as number;
  }

  /** All samples of a slot; undefined if the block has none. */
  column(slot: number): Column | undefined {
    const column = this.#columns.get(slot);
    if (column === undefined) return undefined;
    const rows = this.times.length;
    const reader = new ByteReader(this.#bytes.subarray(column.offset, column.offset + column.length));
    const present = reader.byte() === 0 ? undefined : reader.bytes((rows + 7) >> 3);
    const values = new Float64Array(present === undefined ? rows : countBits(present));
    return { slot, decimals: readNumbers(reader, values, values.length), values, present };
  }

  /** Adds the samples of a slot with times in [fromMs, toMs) to the list; returns the column's decimals, if it has. */
  read(slot: number, fromMs: Millis, toMs: Millis, into: SampleList): number | undefined {
    const column = this.column(slot);
    if (column !== undefined) readColumn(this.times, column, fromMs, toMs, into);
    return column?.decimals;
  }

  #readTable(reader: ByteReader): void {
    const count = reader.varint();
    const lengths: [slot: number, length: number][] = [];
    let slot = 0;
    for (let i = 0; i < count; i++) {
      slot += reader.varint();
      lengths.push([slot, reader.varint()]);
    }
    let offset = this.#bytes.length - reader.remaining;
    for (const [at, length] of lengths) {
      if (offset + length > this.#bytes.length) throw new WireError('column beyond the end of its block');
      this.#columns.set(at, { offset, length });
      offset += length;
    }
  }
}

function unionOfTimes(set: SampleSet): Float64Array {
  const lists = [...set.values()].filter((list) => list.length > 0);
  const longest = lists.reduce<SampleList | undefined>(
    (best, list) => (best === undefined || list.length > best.length ? list : best),
    undefined,
  );
  if (longest === undefined) return new Float64Array(0);
  if (lists.every((list) => isWithin(list, longest))) return longest.times.subarray(0, longest.length);
  const distinct = new Set<number>();
  for (const list of lists) for (let i = 0; i < list.length; i++) distinct.add(list.times[i] as number);
  return Float64Array.from(distinct).sort();
}

/** Whether all times of one settled list are in the other. */
function isWithin(list: SampleList, other: SampleList): boolean {
  let at = 0;
  for (let i = 0; i < list.length; i++) {
    while (at < other.length && (other.times[at] as number) < (list.times[i] as number)) at += 1;
    if (at === other.length || other.times[at] !== list.times[i]) return false;
  }
  return true;
}

function presence(times: Float64Array, list: SampleList): Uint8Array {
  const bitmap = new Uint8Array((times.length + 7) >> 3);
  let next = 0;
  for (let row = 0; row < times.length && next < list.length; row++) {
    if (times[row] !== list.times[next]) continue;
    bitmap[row >> 3] = (bitmap[row >> 3] as number) | (1 << (row & 7));
    next += 1;
  }
  return bitmap;
}
