/**
 * Records of the journal.
 *
 *   record     := magic (4), length of the body, CRC-32 of length and body (4 each, little-endian), body
 *   definition := byte 1, varint id, text ciId, text metric, text instance, byte decimals
 *   frame      := byte 2, text agentId, text epoch, varint seq, varint nowMs, varint ticks, tick …
 *   tick       := varint zigzag(atMs − previous atMs), series, value …
 *   series     := varint 0 (as in the tick before) | varint runs, { varint zigzag(first − end of the run before), varint length }
 *   value      := varint 0, float64 | varint zigzag(scaled) + 1       (scaled by the series' decimals)
 *   sync mark  := byte 3, varint position: everything before it was on the disk when this was written
 *
 * Each record stands alone: a damaged one costs itself and nothing after it.
 */
import { crc32 } from 'node:zlib';
import { ByteReader, ByteWriter, unzigzag, WireError, zigzag } from '@muster/shared/wire/bytes.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Delivery, SeriesId, StoredTick } from '../../metrics/store.ts';
import { DECIMALS_MAX, powerOfTen, scaled } from './numbers.ts';

interface DefinitionRecord {
  readonly type: 'definition';
  readonly id: SeriesId;
  readonly ciId: string;
  readonly metric: string;
  readonly instance: string;
  readonly decimals: number;
}

interface FrameRecord {
  readonly type: 'frame';
  readonly delivery: Delivery;
  readonly nowMs: Millis;
  readonly ticks: readonly StoredTick[];
}

interface SyncMarkRecord {
  readonly type: 'sync';
  readonly position: number;
}

export type JournalRecord = DefinitionRecord | FrameRecord | SyncMarkRecord;

/** Decimals of a series; undefined where its definition is lost, and its values with it. */
export type DecimalsOf = (series: SeriesId) => number | undefined;

const RECORD_HEADER_BYTES = 12;
/** A frame of the wire is at most 1 MiB; decoded and stored again it stays well below this. */
const BODY_BYTES_MAX = 32 << 20;
const TEXT_BYTES_MAX = 1024;
const MAGIC = Buffer.from([0x4d, 0xb5, 0x52, 0x9c]);
const DEFINITION = 1;
const FRAME = 2;
const SYNC = 3;

/** The bytes of a record, header included. */
export function encodeRecord(record: JournalRecord, decimalsOf: DecimalsOf): Uint8Array {
  const writer = new ByteWriter(record.type === 'frame' ? sizeGuess(record) : 128);
  writer.bytes(EMPTY_HEADER);
  if (record.type === 'definition') writeDefinition(writer, record);
  else if (record.type === 'frame') writeFrame(writer, record, decimalsOf);
  else {
    writer.byte(SYNC);
    writer.varint(record.position);
  }
  const bytes = writer.finish();
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  bytes.set(MAGIC);
  view.setUint32(4, bytes.length - RECORD_HEADER_BYTES, true);
  view.setUint32(8, checksum(bytes, 0, bytes.length), true);
  return bytes;
}

/** Length of the whole record at `offset`; 0 if there is no sound record. */
export function recordLength(bytes: Uint8Array, offset: number): number {
  if (offset + RECORD_HEADER_BYTES > bytes.length) return 0;
  for (let i = 0; i < MAGIC.length; i++) if (bytes[offset + i] !== MAGIC[i]) return 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const body = view.getUint32(offset + 4, true);
  const end = offset + RECORD_HEADER_BYTES + body;
  if (body > BODY_BYTES_MAX || end > bytes.length) return 0;
  return checksum(bytes, offset, end) === view.getUint32(offset + 8, true) ? end - offset : 0;
}

/** Whether the bytes at `offset` look like a write that did not come to its end: too short, or zeros of a grown file. */
export function isIncomplete(bytes: Uint8Array, offset: number): boolean {
  const rest = bytes.subarray(offset);
  if (rest.length < RECORD_HEADER_BYTES || rest.every((byte) => byte === 0)) return true;
  for (let i = 0; i < MAGIC.length; i++) if (rest[i] !== MAGIC[i]) return false;
  const body = new DataView(rest.buffer, rest.byteOffset).getUint32(4, true);
  return RECORD_HEADER_BYTES + body > rest.length;
}

/** Offset of the first sound record at or behind `offset`; -1 if there is none. */
export function nextRecord(bytes: Uint8Array, offset: number): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = buffer.indexOf(MAGIC, offset); at >= 0; at = buffer.indexOf(MAGIC, at + 1)) {
    if (recordLength(bytes, at) > 0) return at;
  }
  return -1;
}

/** Decodes the sound record of `length` bytes at `offset`. Throws WireError where its content makes no sense. */
export function decodeRecord(
  bytes: Uint8Array,
  offset: number,
  length: number,
  decimalsOf: DecimalsOf,
): JournalRecord {
  const reader = new ByteReader(bytes.subarray(offset + RECORD_HEADER_BYTES, offset + length));
  const type = reader.byte();
  if (type === DEFINITION) return readDefinition(reader);
  if (type === FRAME) return readFrame(reader, decimalsOf);
  if (type === SYNC) return { type: 'sync', position: reader.varint() };
  throw new WireError(`journal record of type ${type}`);
}

