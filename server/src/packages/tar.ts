/** tar archives as every system reads them (POSIX.1-1988 ustar); pure. */
import { invariant } from '@muster/shared/invariant.ts';
import { modeOf, PACKAGE_TIME_S, type PackageEntry } from './entries.ts';
import type { Piece } from './gzip.ts';

const BLOCK_BYTES = 512;
/** GNU tar writes records of this size; some readers wait for a whole one. */
const RECORD_BYTES = 20 * BLOCK_BYTES;
const NAME_BYTES_MAX = 100;
const TYPES = { file: '0', link: '2', folder: '5' } as const;

/** @param prefix before each path, such as `./` */
export function tarOf(entries: readonly PackageEntry[], prefix: string): Piece[] {
  const pieces: Piece[] = [];
  let bytes = 0;
  const add = (content: Uint8Array, compressed?: Uint8Array) => {
    pieces.push({ content, compressed });
    bytes += content.length;
  };
  for (const entry of entries) {
    add(headerOf(entry, prefix));
    if (entry.kind !== 'file') continue;
    add(entry.content, entry.compressed);
    add(Buffer.alloc(-entry.content.length & (BLOCK_BYTES - 1)));
  }
  // Two empty blocks end it.
  const end = bytes + 2 * BLOCK_BYTES;
  add(Buffer.alloc(Math.ceil(end / RECORD_BYTES) * RECORD_BYTES - bytes));
  return pieces;
}

/** Source: POSIX.1-1988, 10.1.1; offsets and widths of the fields as there. */
function headerOf(entry: PackageEntry, prefix: string): Buffer {
  const name = `${prefix}${entry.path}${entry.kind === 'folder' ? '/' : ''}`;
  const target = entry.kind === 'link' ? entry.target : '';
  for (const text of [name, target])
    invariant(Buffer.byteLength(text) <= NAME_BYTES_MAX, `${text} is too long for a tar archive`);
  const header = Buffer.alloc(BLOCK_BYTES);
  const octal = (value: number, offset: number, width: number) =>
    header.write(`${value.toString(8).padStart(width - 1, '0')}\0`, offset, 'latin1');
  header.write(name, 0);
  octal(modeOf(entry) & 0o7777, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(entry.kind === 'file' ? entry.content.length : 0, 124, 12);
  octal(PACKAGE_TIME_S, 136, 12);
  header.write(' '.repeat(8), 148, 'latin1');
  header.write(TYPES[entry.kind], 156, 'latin1');
  header.write(target, 157);
  header.write('ustar\u000000', 257, 'latin1');
  header.write('root', 265, 'latin1');
  header.write('root', 297, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}
