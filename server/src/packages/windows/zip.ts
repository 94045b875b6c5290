/** A ZIP archive (PKWARE APPNOTE 6.3.10), the same bytes for the same files; pure. */
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  /** Letters, digits and `. - _ /` only. */
  readonly name: string;
  readonly content: Uint8Array;
}

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_OF_DIRECTORY = 0x06054b50;
/** 2.0: deflate. */
const VERSION_NEEDED = 20;
const DEFLATE = 8;
/** Smaller by 1 % at level 9, for twice the time. */
const LEVEL = 6;
/** Of every file, so that no archive says when it was made: 2026-01-01, 00:00, as MS-DOS writes it. */
const DOS_DATE = ((2026 - 1980) << 9) | (1 << 5) | 1;
const DOS_TIME = 0;
/** What the format holds without its 64-bit extension. */
const BYTES_MAX = 0xffffffff;

/** @throws RangeError when it would be 4 GiB */
export function zip(entries: readonly ZipEntry[]): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, content } of entries) {
    const packed = deflateRawSync(content, { level: LEVEL });
    const facts = factsOf(name, content, packed);
    const head = [words32(LOCAL_HEADER), words16(VERSION_NEEDED), facts];
    const local = Buffer.concat([...head, words16(0), Buffer.from(name)]);
    // Behind the facts, none of them: extra field, comment, disk, attributes inside.
    const versions = words16(VERSION_NEEDED, VERSION_NEEDED);
    const place = [words16(0, 0, 0, 0), words32(0, at), Buffer.from(name)];
    directory.push(Buffer.concat([words32(CENTRAL_HEADER), versions, facts, ...place]));
    parts.push(local, packed);
    at += local.length + packed.length;
    if (at > BYTES_MAX) throw new RangeError('the archive is larger than 4 GiB');
  }
  const listed = Buffer.concat(directory);
  const counts = [words16(0, 0, entries.length, entries.length), words32(listed.length, at)];
  const end = Buffer.concat([words32(END_OF_DIRECTORY), ...counts, words16(0)]);
  return Buffer.concat([...parts, listed, end]);
}

/** What stands alike in both headers, up to the length of the name. */
function factsOf(name: string, content: Uint8Array, packed: Uint8Array): Buffer {
  const method = words16(0, DEFLATE, DOS_TIME, DOS_DATE);
  const sizes = words32(crc32(content), packed.length, content.length);
  return Buffer.concat([method, sizes, words16(Buffer.byteLength(name))]);
}

function words16(...values: number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt16LE(value, 2 * i);
  return bytes;
}

function words32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32LE(value, 4 * i);
  return bytes;
}
