/**
 * Blocks of the queue of outgoing samples.
 *
 *   block   := magic (4), length of the body, CRC-32 of what follows, samples (4 each), samples before it, time of writing (float64 each), body
 *   body    := zstd of: varint lists, { varint series, varint zigzag(id − id before) … } …, varint ticks,
 *              { varint list, varint zigzag(atMs − atMs before) } …, padding to a multiple of 8, float64 …
 *
 * Numbers are little-endian.
 */
import { promisify } from 'node:util';
import { crc32, constants, zstdCompress, zstdDecompress } from 'node:zlib';
import { ByteReader, ByteWriter, unzigzag, zigzag } from '@muster/shared/wire/bytes.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { SeriesId } from '../../metrics/store.ts';
import type { QueuedTick } from '../../remote-write/outgoing-queue.ts';

export const BLOCK_HEADER_BYTES = 32;
const MAGIC = 0x5157_524d;
const COMPRESSION_LEVEL = 1;
const VALUES_FIRST = 4_096;
/** A block is closed with so many samples: 8 MiB before compression. */
export const BLOCK_SAMPLES_MAX = 1 << 20;

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

export interface BlockHeader {
  readonly bodyBytes: number;
  readonly samples: number;
  readonly samplesBefore: number;
  readonly writtenMs: Millis;
}

/** Collects ticks for one block. */
export class OpenBlock {
  readonly #lists = new Map<readonly SeriesId[], number>();
  readonly #ticks: number[] = [];
  #values = new Float64Array(VALUES_FIRST);
  samples = 0;

  get isFull(): boolean {
    return this.samples >= BLOCK_SAMPLES_MAX;
  }

  add(atMs: Millis, series: readonly SeriesId[], values: ArrayLike<number>): void {
    let list = this.#lists.get(series);
    if (list === undefined) {
      list = this.#lists.size;
      this.#lists.set(series, list);
    }
    this.#ticks.push(list, atMs);
    if (this.samples + values.length > this.#values.length) this.#grow(values.length);
    this.#values.set(values, this.samples);
    this.samples += values.length;
  }

  async encode(samplesBefore: number, writtenMs: Millis): Promise<Buffer> {
    const writer = new ByteWriter(this.#ticks.length * 4 + 1_024);
    writer.varint(this.#lists.size);
    for (const series of this.#lists.keys()) {
      writer.varint(series.length);
      let before = 0;
      for (const id of series) {
        writer.varint(zigzag(id - before));
        before = id;
      }
    }
    writer.varint(this.#ticks.length / 2);
    let beforeMs = 0;
    for (let i = 0; i < this.#ticks.length; i += 2) {
      const atMs = this.#ticks[i + 1] as number;
      writer.varint(this.#ticks[i] as number);
      writer.varint(zigzag(atMs - beforeMs));
      beforeMs = atMs;
    }
    while (writer.length % 8 !== 0) writer.byte(0);
    const values = this.#values.subarray(0, this.samples);
    const plain = Buffer.concat([
      writer.finish(),
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    ]);
    const body = await compress(plain, {
      params: { [constants.ZSTD_c_compressionLevel]: COMPRESSION_LEVEL },
    });
    const header = Buffer.alloc(BLOCK_HEADER_BYTES);
    header.writeUInt32LE(MAGIC, 0);
    header.writeUInt32LE(body.length, 4);
    header.writeUInt32LE(this.samples, 12);
    header.writeDoubleLE(samplesBefore, 16);
    header.writeDoubleLE(writtenMs, 24);
    header.writeUInt32LE(crc32(body, crc32(header.subarray(12))), 8);
    return Buffer.concat([header, body]);
  }

  #grow(needed: number): void {
    const grown = new Float64Array(Math.max(this.#values.length * 2, this.samples + needed));
    grown.set(this.#values);
    this.#values = grown;
  }
}

/** The header at `offset`; null: there is no sound block. `withBody`: its checksum too. */
export function headerAt(bytes: Buffer, offset: number, withBody: boolean): BlockHeader | null {
  if (offset + BLOCK_HEADER_BYTES > bytes.length || bytes.readUInt32LE(offset) !== MAGIC) return null;
  const bodyBytes = bytes.readUInt32LE(offset + 4);
  const end = offset + BLOCK_HEADER_BYTES + bodyBytes;
  if (end > bytes.length) return null;
  if (withBody && crc32(bytes.subarray(offset + 12, end)) !== bytes.readUInt32LE(offset + 8)) return null;
  return {
    bodyBytes,
    samples: bytes.readUInt32LE(offset + 12),
    samplesBefore: bytes.readDoubleLE(offset + 16),
    writtenMs: bytes.readDoubleLE(offset + 24),
  };
}

/** Throws where the body makes no sense. */
export async function decodeBody(body: Uint8Array, samples: number): Promise<QueuedTick[]> {
  const plain = await decompress(body);
  const valuesAt = plain.length - samples * 8;
  if (valuesAt < 0) throw new Error('a block with fewer values than it says');
  // A copy is aligned.
  const values = new Float64Array(
    plain.buffer.slice(plain.byteOffset + valuesAt, plain.byteOffset + plain.length),
  );
  const reader = new ByteReader(plain.subarray(0, valuesAt));
  const lists: SeriesId[][] = [];
  for (let left = reader.varint(); left > 0; left--) {
    const series: SeriesId[] = [];
    let id = 0;
    for (let more = reader.varint(); more > 0; more--) {
      id += unzigzag(reader.varint());
      series.push(id);
    }
    lists.push(series);
  }
  const ticks: QueuedTick[] = [];
  let atMs = 0;
  let at = 0;
  for (let left = reader.varint(); left > 0; left--) {
    const series = lists[reader.varint()];
    if (series === undefined) throw new Error('a block that names a list it does not have');
    atMs += unzigzag(reader.varint());
    ticks.push({ atMs, series, values: values.subarray(at, at + series.length) });
    at += series.length;
  }
  if (at !== samples) throw new Error('a block with other samples than it says');
  return ticks;
}
