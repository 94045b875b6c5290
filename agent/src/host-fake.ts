/** A Host for tests: a map of path to text, or a recorded tree in a folder, with a clock that the test moves. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import type { EntryFigures, FileSystemFigures, Host, InterfaceAddress, SelfFigures } from './host.ts';

export interface FakeHostOptions {
  /** Path to content. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Path of a symbolic link to its target. Reading through links is not followed here; use a tree for that. */
  readonly links?: Readonly<Record<string, string>>;
  /** A folder that holds `proc/`, `sys/`, `etc/` …; `files` win over it. */
  readonly tree?: string;
  /** What differs from a file of root's that everybody may read, by path. */
  readonly entries?: Readonly<Record<string, Partial<EntryFigures>>>;
  /** By mount point. */
  readonly fileSystems?: Readonly<Record<string, FileSystemFigures>>;
  /** Output of programs by command line, words joined by one blank; what is not here is missing. */
  readonly programs?: Readonly<Record<string, string>>;
  readonly addresses?: readonly InterfaceAddress[];
  readonly self?: SelfFigures;
  readonly platform?: Host['platform'];
  readonly architecture?: string;
  readonly system?: Host['system'];
  readonly nowMs?: number;
  readonly monotonicMs?: number;
}

/** What a test may change between two readings. */
export interface FakeHost extends Host {
  /** Moves both clocks. */
  advance(elapsedMs: number): void;
  /** Moves the wall clock alone, as a person or a time server does. */
  jump(elapsedMs: number): void;
  /** Another recorded tree from now on, or none. */
  setTree(folder: string | null): void;
  /** null removes the file, also one of the tree. */
  setFile(path: string, content: string | Uint8Array | null): void;
  setFileSystem(mountPoint: string, figures: FileSystemFigures | null): void;
  setSelf(figures: SelfFigures): void;
  /** Paths in the order they were read. */
  readonly reads: readonly string[];
}

export function createFakeHost(options: FakeHostOptions = {}): FakeHost {
  const files = new Map<string, string | Uint8Array | null>(Object.entries(options.files ?? {}));
  const fileSystems = new Map(Object.entries(options.fileSystems ?? {}));
  const links = options.links ?? {};
  const reads: string[] = [];
  const changedMs = new Map<string, number>();
  let tree = options.tree ?? null;
  let nowMs = options.nowMs ?? 1_700_000_000_000;
  let monotonicMs = options.monotonicMs ?? 1_000;
  let self = options.self ?? { cpuSeconds: 0, residentBytes: 0 };

  const bytes = (path: string): Uint8Array | null => {
    reads.push(path);
    const own = files.get(path);
    if (own !== undefined) return typeof own === 'string' ? Buffer.from(own) : own;
    return tree === null ? null : ifThere(() => readFileSync(tree + path));
  };
  return {
    platform: options.platform ?? 'linux',
    architecture: options.architecture ?? 'x86_64',
    system: options.system ?? null,
    reads,
    now: () => nowMs,
    monotonicMs: () => monotonicMs,
    readText: (path) => {
      const found = bytes(path);
      return found === null ? null : Buffer.from(found).toString('utf8');
    },
    readBytes: (path, bytesMax) => {
      const found = bytes(path);
      return found === null ? null : found.subarray(Math.max(0, found.length - bytesMax));
    },
    modifiedMs: (path) =>
      files.has(path)
        ? nowMs
        : tree === null
          ? null
          : ifThere(() => Math.floor(statSync(tree + path).mtimeMs)),
    entry: (path) => {
      const content = files.get(path) ?? null;
      const size = content === null ? 0 : Buffer.byteLength(content);
      const kind = links[path] !== undefined ? 'link' : content !== null ? 'file' : 'directory';
      if (kind === 'directory' && !isFolder(path, [...files, ...Object.entries(links)])) return null;
      return {
        kind,
        mode: kind === 'file' ? 0o644 : kind === 'link' ? 0o777 : 0o755,
        uid: 0,
        gid: 0,
        sizeBytes: size,
        modifiedMs: content === null ? nowMs : (changedMs.get(path) ?? 0),
        changedMs: content === null ? nowMs : (changedMs.get(path) ?? 0),
        inode: 1 + [...files.keys()].indexOf(path),
        ...options.entries?.[path],
      };
    },
    hashFile: (path, _inode, bytesMax) => {
      if (links[path] !== undefined) return null;
      const content = bytes(path);
      if (content === null || content.length > bytesMax) return null;
      return createHash('sha256').update(content).digest('hex');
    },
    addresses: () => options.addresses ?? [],
    list: (path) => {
      const names = new Set(tree === null ? [] : (ifThere(() => readdirSync(tree + path)) ?? []));
      for (const [file, content] of [...files, ...Object.entries(links)])
        addChild(names, path, file, content === null);
      return [...names].sort();
    },
    readLink: (path) => links[path] ?? (tree === null ? null : ifThere(() => readlinkSync(tree + path))),
    fileSystem: (mountPoint) => fileSystems.get(mountPoint) ?? null,
    self: () => self,
    run: async (command, args) => {
      const stdout = options.programs?.[[command, ...args].join(' ')];
      return stdout === undefined
        ? { ok: false, stdout: '', stderr: `${command}: not found` }
        : { ok: true, stdout, stderr: '' };
    },
    advance: (elapsedMs) => {
      nowMs += elapsedMs;
      monotonicMs += elapsedMs;
    },
    jump: (elapsedMs) => {
      nowMs += elapsedMs;
    },
    setTree: (folder) => {
      tree = folder;
    },
    setFile: (path, content) => {
      files.set(path, content);
      changedMs.set(path, nowMs);
    },
    setFileSystem: (mountPoint, figures) => {
      if (figures === null) fileSystems.delete(mountPoint);
      else fileSystems.set(mountPoint, figures);
    },
    setSelf: (figures) => {
      self = figures;
    },
  };
}

function isFolder(path: string, entries: readonly (readonly [string, unknown])[]): boolean {
  return entries.some(
    ([file, content]) => content !== null && file.startsWith(path === '/' ? path : `${path}/`),
  );
}

function addChild(names: Set<string>, folder: string, file: string, removed: boolean): void {
  const prefix = folder.endsWith('/') ? folder : `${folder}/`;
  if (!file.startsWith(prefix)) return;
  const [name = '', ...deeper] = file.slice(prefix.length).split('/');
  if (!removed) names.add(name);
  else if (deeper.length === 0) names.delete(name);
}

const NOT_THERE = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'EINVAL', 'EACCES', 'ELOOP']);

function ifThere<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && 'code' in error && NOT_THERE.has(String(error.code))) return null;
    throw error;
  }
}
