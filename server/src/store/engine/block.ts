/**
 * Block: samples of the series of one machine over the same rows of time. Series are named by their slot, their place
 * in the machine's list.
 *
 *   block   := byte version, varint rows, times, varint columns, { varint (slot − previous slot), varint bytes }, column …
 *   times   := numbers (differences of times, the first from 0)
 *   column  := byte 0 (in every row) | byte 1, bitmap (bit i of byte i>>3: row i, least first);  numbers
 */
import { invariant } from '@muster/shared/invariant.ts';
import { ByteReader, ByteWriter, unzigzag, WireError, zigzag } from '@muster/shared/wire/bytes.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { SampleList } from '../../metrics/sample-list.ts';
import { type Column, type ColumnSource, countRows, readColumn } from './columns.ts';
import { DECIMALS_MAX, EXACT, powerOfTen, readNumbers, SCALED_MAX, writeNumbers } from './numbers.ts';

const VERSION = 1;
/** Guards against a corrupt count; far above what a day of one machine has. */
const ROWS_MAX = 1 << 20;
const SLOT_MAX = 1 << 30;
/** Place value of the eighth byte of a varint. */
const FACTOR_MAX = 2 ** 49;

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
    writeHead(this.#head, times, rows);
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

/** Rows that `sealRows` takes: the bits of one presence word. */
const SEALED_ROWS_MAX = 32;
/** A varint at its longest, and a double. */
const NUMBER_BYTES_MAX = 8;

/** Scratch of `sealRows`, grown to the largest block. */
let sealed = new Uint8Array(0);
let sealedView = new DataView(sealed.buffer);
let sealedSlots = new Int32Array(0);
let sealedEnds = new Int32Array(0);
const assembled = new ByteWriter();
const gathered = new Float64Array(SEALED_ROWS_MAX);

/**
 * Encodes up to 32 rows of a machine. `values` is row-major: row × stride + slot. Bit r of `present[slot]` says whether
 * row r has a value; undefined: every row of every slot has. `decimalsOf` gives the scale to try. Times ascend strictly.
 * The bytes are good until the next call.
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
  invariant(rows <= SEALED_ROWS_MAX, `${rows} rows are sealed at a time`);
  reserveSealed(slots, slots * (6 + rows * NUMBER_BYTES_MAX));
  const all = rows === SEALED_ROWS_MAX ? 0xffff_ffff : 2 ** rows - 1;
  const bitmapBytes = (rows + 7) >> 3;
  let columns = 0;
  let at = 0;
  for (let slot = 0; slot < slots; slot++) {
    const word = present === undefined ? all : ((present[slot] as number) & all) >>> 0;
    if (word === 0) continue;
    if (word === all) {
      sealed[at++] = 0;
      at = sealColumn(at, values, slot, stride, rows, decimalsOf(slot));
    } else {
      sealed[at++] = 1;
      for (let byte = 0; byte < bitmapBytes; byte++) sealed[at++] = (word >>> (8 * byte)) & 255;
      let count = 0;
      for (let row = 0; row < rows; row++) {
        if ((word >>> row) & 1) gathered[count++] = values[row * stride + slot] as number;
      }
      at = sealColumn(at, gathered, 0, 1, count, decimalsOf(slot));
    }
    sealedSlots[columns] = slot;
    sealedEnds[columns] = at;
    columns += 1;
  }
  return assemble(times, rows, columns, at);
}

function assemble(times: Float64Array, rows: number, columns: number, bodyBytes: number): Uint8Array {
  assembled.reset();
  writeHead(assembled, times, rows);
  assembled.varint(columns);
  let slot = 0;
  let end = 0;
  for (let i = 0; i < columns; i++) {
    assembled.varint((sealedSlots[i] as number) - slot);
    assembled.varint((sealedEnds[i] as number) - end);
    slot = sealedSlots[i] as number;
    end = sealedEnds[i] as number;
  }
  assembled.bytes(sealed.subarray(0, bodyBytes));
  return assembled.written();
}

function reserveSealed(slots: number, bytes: number): void {
  if (slots > sealedSlots.length) {
    sealedSlots = new Int32Array(slots * 2);
    sealedEnds = new Int32Array(slots * 2);
  }
  if (bytes <= sealed.length) return;
  sealed = new Uint8Array(bytes * 2);
  sealedView = new DataView(sealed.buffer);
}

/**
 * `writeNumbers` for the hot path: checks and writes in one go, into the scratch, and starts over with doubles at the
 * first value that does not fit. Returns where the column ends.
 */
function sealColumn(
  start: number,
  values: Float64Array,
  first: number,
  stride: number,
  count: number,
  decimals: number,
): number {
  const power = powerOfTen(decimals);
  const bytes = sealed;
  let at = start;
  bytes[at++] = decimals;
  let valueBefore = Number.NaN;
  let last = 0;
  let run = 0;
  for (let i = 0, from = first; i < count; i++, from += stride) {
    const value = values[from] as number;
    // The same again, in bits too: zeros are asked for their sign below.
    if (value === valueBefore && value !== 0) {
      run += 1;
      continue;
    }
    valueBefore = value;
    const whole = decimals === 0 ? Math.floor(value) : Math.round(value * power);
    const fits = (decimals === 0 ? whole : whole / power) === value;
    if (!fits || whole > SCALED_MAX || whole < -SCALED_MAX || (whole === 0 && 1 / value < 0))
      return sealExact(start, values, first, stride, count);
    const difference = whole - last;
    last = whole;
    if (difference === 0 && i > 0) {
      run += 1;
      continue;
    }
    if (run > 0) {
      bytes[at++] = 0;
      // A run is shorter than a varint byte: there are 32 rows at most.
      bytes[at++] = run - 1;
      run = 0;
    }
    if (difference < 0x3fff_ffff && difference > -0x3fff_ffff) {
      let rest = (difference << 1) ^ (difference >> 31);
      while (rest > 127) {
        bytes[at++] = (rest & 127) | 128;
        rest >>>= 7;
      }
      bytes[at++] = rest;
    } else at = sealLong(at, zigzag(difference));
  }
  if (run > 0) {
    bytes[at++] = 0;
    bytes[at++] = run - 1;
  }
  return at;
}

function sealLong(start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest > 127) {
    sealed[at++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  sealed[at++] = rest;
  return at;
}

function sealExact(
  start: number,
  values: Float64Array,
  first: number,
  stride: number,
  count: number,
): number {
  let at = start;
  sealed[at++] = EXACT;
  for (let i = 0; i < count; i++, at += NUMBER_BYTES_MAX)
    sealedView.setFloat64(at, values[first + i * stride] as number, true);
  return at;
}

function writeHead(writer: ByteWriter, times: Float64Array, rows: number): void {
  const differences = new Float64Array(rows);
  for (let i = 0; i < rows; i++)
    differences[i] = (times[i] as number) - (i > 0 ? (times[i - 1] as number) : 0);
  writer.byte(VERSION);
  writer.varint(rows);
  writeNumbers(writer, differences, 0, rows, 0);
}

/** A block opened for reading. Throws WireError where the bytes make no sense. */
export class Block implements ColumnSource {
  readonly times: Float64Array;
  readonly #bytes: Uint8Array;
  /** Of the columns: slots, ascending, and where their bytes begin; one more for the end. */
  readonly #slots: Int32Array;
  readonly #offsets: Int32Array;

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
    const columns = reader.varint();
    // A column takes two bytes in the table.
    if (columns * 2 > reader.remaining) throw new WireError(`block of ${columns} columns`);
    this.#slots = new Int32Array(columns);
    this.#offsets = new Int32Array(columns + 1);
    this.#readTable(reader, columns);
  }

  slots(): Int32Array {
    return this.#slots;
  }

  firstMs(): Millis {
    return this.times[0] as number;
  }
  lastMs(): Millis {
    return this.times[this.times.length - 1] as number;
  }

  /** All samples of a slot; undefined if the block has none. */
  column(slot: number): Column | undefined {
    const index = indexOf(this.#slots, slot);
    if (index < 0) return undefined;
    const values = new Float64Array(this.times.length);
    const count = this.valuesInto(index, values, 0);
    return {
      slot,
      decimals: this.decimalsAt(index),
      values: values.subarray(0, count),
      present: this.presentAt(index),
    };
  }

  /** Decimals with which a column was written; undefined if as doubles. */
  decimalsAt(index: number): number | undefined {
    const decimals = this.#bytes[this.#numbersAt(index)];
    return decimals === EXACT ? undefined : decimals;
  }

  presentAt(index: number): Uint8Array | undefined {
    const offset = this.#offsets[index] as number;
    return this.#bytes[offset] === 0 ? undefined : this.#bytes.subarray(offset + 1, this.#numbersAt(index));
  }

  /** Puts the values of the column at this place in `slots` from `at` on, without holes; returns how many. */
  valuesInto(index: number, into: Float64Array, at: number): number {
    const present = this.presentAt(index);
    const count = present === undefined ? this.times.length : countRows(present, this.times.length);
    const end = this.#offsets[index + 1] as number;
    readColumnNumbers(this.#bytes, this.#numbersAt(index), end, into, at, count);
    return count;
  }

  /** Adds the samples of a slot with times in [fromMs, toMs) to the list; returns the column's decimals, if it has. */
  read(slot: number, fromMs: Millis, toMs: Millis, into: SampleList): number | undefined {
    const column = this.column(slot);
    if (column !== undefined) readColumn(this.times, column, fromMs, toMs, into);
    return column?.decimals;
  }

  #numbersAt(index: number): number {
    const offset = this.#offsets[index] as number;
    const start = this.#bytes[offset] === 0 ? offset + 1 : offset + 1 + ((this.times.length + 7) >> 3);
    if (start >= (this.#offsets[index + 1] as number)) throw new WireError('column without numbers');
    return start;
  }

  #readTable(reader: ByteReader, columns: number): void {
    let slot = 0;
    let bytes = 0;
    for (let i = 0; i < columns; i++) {
      const step = reader.varint();
      slot += step;
      if ((i > 0 && step === 0) || slot > SLOT_MAX) throw new WireError('slots out of order');
      this.#slots[i] = slot;
      bytes += reader.varint();
      if (bytes > this.#bytes.length) throw new WireError('column beyond the end of its block');
      this.#offsets[i + 1] = bytes;
    }
    const start = this.#bytes.length - reader.remaining;
    if (start + bytes > this.#bytes.length) throw new WireError('column beyond the end of its block');
    for (let i = 0; i <= columns; i++) this.#offsets[i] = (this.#offsets[i] as number) + start;
  }
}

/** `readNumbers` for the hot path: bytes [start, end) hold `count` numbers, which go to `into` from `first` on. */
function readColumnNumbers(
  bytes: Uint8Array,
  start: number,
  end: number,
  into: Float64Array,
  first: number,
  count: number,
): void {
  let at = start;
  const decimals = bytes[at++] as number;
  if (decimals === EXACT) {
    readExact(bytes, at, end, into, first, count);
    return;
  }
  if (decimals > DECIMALS_MAX) throw new WireError(`column with ${decimals} decimals`);
  const power = powerOfTen(decimals);
  const stop = first + count;
  let whole = 0;
  // Bytes past the end read as undefined, which ends a varint; the column then ends elsewhere than it should.
  for (let i = first; i < stop; ) {
    let byte = bytes[at++] as number;
    let difference = byte & 127;
    // Up to four bytes in small integers, which covers nearly all; longer ones in doubles.
    if (byte > 127) {
      byte = bytes[at++] as number;
      difference |= (byte & 127) << 7;
      if (byte > 127) {
        byte = bytes[at++] as number;
        difference |= (byte & 127) << 14;
        if (byte > 127) {
          byte = bytes[at++] as number;
          difference |= (byte & 127) << 21;
          if (byte > 127) {
            for (let factor = 2 ** 28; byte > 127; factor *= 128) {
              if (factor > FACTOR_MAX) throw new WireError('varint longer than 8 bytes');
              byte = bytes[at++] as number;
              difference += (byte & 127) * factor;
            }
            whole += unzigzag(difference);
            into[i++] = whole / power;
            continue;
          }
        }
      }
    }
    if (difference === 0 && i > first) {
      byte = bytes[at++] as number;
      let run = byte & 127;
      for (let factor = 128; byte > 127; factor *= 128) {
        if (factor > FACTOR_MAX) throw new WireError('varint longer than 8 bytes');
        byte = bytes[at++] as number;
        run += (byte & 127) * factor;
      }
      const runEnd = i + run + 1;
      if (!(runEnd <= stop)) throw new WireError('run beyond the end of its column');
      const value = whole / power;
      for (; i < runEnd; i++) into[i] = value;
      continue;
    }
    whole += (difference >>> 1) ^ -(difference & 1);
    into[i++] = whole / power;
  }
  if (at !== end) throw new WireError('column and its numbers differ in length');
}

function readExact(
  bytes: Uint8Array,
  start: number,
  end: number,
  into: Float64Array,
  first: number,
  count: number,
): void {
  if (start + count * NUMBER_BYTES_MAX !== end)
    throw new WireError('column and its numbers differ in length');
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let i = 0; i < count; i++) into[first + i] = view.getFloat64(start + i * NUMBER_BYTES_MAX, true);
}

function indexOf(slots: Int32Array, slot: number): number {
  let low = 0;
  let high = slots.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((slots[middle] as number) < slot) low = middle + 1;
    else high = middle;
  }
  return slots[low] === slot ? low : -1;
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
