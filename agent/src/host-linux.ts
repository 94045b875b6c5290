/** The Host of a Linux machine: the one place that touches its files, clock and programs. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { machine, networkInterfaces } from 'node:os';
import type { EntryFigures, FileSystemFigures, Host, InterfaceAddress, SelfFigures } from './host.ts';

/** Where the trees lie; other places than the defaults are for containers and recorded trees. */
export interface LinuxHostOptions {
  readonly procRoot?: string;
  readonly sysRoot?: string;
  /** Before every other path; '' is this machine's own root. */
  readonly root?: string;
}

/** A Host that holds descriptors; `close` gives them back, and it stays usable. */
export interface LinuxHost extends Host {
  close(): void;
}

/** Descriptors kept open. A tick reads about 15 files; sensors of a large server add some dozens. */
const HOT_FILES_MAX = 128;
/** Paths remembered as "read once" before they are kept open. */
const SEEN_PATHS_MAX = 1_024;
/** Largest file that is read as a whole: a package database of a very full server is about 30 MiB. */
const FILE_BYTES_MAX = 64 << 20;
/** First size of the read buffer; /proc/stat of 256 cores fits. It doubles when a file does not. */
const BUFFER_BYTES_FIRST = 64 << 10;
/** The read buffer falls back to its first size after a file beyond this, so that one large file costs no memory for ever. */
const BUFFER_BYTES_KEPT = 1 << 20;
/** Output of one program: a package list of 10,000 lines is about 2 MiB. */
const RUN_OUTPUT_BYTES_MAX = 32 << 20;
const RUN_TIMEOUT_MS_DEFAULT = 20_000;

export function createLinuxHost(options: LinuxHostOptions = {}): LinuxHost {
  const files = new FileReader();
  const place = (path: string): string => placeIn(options, path);
  return {
    platform: 'linux',
    architecture: machine(),
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    readText: (path) => files.read(place(path), isHot(path))?.toString('utf8') ?? null,
    readRaw: (path) => files.read(place(path), isHot(path)),
    readBytes: (path, bytesMax) => {
      const bytes = files.read(place(path), false);
      return bytes === null ? null : new Uint8Array(bytes.subarray(Math.max(0, bytes.length - bytesMax)));
    },
    modifiedMs: (path) => orNull(() => Math.floor(statSync(place(path)).mtimeMs)),
    entry: (path) => orNull(() => entryFigures(place(path))),
    hashFile: (path, inode, bytesMax) => orNull(() => hashFile(place(path), inode, bytesMax)),
    addresses: interfaceAddresses,
    list: (path) => orNull(() => readdirSync(place(path)).sort()) ?? [],
    readLink: (path) => orNull(() => readlinkSync(place(path))),
    fileSystem: (mountPoint) => orNull(() => fileSystemFigures(place(mountPoint))),
    self: selfFigures,
    run,
    close: () => files.close(),
  };
}

function placeIn(options: LinuxHostOptions, path: string): string {
  if (options.procRoot !== undefined && path.startsWith('/proc/')) return options.procRoot + path.slice(5);
  if (options.procRoot !== undefined && path === '/proc') return options.procRoot;
  if (options.sysRoot !== undefined && path.startsWith('/sys/')) return options.sysRoot + path.slice(4);
  if (options.sysRoot !== undefined && path === '/sys') return options.sysRoot;
  return (options.root ?? '') + path;
}

/** Files that each tick reads again. Files of one process are not: a kept descriptor would outlive the process. */
function isHot(path: string): boolean {
  if (path.startsWith('/proc/')) return !/^\/proc\/(?!1\/)\d/.test(path);
  return /^\/sys\/class\/(?:hwmon|thermal|net)\//.test(path);
}

/** Reads whole files into one shared buffer; the result is valid until the next read. */
class FileReader {
  #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES_FIRST);
  /** Least recently opened first. */
  readonly #open = new Map<string, number>();
  readonly #seen = new Set<string>();

