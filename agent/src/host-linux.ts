/** The Host of a Linux machine: the one place that touches its files, clock and programs. */
import {
  closeSync,
  constants,
  existsSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  statSync,
} from 'node:fs';
import { machine, uptime } from 'node:os';
import type { Host } from './host.ts';
import {
  entryFigures,
  fileSystemFigures,
  hashFile,
  interfaceAddresses,
  orNull,
  runnerWith,
  selfFigures,
  UNIX_ENVIRONMENT,
  wallMs,
} from './host-node.ts';

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

/** Most places that are looked at are not there: `existsSync` comes first, because an error costs ten times the look. */
export function createLinuxHost(options: LinuxHostOptions = {}): LinuxHost {
  const place = (path: string): string => placeIn(options, path);
  const files = new FileReader(place);
  const isThisMachine = Object.keys(options).length === 0;
  return {
    platform: 'linux',
    architecture: machine(),
    now: wallMs,
    // `performance` would load a module that nothing else here needs.
    monotonicMs: () => process.uptime() * 1_000,
    ...(isThisMachine ? { sinceBootMs: bootClock() } : {}),
    readText: (path) => files.text(path),
    readRaw: (path) => files.bytes(path, isHot(path)),
    readBytes: (path, bytesMax) => {
      const bytes = files.bytes(path, false);
      return bytes === null ? null : new Uint8Array(bytes.subarray(Math.max(0, bytes.length - bytesMax)));
    },
    modifiedMs: (path) =>
      orNull(() => {
        const stat = statSync(place(path), { throwIfNoEntry: false });
        return stat === undefined ? null : Math.floor(stat.mtimeMs);
      }),
    entry: (path) => orNull(() => entryFigures(place(path))),
    hashFile: (path, inode, bytesMax) => orNull(() => hashFile(place(path), inode, bytesMax)),
    addresses: interfaceAddresses,
    list: (path) => (existsSync(place(path)) ? orNull(() => readdirSync(place(path)).sort()) : null) ?? [],
    linkCount: (path) => orNull(() => statSync(place(path)).nlink),
    readLink: (path) => orNull(() => readlinkSync(place(path))),
    fileSystem: (mountPoint) => orNull(() => fileSystemFigures(place(mountPoint))),
    system: null,
    self: selfFigures,
    run: runnerWith(UNIX_ENVIRONMENT),
    close: () => files.close(),
  };
}

/** Looks at the clock within so much of one another are of one moment. */
const MOMENT_MS = 50;

/** Time since boot with sleep: Node opens /proc/uptime for each reading, and a tick looks at its clocks a dozen times. Never goes back. */
function bootClock(): () => number {
  let readAtMs = Number.NEGATIVE_INFINITY;
  let sinceBootMs = 0;
  return () => {
    const awakeMs = process.uptime() * 1_000;
    if (awakeMs - readAtMs > MOMENT_MS) {
      readAtMs = awakeMs;
      sinceBootMs = uptime() * 1_000;
    }
    return sinceBootMs;
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

/** The kernel writes these tables by whole lines, a page at most at a time, and no line of theirs is this long. */
const LINE_BYTES_MAX = 1_024;
const PAGE_BYTES = 4_096;

/** Not the lists of mounts, whose lines have no limit, nor those that are written a disk or a prefix with all that belongs to it at a time. */
const NO_TABLE = ['mountinfo', 'mounts', 'diskstats', 'route'];

function isTable(path: string): boolean {
  return !NO_TABLE.some((name) => path.endsWith(name));
}

/** Reads whole files into one shared buffer; the result is valid until the next read. */
class FileReader {
  readonly #place: (path: string) => string;
  #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES_FIRST);
  /** By the path asked for, least recently opened first. */
  readonly #open = new Map<string, number>();
  readonly #seen = new Set<string>();

  constructor(place: (path: string) => string) {
    this.#place = place;
  }

  text(path: string): string | null {
    const kept = this.#open.get(path);
    const length = kept === undefined ? null : this.#again(path, kept);
    if (length !== null) return this.#buffer.toString('utf8', 0, length);
    return this.bytes(path, isHot(path))?.toString('utf8') ?? null;
  }

  bytes(path: string, hot: boolean): Buffer | null {
    if (this.#buffer.length > BUFFER_BYTES_KEPT) this.#buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES_FIRST);
    const kept = this.#open.get(path);
    const length = kept === undefined ? null : this.#again(path, kept);
    return length === null ? this.#readByPath(path, hot) : this.#buffer.subarray(0, length);
  }

  /** null: the device behind the descriptor went away; the path may lead to a new one. */
  #again(path: string, fd: number): number | null {
    try {
      return this.#fill(fd, isTable(path));
    } catch {
      this.#forget(path, fd);
      return null;
    }
  }

  close(): void {
    for (const [path, fd] of this.#open) this.#forget(path, fd);
  }

  #readByPath(path: string, hot: boolean): Buffer | null {
    if (!existsSync(this.#place(path))) return null;
    // Without O_NONBLOCK, opening a pipe that somebody put in the file's place would block the agent.
    const fd = orNull(() =>
      openSync(this.#place(path), constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY),
    );
    if (fd === null) return null;
    const length = orNull(() => this.#fill(fd, false));
    if (length !== null && hot && this.#wasSeen(path)) this.#keep(path, fd);
    else closeSync(fd);
    return length === null ? null : this.#buffer.subarray(0, length);
  }

  /** Bytes read. The kernel hands a long /proc file out in pieces of a page, so one read is never enough, except for a short `table`. */
  #fill(fd: number, table: boolean): number {
    let length = 0;
    for (;;) {
      if (length === this.#buffer.length) this.#grow();
      const count = readSync(fd, this.#buffer, length, this.#buffer.length - length, length);
      length += count;
      if (count === 0 || (table && length <= PAGE_BYTES - LINE_BYTES_MAX)) return length;
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
