/**
 * Records of the journal. Each begins and ends at a multiple of 8 bytes, so that values are copied and not written one
 * by one; numbers are little-endian.
 *
 *   record     := magic (4), length of the body (4), CRC-32 of type and body, begun with the length (4), type (1), 0 0 0, body
 *   definition := type 1: float64 id, byte decimals, text ciId, text metric, text instance
 *   frame      := type 2: float64 nowMs, float64 seq, uint32 ticks, text agentId, text epoch, zeros, tick …
 *   tick       := float64 atMs, uint32 count, uint32 runs, { uint32 first, uint32 length } × runs, float64 value × count
 *                 (runs 0: the series of the tick before)
 *   sync mark  := type 3, float64 position: everything before it was on the disk when this was written
 *   text       := uint16 length, UTF-8
 *   zeros fill a body up to a multiple of 8
 *
 * Each record stands alone: a damaged one costs itself and nothing after it.
 */
import { crc32 } from 'node:zlib';
import { WireError } from '@muster/shared/wire/bytes.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Delivery, SeriesId } from '../../metrics/store.ts';
import { DECIMALS_MAX } from './numbers.ts';

interface DefinitionRecord {
  readonly type: 'definition';
  readonly id: SeriesId;
  readonly ciId: string;
  readonly metric: string;
  readonly instance: string;
  readonly decimals: number;
}

/** `series[i]` has `values[i]`. */
export interface RecordTick {
  readonly atMs: Millis;
  readonly series: readonly SeriesId[];
  readonly values: ArrayLike<number>;
}

interface FrameRecord {
  readonly type: 'frame';
  readonly delivery: Delivery;
  readonly nowMs: Millis;
  readonly ticks: readonly RecordTick[];
}

interface SyncMarkRecord {
  readonly type: 'sync';
  readonly position: number;
}

export type JournalRecord = DefinitionRecord | FrameRecord | SyncMarkRecord;

const WORD_BYTES = 8;
const HEADER_BYTES = 16;
/** Above what a frame of the wire can hold once it is decoded. */
const BODY_BYTES_MAX = 64 << 20;
const TEXT_BYTES_MAX = 1024;
const MAGIC = 0x9c52_b54d;
const MAGIC_BYTES = Buffer.from([0x4d, 0xb5, 0x52, 0x9c]);
const DEFINITION = 1;
const FRAME = 2;
const SYNC = 3;
const ASCII_MAX = 0x7f;
/** A sync mark has always the same length: its place is kept free until its position is known. */
export const SYNC_BYTES = HEADER_BYTES + WORD_BYTES;
/** A buffer that had to hold more than this is not kept. */
const KEPT_BYTES_MAX = 16 << 20;
const FIRST_BYTES = 1 << 18;

/** Records one after the other in one piece of memory, which is used again. */
export class RecordBuffer {
  #bytes = Buffer.alloc(FIRST_BYTES);
  #words = new Uint32Array(this.#bytes.buffer, this.#bytes.byteOffset, FIRST_BYTES / 4);
  #doubles = new Float64Array(this.#bytes.buffer, this.#bytes.byteOffset, FIRST_BYTES / WORD_BYTES);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** A view: valid until something is added. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
    if (this.#bytes.length > KEPT_BYTES_MAX) this.#allocate(FIRST_BYTES);
  }

  /** Adds a record and returns where it starts. */
  add(record: JournalRecord): number {
    const start = this.#length;
    this.#reserve(HEADER_BYTES);
    this.#length += HEADER_BYTES;
    if (record.type === 'frame') this.#addFrame(record);
    else if (record.type === 'definition') this.#addDefinition(record);
    else this.#double(record.position);
    this.#seal(start, record.type === 'frame' ? FRAME : record.type === 'definition' ? DEFINITION : SYNC);
    return start;
  }

  /** Writes a sync mark over the one at `start`. */
  replaceSync(start: number, position: number): void {
    const length = this.#length;
    this.#length = start;
    this.add({ type: 'sync', position });
    this.#length = length;
  }

