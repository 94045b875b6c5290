/** The releases that this server keeps: folders beside its data, looked at once, offered to agents and never changed. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { PublicReleaseKey } from '@muster/shared/release/key.ts';
import {
  RELEASE_MANIFEST,
  RELEASE_SIGNATURE,
  ReleaseError,
  type ReleaseManifest,
} from '@muster/shared/release/manifest.ts';
import type { Millis } from '@muster/shared/time.ts';
import { AppError } from '../errors.ts';
import { INSTALL_PATH, type ServedRelease } from '../install/assets.ts';
import { type Log, messageOf } from '../log.ts';
import { believedRelease } from '../release/folder.ts';
import { wantedRange } from './range.ts';

export const RELEASES_PATH = `${INSTALL_PATH}releases/`;
/** A name of digits alone: what is being copied has another. */
const SERIAL = /^[1-9]\d{0,15}$/;

/** What new machines are given of the releases that are kept: the one that went out to the fleet, else the newest, whether it is right or not. */
export function servedRelease(folder: string, provenSerial: number | null): ServedRelease | null {
  if (provenSerial !== null) return { folder: join(folder, String(provenSerial)), isProven: true };
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => SERIAL.test(name)) : [];
  const newest = Math.max(0, ...names.map(Number));
  return newest === 0 ? null : { folder: join(folder, String(newest)), isProven: false };
}

export interface KeptRelease {
  readonly manifest: ReleaseManifest;
  readonly addedAtMs: Millis;
}

export interface ReleaseCatalogue {
  /** By which releases are signed; null: none was given, so nothing is offered. */
  readonly key: PublicReleaseKey | null;
  /** As of now, the highest number first. */
  list(): Promise<readonly KeptRelease[]>;
  /** Of the last look: what lies there and is not offered, and why. */
  refused(): readonly { readonly serial: number; readonly why: string }[];
  /** As of the last look. */
  get(serial: number): KeptRelease | null;
  /** Its files are gone when the promise resolves. */
  remove(serial: number): Promise<void>;
  /** Once a second: looks again where folders came or went. */
  tick(): Promise<void>;
  /** `GET` and `HEAD` below `RELEASES_PATH`. @throws AppError 'not-found' */
  respond(request: Request): Response;
}

interface Entry extends KeptRelease {
  readonly folder: string;
  readonly files: ReadonlyMap<string, { readonly bytes: number; readonly etag: string }>;
}

export function createReleaseCatalogue(options: {
  readonly folder: string;
  readonly key: PublicReleaseKey | null;
  readonly log: Log;
}): ReleaseCatalogue {
  const { folder, key, log } = options;
  let entries = new Map<number, Entry>();
  /** Folders that were looked at and are not right, with the reason: said once. */
  const refused = new Map<string, string>();
  /** When folders came or went last; null: there is no place for them. */
  let seenMs: number | null = null;
  let looking: Promise<void> | null = null;

  async function look(): Promise<void> {
    const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    const found = names.filter((name) => SERIAL.test(name));
    const next = new Map<number, Entry>();
    for (const name of found) {
      const entry = entries.get(Number(name)) ?? opened(name);
      if (entry) next.set(Number(name), entry);
    }
    for (const name of refused.keys()) if (!found.includes(name)) refused.delete(name);
    entries = next;
  }

  function opened(name: string): Entry | null {
    if (refused.has(name)) return null;
    try {
      if (key === null) throw new ReleaseError('nothing says whose it is; set MUSTER_RELEASE_KEY=FILE.pub');
      return openRelease(join(folder, name), name, key);
    } catch (error) {
      const why = messageOf(error);
      // What the system says of a file names folders of this machine: that is for the log.
      refused.set(
        name,
        error instanceof ReleaseError ? why : 'it cannot be read; the log of the server says why',
      );
      log('error', 'a release is not offered', { release: name, error: why });
      return null;
    }
  }

  const lookNow = () => (looking ??= look().finally(() => (looking = null)));

  return {
    key,
    async list() {
      await lookNow();
      return [...entries.values()].toSorted((a, b) => b.manifest.serial - a.manifest.serial);
    },
    refused: () => [...refused].map(([name, why]) => ({ serial: Number(name), why })),
    get: (serial) => entries.get(serial) ?? null,
    async remove(serial) {
      await rm(join(folder, String(serial)), { recursive: true, force: true });
      await lookNow();
    },
    async tick() {
      const mtimeMs = await stat(folder).then(
        (stats) => stats.mtimeMs,
        () => null,
      );
      if (mtimeMs === seenMs) return;
      await lookNow();
      seenMs = mtimeMs;
    },
    respond(request) {
      const [serial = '', name = '', ...more] = new URL(request.url).pathname
        .slice(RELEASES_PATH.length)
        .split('/');
      const entry = SERIAL.test(serial) && more.length === 0 ? entries.get(Number(serial)) : undefined;
      const file = entry?.files.get(name);
      if (!entry || !file)
        throw new AppError('not-found', `There is no file ${name} of a release ${serial} here.`);
      return answer(request, join(entry.folder, name), file);
    },
  };
}

/** Signature and lengths; the content was held against the manifest when it was put there, and agents do it again. @throws Error */
function openRelease(folder: string, name: string, key: PublicReleaseKey): Entry {
  const manifest = believedRelease(folder, key);
  if (String(manifest.serial) !== name)
    throw new ReleaseError(`its number is ${manifest.serial}, not ${name}`);
  const files = new Map<string, { bytes: number; etag: string }>();
  for (const { name: file, bytes, sha256 } of manifest.files) {
    const size = statSync(join(folder, file)).size;
    if (size !== bytes) throw new ReleaseError(`${file} has ${size} bytes, and ${bytes} by its manifest`);
    files.set(file, { bytes, etag: `"${sha256}"` });
  }
  for (const file of [RELEASE_MANIFEST, RELEASE_SIGNATURE]) {
    const content = readFileSync(join(folder, file));
    files.set(file, {
      bytes: content.length,
      etag: `"${createHash('sha256').update(content).digest('hex')}"`,
    });
  }
  const addedAtMs = Math.round(statSync(join(folder, RELEASE_SIGNATURE)).mtimeMs);
  return { manifest, folder, files, addedAtMs };
}

function answer(request: Request, path: string, { bytes, etag }: { bytes: number; etag: string }): Response {
  const header = (name: string) => request.headers.get(name);
  const headers = {
    etag,
    'content-type': 'application/octet-stream',
    'cache-control': 'no-cache',
    'accept-ranges': 'bytes',
  };
  if (header('if-none-match') === etag) return new Response(null, { status: 304, headers });
  const range = wantedRange({ range: header('range'), ifRange: header('if-range') }, { bytes, etag });
  if (range === 'outside')
    return new Response(null, { status: 416, headers: { ...headers, 'content-range': `bytes */${bytes}` } });
  const { first, last } = range ?? { first: 0, last: bytes - 1 };
  const whole = {
    status: range === null ? 200 : 206,
    headers: {
      ...headers,
      'content-length': String(last - first + 1),
      ...(range === null ? {} : { 'content-range': `bytes ${first}-${last}/${bytes}` }),
    },
  };
  if (request.method === 'HEAD') return new Response(null, whole);
  return new Response(
    Readable.toWeb(createReadStream(path, { start: first, end: last })) as ReadableStream,
    whole,
  );
}
