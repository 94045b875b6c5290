/**
 * Group block: the settled samples of some series of one machine over one window. Any series is read without the others.
 * The bytes are small as they are; compressing them once more gains nothing.
 *
 *   block    := byte version, varint rows, packed times, varint series, { varint (slot − previous slot), varint bytes }, column …
 *   column   := byte 0 (in every row) | byte 1, varint count, packed rows | byte 2, byte n (rows of the n-th column, which comes before);  packed values
 */
import { ByteReader, ByteWriter, WireError } from '@muster/shared/wire/bytes.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { SampleList } from '../../metrics/sample-list.ts';
import { type Column, type Columns, type ColumnSource, readColumn } from './columns.ts';
import { packedDecimals, packNumbers, unpackNumbers } from './packed-numbers.ts';

const VERSION = 1;
/** Guards against a corrupt count; far above what a window of one machine has. */
const ROWS_MAX = 1 << 20;
const SERIES_MAX = 1 << 16;

const EVERY_ROW = 0;
const SOME_ROWS = 1;
const ROWS_OF = 2;

/** Scratch: the columns, and the block. */
const body = new ByteWriter(16 << 10);
const writer = new ByteWriter(16 << 10);

export function encodeGroup({ times, series }: Columns): Uint8Array {
  writer.reset();
  body.reset();
  writer.byte(VERSION);
  writer.varint(times.length);
  packNumbers(writer, times, times.length, 0, true);
  writer.varint(series.length);
  let lastSlot = 0;
  series.forEach(({ slot, values, decimals, present }, index) => {
    const before = body.length;
    writePresence(body, series, index, present, values.length);
    packNumbers(body, values, values.length, decimals);
    writer.varint(slot - lastSlot);
    writer.varint(body.length - before);
    lastSlot = slot;
  });
  writer.bytes(body.written());
  return writer.finish();
}

function writePresence(
  writer: ByteWriter,
  series: readonly Column[],
  index: number,
  present: Uint8Array | undefined,
  count: number,
): void {
  if (present === undefined) {
    writer.byte(EVERY_ROW);
    return;
  }
  const like = series.findIndex((other) => other.present !== undefined && isSame(other.present, present));
  if (like < index && like < 256) {
    writer.byte(ROWS_OF);
    writer.byte(like);
    return;
  }
  writer.byte(SOME_ROWS);
  writer.varint(count);
  const rows = new Float64Array(count);
  let next = 0;
  for (let row = 0; next < count; row++) {
    if (((present[row >> 3] as number) >> (row & 7)) & 1) rows[next++] = row;
  }
  packNumbers(writer, rows, count, 0, true);
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

interface Place {
  readonly slot: number;
  readonly offset: number;
  readonly length: number;
}

interface Presence {
  readonly present: Uint8Array | undefined;
  readonly count: number;
}

interface Rows extends Presence {
  readonly numbers: Uint8Array;
}

/** A group block opened for reading. Throws WireError where the bytes make no sense. */
export class GroupBlock implements ColumnSource {
  readonly times: Float64Array;
  readonly #bytes: Uint8Array;
  readonly #places: Place[];
  readonly #rows: Rows[] = [];

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    const reader = new ByteReader(bytes);
    const version = reader.byte();
    if (version !== VERSION) throw new WireError(`group block of version ${version}`);
    const rows = reader.varint();
    if (rows > ROWS_MAX) throw new WireError(`group block of ${rows} rows`);
    this.times = new Float64Array(rows);
    unpackNumbers(reader, this.times, rows);
    this.#places = readPlaces(reader, bytes.length);
  }

  slots(): number[] {
    return this.#places.map(({ slot }) => slot);
  }

  column(slot: number): Column | undefined {
    const index = this.#places.findIndex((one) => one.slot === slot);
    if (index < 0) return undefined;
    const { present, count } = this.#rowsAt(index);
    const values = new Float64Array(count);
    this.valuesInto(index, values, 0);
    return { slot, decimals: this.decimalsAt(index), values, present };
  }

  decimalsAt(index: number): number | undefined {
    return packedDecimals(this.#rowsAt(index).numbers);
  }

  presentAt(index: number): Uint8Array | undefined {
    return this.#rowsAt(index).present;
  }

  valuesInto(index: number, into: Float64Array, at: number): number {
    const { count, numbers } = this.#rowsAt(index);
    const reader = new ByteReader(numbers);
    unpackNumbers(reader, into.subarray(at, at + count), count);
    reader.end();
    return count;
  }

  /** Adds the samples of a slot with times in [fromMs, toMs) to the list. */
  read(slot: number, fromMs: Millis, toMs: Millis, into: SampleList): void {
    const column = this.column(slot);
    if (column !== undefined) readColumn(this.times, column, fromMs, toMs, into);
  }

  /** Which rows a column has, and the bytes of its numbers. */
  #rowsAt(index: number): Rows {
    const known = this.#rows[index];
    if (known !== undefined) return known;
    const { offset, length } = this.#places[index] as Place;
    const reader = new ByteReader(this.#bytes.subarray(offset, offset + length));
    const { present, count } = this.#readPresence(reader, index);
    const rows = { present, count, numbers: reader.bytes(reader.remaining) };
    this.#rows[index] = rows;
    return rows;
  }

  #readPresence(reader: ByteReader, index: number): Presence {
    const rows = this.times.length;
    const form = reader.byte();
    if (form === EVERY_ROW) return { present: undefined, count: rows };
    if (form === SOME_ROWS) return readRows(reader, rows);
    const like = form === ROWS_OF ? reader.byte() : index;
    if (like >= index) throw new WireError('column with no rows of its own');
    return this.#rowsAt(like);
  }
}

function readRows(reader: ByteReader, rows: number): Presence {
  const count = reader.varint();
  if (count > rows) throw new WireError(`${count} of ${rows} rows`);
  const numbers = new Float64Array(count);
  unpackNumbers(reader, numbers, count);
  const present = new Uint8Array((rows + 7) >> 3);
  let last = -1;
  for (const row of numbers) {
    if (!(row > last && row < rows && Number.isInteger(row))) throw new WireError('rows out of order');
    present[row >> 3] = (present[row >> 3] as number) | (1 << (row & 7));
    last = row;
  }
  return { present, count };
}

function readPlaces(reader: ByteReader, end: number): Place[] {
  const count = reader.varint();
  if (count > SERIES_MAX) throw new WireError(`group block of ${count} series`);
  const sizes: { slot: number; length: number }[] = [];
  let slot = 0;
  for (let i = 0; i < count; i++) {
    slot += reader.varint();
    sizes.push({ slot, length: reader.varint() });
  }
  let offset = end - reader.remaining;
  return sizes.map((size) => {
    const place = { ...size, offset };
    offset += size.length;
    if (offset > end) throw new WireError('column beyond the end of its block');
    return place;
  });
}