  #addDefinition(record: DefinitionRecord): void {
    this.#double(record.id);
    this.#byte(record.decimals);
    this.#text(record.ciId);
    this.#text(record.metric);
    this.#text(record.instance);
    this.#fill();
  }

  #addFrame({ delivery, nowMs, ticks }: FrameRecord): void {
    this.#double(nowMs);
    this.#double(delivery.seq);
    this.#reserve(4);
    this.#words[this.#length / 4] = ticks.length;
    this.#length += 4;
    this.#text(delivery.agentId);
    this.#text(delivery.epoch);
    this.#fill();
    let before: readonly SeriesId[] = NO_SERIES;
    for (const tick of ticks) {
      this.#addTick(tick, before);
      before = tick.series;
    }
  }

  #addTick({ atMs, series, values }: RecordTick, before: readonly SeriesId[]): void {
    const count = series.length;
    const runs = series === before ? NO_RUNS : runsOf(series);
    this.#reserve(2 * WORD_BYTES + 4 * runs.length + WORD_BYTES * count);
    this.#doubles[this.#length / WORD_BYTES] = atMs;
    const at = this.#length / 4 + 2;
    const words = this.#words;
    words[at] = count;
    words[at + 1] = runs.length / 2;
    for (let i = 0; i < runs.length; i++) words[at + 2 + i] = runs[i] as number;
    const first = (at + 2 + runs.length) / 2;
    const doubles = this.#doubles;
    for (let i = 0; i < count; i++) doubles[first + i] = values[i] as number;
    this.#length = (first + count) * WORD_BYTES;
  }

  #double(value: number): void {
    this.#reserve(WORD_BYTES);
    this.#doubles[this.#length / WORD_BYTES] = value;
    this.#length += WORD_BYTES;
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  #text(value: string): void {
    this.#reserve(2 + 3 * value.length);
    const start = this.#length + 2;
    const bytes = this.#bytes;
    // Most texts are ids of some dozen letters: a call out of JavaScript takes longer than they do.
    let length = 0;
    for (; length < value.length; length++) {
      const code = value.charCodeAt(length);
      if (code > ASCII_MAX) break;
      bytes[start + length] = code;
    }
    if (length < value.length) length = bytes.write(value, start);
    bytes.writeUInt16LE(length, start - 2);
    this.#length = start + length;
  }

  #fill(): void {
    const end = Math.ceil(this.#length / WORD_BYTES) * WORD_BYTES;
    this.#reserve(WORD_BYTES);
    this.#bytes.fill(0, this.#length, end);
    this.#length = end;
  }

  #seal(start: number, type: number): void {
    const bodyBytes = this.#length - start - HEADER_BYTES;
    const word = start / 4;
    this.#words[word] = MAGIC;
    this.#words[word + 1] = bodyBytes;
    this.#words[word + 3] = type;
    this.#words[word + 2] = checksum(this.#bytes, start, this.#length, bodyBytes);
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const before = this.bytes;
    this.#allocate(2 ** Math.ceil(Math.log2(this.#length + count)));
    this.#bytes.set(before);
  }

  #allocate(byteCount: number): void {
    this.#bytes = Buffer.allocUnsafeSlow(byteCount);
    this.#words = new Uint32Array(this.#bytes.buffer, 0, byteCount / 4);
    this.#doubles = new Float64Array(this.#bytes.buffer, 0, byteCount / WORD_BYTES);
  }
}

/** The bytes of one record. */
export function encodeRecord(record: JournalRecord): Uint8Array {
  const buffer = new RecordBuffer();
  buffer.add(record);
  return buffer.bytes.slice();
}

/** Length of the whole record at `offset`; 0 if there is no sound record. */
export function recordLength(bytes: Uint8Array, offset: number): number {
  if (offset + HEADER_BYTES > bytes.length) return 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset);
  if (view.getUint32(0, true) !== MAGIC) return 0;
  const bodyBytes = view.getUint32(4, true);
  const end = offset + HEADER_BYTES + bodyBytes;
  if (bodyBytes > BODY_BYTES_MAX || end > bytes.length) return 0;
  return checksum(bytes, offset, end, bodyBytes) === view.getUint32(8, true) ? end - offset : 0;
}

/** Whether the bytes at `offset` look like a write that did not come to its end: too short, or zeros of a grown file. */
export function isIncomplete(bytes: Uint8Array, offset: number): boolean {
  const rest = bytes.subarray(offset);
  if (rest.length < HEADER_BYTES || rest.every((byte) => byte === 0)) return true;
  const view = new DataView(rest.buffer, rest.byteOffset);
  return view.getUint32(0, true) === MAGIC && HEADER_BYTES + view.getUint32(4, true) > rest.length;
}

/** Offset of the first sound record at or behind `offset`; -1 if there is none. */
export function nextRecord(bytes: Uint8Array, offset: number): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = buffer.indexOf(MAGIC_BYTES, offset); at >= 0; at = buffer.indexOf(MAGIC_BYTES, at + 1)) {
    if (recordLength(bytes, at) > 0) return at;
  }
  return -1;
}

/** Lists of series that were read, so that equal ones are one object. */
export type SeriesLists = Map<string, readonly SeriesId[]>;
const LISTS_MAX = 50_000;

/** Decodes the sound record of `length` bytes at `offset`. Throws WireError where its content makes no sense. */
export function decodeRecord(
  bytes: Uint8Array,
  offset: number,
  length: number,
  lists: SeriesLists = new Map(),
): JournalRecord {
  const reader = new BodyReader(bytes, offset + HEADER_BYTES, offset + length);
  const type = bytes[offset + 12] as number;
  if (type === DEFINITION) return readDefinition(reader);
  if (type === FRAME) return readFrame(reader, lists);
  if (type === SYNC) return { type: 'sync', position: reader.double() };
  throw new WireError(`journal record of type ${type}`);
}

const NO_SERIES: readonly SeriesId[] = [];
const NO_RUNS = new Uint32Array(0);
const EMPTY_RUN = Uint32Array.of(0, 0);
const knownRuns = new WeakMap<readonly SeriesId[], Uint32Array>();

