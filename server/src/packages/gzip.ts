/** Compression of packages: gzip, because every system of the last twenty years reads it. The same input and zlib give the same bytes. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** Level 9 takes twice the time for 1 % less. */
export const GZIP_LEVEL = 6;

export interface Piece {
  readonly content: Uint8Array;
  /** The same as gzip, where it was compressed before: Node takes most of the time that a package takes. */
  readonly compressed?: Uint8Array | undefined;
}

const compress = promisify(gzip);

/** One member (RFC 1952, section 2.2) for each run of pieces that are not compressed yet. No time and no name in their heads. */
export async function gzipped(pieces: readonly Piece[]): Promise<Buffer> {
  const members: Uint8Array[] = [];
  let run: Uint8Array[] = [];
  const endRun = async () => {
    if (run.length > 0) members.push(await compress(Buffer.concat(run), { level: GZIP_LEVEL }));
    run = [];
  };
  for (const { content, compressed } of pieces) {
    if (compressed === undefined) {
      run.push(content);
    } else {
      await endRun();
      members.push(compressed);
    }
  }
  await endRun();
  return Buffer.concat(members);
}

/** For what is compressed already. */
export function stored(content: Uint8Array): Promise<Uint8Array> {
  return compress(content, { level: 0 });
}
