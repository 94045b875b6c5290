/**
 * The walk through the directories: what is not open to everybody is named with owner and mode only, because the hash or the
 * size of a short secret can be guessed; the rest is hashed, and a file that has not changed is not read again.
 */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { EntryFigures, Host } from '../../host.ts';
import type { CollectedSection } from '../section.ts';
import { mayNotAnswer, parseMountinfo } from '../storage/mounts.ts';
import { byText } from '../text.ts';
import type { KnownHash, KnownHashes } from './known-hashes.ts';
import { allowedDirectory, isChurning } from './places.ts';

type Fingerprint = SectionData['fingerprints']['files'][number];
type Directory = SectionData['fingerprints']['directories'][number];

/** Files in one report; /etc of a server has about 1,500. */
export const FILES_MAX = 10_000;
/** Larger files are no configuration; they are named without a hash. */
export const FILE_BYTES_MAX = 1 << 20;
/** Read for one report; the rest is read for the next ones, because what is known is not read again. */
export const READ_BYTES_MAX = 64 << 20;
export const DEPTH_MAX = 16;
/** A file that changed a moment before it was read may change once more in the same moment, and look the same. */
export const SETTLED_MS: Millis = 2_000;
const MODE_OTHERS_READ = 0o004;
const MODE_OTHERS_ENTER = 0o001;

interface Walk {
  readonly host: Host;
  readonly owners: ReadonlyMap<number, string>;
  readonly groups: ReadonlyMap<number, string>;
  /** Mount points of file systems that may not answer; even a look at such a place can last for ever. */
  readonly foreign: ReadonlySet<string>;
  readonly known: KnownHashes;
  readonly hashes: Map<string, KnownHash>;
  readonly files: Map<string, Fingerprint>;
  readBytes: number;
  readonly nowMs: Millis;
}

export interface ReadFingerprints {
  readonly section: CollectedSection<'fingerprints'>;
  /** For the next time. */
  readonly hashes: KnownHashes;
}

/** `known`: what was read for the report before. */
export function readFingerprints(host: Host, asked: readonly string[], known: KnownHashes): ReadFingerprints {
  const walk: Walk = {
    host,
    owners: names(host.readText('/etc/passwd') ?? ''),
    groups: names(host.readText('/etc/group') ?? ''),
    foreign: foreignMounts(host),
    known,
    hashes: new Map(),
    files: new Map(),
    readBytes: 0,
    nowMs: host.now(),
  };
  const directories = [...new Set(asked)].map((path): Directory => ({ path, state: visit(walk, path) }));
  const cut = directories.filter(({ state }) => state === 'cut' || state === 'unreadable');
  const section = {
    data: { directories, files: [...walk.files.values()].sort((a, b) => byText(a.path, b.path)) },
    complete: cut.length === 0,
    notes: cut.map(
      ({ path, state }) =>
        `${path}: ${state === 'cut' ? 'too much to report all of it' : 'could not be read'}`,
    ),
  };
  return { section, hashes: walk.hashes };
}

function visit(walk: Walk, asked: string): Directory['state'] {
  const path = allowedDirectory(asked);
  if (path === null) return 'refused';
  // No part of the way may be a link: it could lead out of the allowed places.
  const way = path.split('/').slice(1);
  let open = true;
  for (let depth = 1; depth <= way.length; depth++) {
    const place = `/${way.slice(0, depth).join('/')}`;
    if (walk.foreign.has(place)) return 'refused';
    const entry = walk.host.entry(place);
    if (entry === null) return 'missing';
    if (entry.kind !== 'directory') return 'refused';
    open &&= isOpen(entry);
  }
  return readDirectory(walk, path, open, 0) ? 'read' : 'cut';
}

function foreignMounts(host: Host): Set<string> {
  const mounts = parseMountinfo(host.readText('/proc/self/mountinfo') ?? '');
  return new Set(mounts.filter(({ type }) => mayNotAnswer(type)).map(({ mountPoint }) => mountPoint));
}

function isOpen(directory: EntryFigures): boolean {
  return (directory.mode & MODE_OTHERS_ENTER) !== 0;
}

/** @returns false when a limit left something out */
function readDirectory(walk: Walk, folder: string, open: boolean, depth: number): boolean {
  if (depth > DEPTH_MAX) return false;
  let whole = true;
  for (const name of walk.host.list(folder)) {
    const path = `${folder === '/' ? '' : folder}/${name}`;
    const entry = isChurning(path, name) || walk.foreign.has(path) ? null : walk.host.entry(path);
    if (entry === null) continue;
    if (entry.kind === 'directory') {
      whole = readDirectory(walk, path, open && isOpen(entry), depth + 1) && whole;
    } else {
      if (walk.files.size >= FILES_MAX) return false;
      walk.files.set(path, fingerprint(walk, path, entry, open));
    }
  }
  return whole && walk.readBytes <= READ_BYTES_MAX;
}

function fingerprint(walk: Walk, path: string, entry: EntryFigures, open: boolean): Fingerprint {
  const isSecret = !open || (entry.mode & MODE_OTHERS_READ) === 0;
  const isFile = entry.kind === 'file';
  return {
    path,
    owner: walk.owners.get(entry.uid) ?? String(entry.uid),
    group: walk.groups.get(entry.gid) ?? String(entry.gid),
    mode: entry.mode.toString(8).padStart(4, '0'),
    sizeBytes: isFile && !isSecret ? entry.sizeBytes : null,
    sha256: isFile && !isSecret ? hashOf(walk, path, entry) : null,
    linkTarget: entry.kind === 'link' ? (walk.host.readLink(path)?.slice(0, 1_024) ?? null) : null,
  };
}

function hashOf(walk: Walk, path: string, entry: EntryFigures): string | null {
  if (entry.sizeBytes > FILE_BYTES_MAX) return null;
  const { inode, sizeBytes, modifiedMs, changedMs } = entry;
  const figures = [inode, sizeBytes, modifiedMs, changedMs].map((figure) => figure.toString(36)).join(' ');
  const known = walk.known.get(path);
  if (known?.figures === figures) {
    walk.hashes.set(path, known);
    return known.sha256;
  }
  walk.readBytes += entry.sizeBytes;
  if (walk.readBytes > READ_BYTES_MAX) return null;
  const sha256 = walk.host.hashFile(path, entry.inode, FILE_BYTES_MAX);
  // What could not be read once may be readable the next time.
  if (sha256 !== null && Math.max(modifiedMs, changedMs) + SETTLED_MS < walk.nowMs)
    walk.hashes.set(path, { figures, sha256 });
  return sha256;
}

/** Number → name, of passwd(5) and group(5) alike. */
function names(text: string): Map<number, string> {
  return new Map(
    text.split('\n').flatMap((line): [number, string][] => {
      const [name = '', , id = ''] = line.split(':');
      return /^\d+$/.test(id) && name !== '' ? [[Number(id), name]] : [];
    }),
  );
}
