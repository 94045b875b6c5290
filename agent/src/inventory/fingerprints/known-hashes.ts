/**
 * What was read of files for the report before, so that a file that has not changed is not read again: each inventory is a process of
 * its own, which knows nothing of the one before but what stands in this file of the agent's data folder.
 */
import { readFileSync, rmSync, statSync } from 'node:fs';
import { writePrivate } from '../../private-file.ts';
import { sha256Hex } from '../canonical.ts';

export interface KnownHash {
  /** Number, size and times of the file when it was read. */
  readonly figures: string;
  /** Hex; null where it could not be read. */
  readonly sha256: string | null;
}

/** By path. */
export type KnownHashes = ReadonlyMap<string, KnownHash>;

export interface HashesPlace {
  load(): KnownHashes;
  /** Nothing known leaves nothing behind. */
  save(known: KnownHashes): void;
}

/** Nothing is known, and nothing kept. */
export const NO_PLACE: HashesPlace = { load: () => new Map(), save: () => undefined };

/** Of the file: 10,000 paths of 200 characters; what is beyond it is read again. */
export const HASHES_BYTES_MAX = 4 << 20;
/** Changes with the form; a file of another one is thrown away. */
const HEAD = 'muster-file-hashes 1';
/** Quotes and commas of an entry, and figures and hash, which are plain characters. */
const ENTRY_BYTES_MIN = 12;

/** What is wrong with the file, in words. */
export class HashesError extends Error {
  override readonly name = 'HashesError';
}

/** A line that names form and SHA-256 of the next, and that next line: path, figures and hash of each file, one after the other. */
export function hashesText(known: KnownHashes): string {
  const flat: string[] = [];
  let bytes = HEAD.length + 128;
  for (const [path, { figures, sha256 }] of known) {
    const hash = sha256 === null ? '' : Buffer.from(sha256, 'hex').toString('base64url');
    bytes += Buffer.byteLength(JSON.stringify(path)) + figures.length + hash.length + ENTRY_BYTES_MIN;
    if (bytes > HASHES_BYTES_MAX) break;
    flat.push(path, figures, hash);
  }
  const body = JSON.stringify(flat);
  return `${HEAD} ${sha256Hex(body)}\n${body}\n`;
}

/** @throws HashesError for anything but what `hashesText` gave */
export function readHashes(text: string): KnownHashes {
  const [head = '', body = '', ...rest] = text.split('\n');
  if (!head.startsWith(`${HEAD} `)) throw new HashesError('it is of another form');
  if (rest.length !== 1 || rest[0] !== '' || head !== `${HEAD} ${sha256Hex(body)}`)
    throw new HashesError('it is damaged');
  // Whole, and written by this program: nothing else has this hash before it.
  const flat = JSON.parse(body) as string[];
  const known = new Map<string, KnownHash>();
  for (let i = 0; i + 2 < flat.length; i += 3) {
    const hash = flat[i + 2] as string;
    known.set(flat[i] as string, {
      figures: flat[i + 1] as string,
      sha256: hash === '' ? null : Buffer.from(hash, 'base64url').toString('hex'),
    });
  }
  return known;
}

/** Never fails: without the file all is read again, and what cannot be kept is read again next time. `log` hears why. */
export function hashesFile(path: string, log: (line: string) => void): HashesPlace {
  let kept: string | null = null;
  return {
    load: () => {
      try {
        kept = readBounded(path);
        return kept === null ? new Map() : readHashes(kept);
      } catch (error) {
        kept = null;
        log(`${path} is not used, all files are read again: ${wordsOf(error)}`);
        return new Map();
      }
    },
    save: (known) => {
      try {
        if (known.size === 0) return rmSync(path, { force: true });
        const text = hashesText(known);
        if (text !== kept) writePrivate(path, text, false);
        kept = text;
      } catch (error) {
        log(`${path} cannot be written, all files are read again next time: ${wordsOf(error)}`);
      }
    },
  };
}

function readBounded(path: string): string | null {
  try {
    if (statSync(path).size > HASHES_BYTES_MAX) throw new HashesError('it is too large');
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