/** First and length of each run of consecutive ids; kept per list object, since lists come again and again. */
function runsOf(series: readonly SeriesId[]): Uint32Array {
  const known = knownRuns.get(series);
  if (known !== undefined) return known;
  const runs: number[] = [];
  for (let start = 0; start < series.length; ) {
    let end = start + 1;
    while (end < series.length && series[end] === (series[end - 1] as number) + 1) end += 1;
    runs.push(series[start] as number, end - start);
    start = end;
  }
  const made = runs.length === 0 ? EMPTY_RUN : Uint32Array.from(runs);
  knownRuns.set(series, made);
  return made;
}

function checksum(bytes: Uint8Array, offset: number, end: number, bodyBytes: number): number {
  return crc32(bytes.subarray(offset + 12, end), bodyBytes);
}

class BodyReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #offset: number;

  constructor(bytes: Uint8Array, offset: number, end: number) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#offset = offset;
    this.#end = end;
  }

  byte(): number {
    return this.#bytes[this.#take(1)] as number;
  }
  uint32(): number {
    return this.#bytes.readUInt32LE(this.#take(4));
  }
  double(): number {
    return this.#bytes.readDoubleLE(this.#take(WORD_BYTES));
  }

  /** A whole number that is a time, a count or an id. */
  whole(): number {
    const value = this.double();
    if (!Number.isSafeInteger(value)) throw new WireError(`journal record with the number ${value}`);
    return value;
  }

  text(): string {
    const length = this.#bytes.readUInt16LE(this.#take(2));
    if (length > TEXT_BYTES_MAX) throw new WireError(`journal record with a text of ${length} bytes`);
    const start = this.#take(length);
    return this.#bytes.toString('utf8', start, start + length);
  }

  /** The bytes themselves as a text, to tell equal ones. */
  key(length: number): string {
    return this.#bytes.toString('latin1', this.#offset, Math.min(this.#end, this.#offset + length));
  }

  doubles(count: number): Float64Array {
    const start = this.#take(count * WORD_BYTES);
    const values = new Float64Array(count);
    new Uint8Array(values.buffer).set(this.#bytes.subarray(start, start + count * WORD_BYTES));
    return values;
  }

  /** So many bytes must still be there. */
  expect(count: number): void {
    if (this.#offset + count > this.#end) throw new WireError(`journal record ends ${count} bytes early`);
  }

  /** Up to the next multiple of 8 behind `from`. */
  skipFill(from: number): void {
    this.#offset = from + Math.ceil((this.#offset - from) / WORD_BYTES) * WORD_BYTES;
  }

  skip(count: number): void {
    this.#take(count);
  }

  get offset(): number {
    return this.#offset;
  }

  #take(count: number): number {
    const start = this.#offset;
    if (start + count > this.#end) throw new WireError('journal record is too short for what it says');
    this.#offset = start + count;
    return start;
  }
}

function readDefinition(reader: BodyReader): DefinitionRecord {
  const id = reader.whole();
  const decimals = reader.byte();
  if (decimals > DECIMALS_MAX) throw new WireError(`series with ${decimals} decimals`);
  return {
    type: 'definition',
    id,
    decimals,
    ciId: reader.text(),
    metric: reader.text(),
    instance: reader.text(),
  };
}

function readFrame(reader: BodyReader, lists: SeriesLists): FrameRecord {
  const start = reader.offset;
  const nowMs = reader.whole();
  const seq = reader.whole();
  const count = reader.uint32();
  const agentId = reader.text();
  const epoch = reader.text();
  reader.skipFill(start);
  const ticks: RecordTick[] = [];
  let series = NO_SERIES;
  for (let n = 0; n < count; n++) {
    const atMs = reader.whole();
    const valueCount = reader.uint32();
    const runs = reader.uint32();
    // Before memory is taken for the ids of so many.
    reader.expect(valueCount * WORD_BYTES);
    if (runs > 0) series = readSeries(reader, runs, valueCount, lists);
    if (series.length !== valueCount)
      throw new WireError(`journal record with ${valueCount} values of ${series.length} series`);
    ticks.push({ atMs, series, values: reader.doubles(valueCount) });
  }
  return { type: 'frame', delivery: { agentId, epoch, seq }, nowMs, ticks };
}

function readSeries(
  reader: BodyReader,
  runs: number,
  valueCount: number,
  lists: SeriesLists,
): readonly SeriesId[] {
  const key = reader.key(runs * WORD_BYTES);
  const known = lists.get(key);
  if (known !== undefined) {
    reader.skip(runs * WORD_BYTES);
    return known;
  }
  const series: SeriesId[] = [];
  for (let n = 0; n < runs; n++) {
    const first = reader.uint32();
    const length = reader.uint32();
    if (series.length + length > valueCount)
      throw new WireError('journal record with more series than values');
    for (let i = 0; i < length; i++) series.push(first + i);
  }
  if (lists.size >= LISTS_MAX) lists.clear();
  lists.set(key, series);
  return series;
}