  read(path: string, hot: boolean): Buffer | null {
    if (this.#buffer.length > BUFFER_BYTES_KEPT) this.#buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES_FIRST);
    const kept = this.#open.get(path);
    if (kept !== undefined) {
      const length = orNull(() => this.#fill(kept));
      if (length !== null) return this.#buffer.subarray(0, length);
      // The device behind the descriptor went away; the path may lead to a new one.
      this.#forget(path, kept);
    }
    return this.#readByPath(path, hot);
  }

  close(): void {
    for (const [path, fd] of this.#open) this.#forget(path, fd);
  }

  #readByPath(path: string, hot: boolean): Buffer | null {
    // Without O_NONBLOCK, opening a pipe that somebody put in the file's place would block the agent.
    const fd = orNull(() => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY));
    if (fd === null) return null;
    const length = orNull(() => this.#fill(fd));
    if (length !== null && hot && this.#wasSeen(path)) this.#keep(path, fd);
    else closeSync(fd);
    return length === null ? null : this.#buffer.subarray(0, length);
  }

  /** Bytes read. The kernel hands a long /proc file out in pieces of a page, so one read is never enough. */
  #fill(fd: number): number {
    let length = 0;
    for (;;) {
      if (length === this.#buffer.length) this.#grow();
      const count = readSync(fd, this.#buffer, length, this.#buffer.length - length, length);
      if (count === 0) return length;
      length += count;
    }
  }

  #grow(): void {
    if (this.#buffer.length >= FILE_BYTES_MAX)
      throw new RangeError(`file is larger than ${FILE_BYTES_MAX} bytes`);
    const larger = Buffer.allocUnsafeSlow(this.#buffer.length * 2);
    this.#buffer.copy(larger);
    this.#buffer = larger;
  }

  /** True from the second read on: what is read once, by an inventory, is not worth a descriptor. */
  #wasSeen(path: string): boolean {
    if (this.#seen.has(path)) return true;
    if (this.#seen.size >= SEEN_PATHS_MAX) this.#seen.clear();
    this.#seen.add(path);
    return false;
  }

  #keep(path: string, fd: number): void {
    if (this.#open.size >= HOT_FILES_MAX) {
      const [oldest] = this.#open;
      if (oldest !== undefined) this.#forget(...oldest);
    }
    this.#open.set(path, fd);
  }

  #forget(path: string, fd: number): void {
    this.#open.delete(path);
    closeSync(fd);
  }
}

/** null instead of a system error (gone, not permitted, no such device); a programmer's error stays one. */
function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof TypeError || error instanceof ReferenceError) throw error;
    return null;
  }
}

function entryFigures(path: string): EntryFigures {
  const stat = lstatSync(path);
  const kind = stat.isFile()
    ? 'file'
    : stat.isDirectory()
      ? 'directory'
      : stat.isSymbolicLink()
        ? 'link'
        : 'other';
  return {
    kind,
    mode: stat.mode & 0o7777,
    uid: stat.uid,
    gid: stat.gid,
    sizeBytes: stat.size,
    modifiedMs: Math.floor(stat.mtimeMs),
    inode: stat.ino,
  };
}

const HASH_PIECE_BYTES = 64 << 10;

function hashFile(path: string, inode: number, bytesMax: number): string | null {
  const fd = openSync(
    path,
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY,
  );
  try {
    const stat = fstatSync(fd);
    // Somebody may have put another file in its place since it was looked at.
    if (!stat.isFile() || stat.ino !== inode) return null;
    const hash = createHash('sha256');
    const piece = Buffer.allocUnsafe(HASH_PIECE_BYTES);
    for (let total = 0; ; ) {
      const count = readSync(fd, piece, 0, piece.length, null);
      if (count === 0) return hash.digest('hex');
      total += count;
      if (total > bytesMax) return null;
      hash.update(piece.subarray(0, count));
    }
  } finally {
    closeSync(fd);
  }
}

/** statfs(2). It can block for ever on a dead network mount, so the caller asks for local file systems only. */
function fileSystemFigures(path: string): FileSystemFigures {
  const figures = statfsSync(path);
  // Blocks are counted in the fundamental size; kernels that do not tell it use bsize.
  const blockBytes = figures.frsize > 0 ? figures.frsize : figures.bsize;
  return {
    totalBytes: figures.blocks * blockBytes,
    freeBytes: figures.bfree * blockBytes,
    availableBytes: figures.bavail * blockBytes,
    inodesTotal: figures.files,
    inodesFree: figures.ffree,
  };
}

function interfaceAddresses(): InterfaceAddress[] {
  const addresses: InterfaceAddress[] = [];
  for (const [name, entries] of Object.entries(networkInterfaces())) {
    for (const entry of entries ?? []) {
      if (entry.internal) continue;
      const prefix = entry.cidr === null ? null : Number(entry.cidr.slice(entry.cidr.lastIndexOf('/') + 1));
      if (prefix === null) continue;
      addresses.push({
        interface: name,
        address: entry.address,
        prefix,
        family: entry.family === 'IPv4' ? 'ipv4' : 'ipv6',
      });
    }
  }
  return addresses;
}

function selfFigures(): SelfFigures {
  const { user, system } = process.cpuUsage();
  return { cpuSeconds: (user + system) / 1e6, residentBytes: process.memoryUsage.rss() };
}

/** Output in the C locale, bounded in time and size; the program gets no other environment than the path to others. */
function run(
  command: string,
  args: readonly string[],
  timeoutMs: number = RUN_TIMEOUT_MS_DEFAULT,
): Promise<{ ok: boolean; stdout: string; stderr: string }> {
  const env = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    LC_ALL: 'C',
    LANG: 'C',
  };
  return new Promise((resolve) => {
    execFile(
      command,
      [...args],
      { env, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: RUN_OUTPUT_BYTES_MAX, encoding: 'utf8' },
      (error, stdout, stderr) => resolve({ ok: error === null, stdout, stderr }),
    ).stdin?.end();
  });
}