const EMPTY_HEADER = new Uint8Array(RECORD_HEADER_BYTES);

function checksum(bytes: Uint8Array, offset: number, end: number): number {
  const length = crc32(bytes.subarray(offset + 4, offset + 8));
  return crc32(bytes.subarray(offset + RECORD_HEADER_BYTES, end), length);
}

function sizeGuess({ ticks }: FrameRecord): number {
  return 128 + ticks.reduce((sum, tick) => sum + 32 + 4 * tick.values.length, 0);
}

function writeDefinition(writer: ByteWriter, record: DefinitionRecord): void {
  writer.byte(DEFINITION);
  writer.varint(record.id);
  writer.text(record.ciId);
  writer.text(record.metric);
  writer.text(record.instance);
  writer.byte(record.decimals);
}

function readDefinition(reader: ByteReader): DefinitionRecord {
  const id = reader.varint();
  const ciId = reader.text(TEXT_BYTES_MAX);
  const metric = reader.text(TEXT_BYTES_MAX);
  const instance = reader.text(TEXT_BYTES_MAX);
  const decimals = reader.byte();
  if (decimals > DECIMALS_MAX) throw new WireError(`series with ${decimals} decimals`);
  reader.end();
  return { type: 'definition', id, ciId, metric, instance, decimals };
}

function writeFrame(
  writer: ByteWriter,
  { delivery, nowMs, ticks }: FrameRecord,
  decimalsOf: DecimalsOf,
): void {
  writer.byte(FRAME);
  writer.text(delivery.agentId);
  writer.text(delivery.epoch);
  writer.varint(delivery.seq);
  writer.varint(zigzag(nowMs));
  writer.varint(ticks.length);
  let lastAtMs = 0;
  let lastSeries: readonly SeriesId[] = [];
  for (const { atMs, series, values } of ticks) {
    writer.varint(zigzag(atMs - lastAtMs));
    lastAtMs = atMs;
    if (isSame(series, lastSeries)) writer.varint(0);
    else writeSeries(writer, series);
    lastSeries = series;
    for (let i = 0; i < series.length; i++) {
      const value = values[i] as number;
      const whole = scaled(value, powerOfTen(decimalsOf(series[i] as number) ?? 0));
      if (Number.isNaN(whole)) {
        writer.varint(0);
        writer.float64(value);
      } else writer.varint(zigzag(whole) + 1);
    }
  }
}

function readFrame(reader: ByteReader, decimalsOf: DecimalsOf): FrameRecord {
  const agentId = reader.text(TEXT_BYTES_MAX);
  const epoch = reader.text(TEXT_BYTES_MAX);
  const seq = reader.varint();
  const nowMs = unzigzag(reader.varint());
  const count = reader.varint();
  const ticks: StoredTick[] = [];
  let atMs = 0;
  let series: readonly SeriesId[] = [];
  for (let n = 0; n < count; n++) {
    atMs += unzigzag(reader.varint());
    const runs = reader.varint();
    if (runs > 0) series = readSeries(reader, runs);
    ticks.push(readValues(reader, atMs, series, decimalsOf));
  }
  reader.end();
  return { type: 'frame', delivery: { agentId, epoch, seq }, nowMs, ticks };
}

/** Leaves out series whose definition is lost. */
function readValues(
  reader: ByteReader,
  atMs: Millis,
  series: readonly SeriesId[],
  decimalsOf: DecimalsOf,
): StoredTick {
  const values: number[] = [];
  let lost = 0;
  for (const id of series) {
    const decimals = decimalsOf(id);
    const coded = reader.varint();
    const value = coded === 0 ? reader.float64() : unzigzag(coded - 1) / powerOfTen(decimals ?? 0);
    if (decimals === undefined) lost += 1;
    values.push(value);
  }
  if (lost === 0) return { atMs, series, values };
  const known = series.flatMap((id, i) => (decimalsOf(id) === undefined ? [] : i));
  return {
    atMs,
    series: known.map((i) => series[i] as number),
    values: known.map((i) => values[i] as number),
  };
}

/** An empty list after a longer one has no runs, so it is written as one run of nothing. */
function writeSeries(writer: ByteWriter, series: readonly SeriesId[]): void {
  const runs: number[] = [];
  for (let start = 0; start < series.length || start === 0; ) {
    let end = start + 1;
    while (end < series.length && series[end] === (series[end - 1] as number) + 1) end += 1;
    runs.push(series[start] ?? 0, Math.min(end, series.length) - start);
    start = end;
  }
  writer.varint(runs.length / 2);
  let next = 0;
  for (let i = 0; i < runs.length; i += 2) {
    const [first, length] = [runs[i] as number, runs[i + 1] as number];
    writer.varint(zigzag(first - next));
    writer.varint(length);
    next = first + length;
  }
}

function readSeries(reader: ByteReader, runs: number): SeriesId[] {
  const series: SeriesId[] = [];
  let next = 0;
  for (let n = 0; n < runs; n++) {
    next += unzigzag(reader.varint());
    const length = reader.varint();
    // Each value takes a byte at least.
    if (length > reader.remaining) throw new WireError('run of series longer than its record');
    for (let i = 0; i < length; i++) series.push(next + i);
    next += length;
  }
  return series;
}

function isSame(a: readonly SeriesId[], b: readonly SeriesId[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
