/** What Node tells of the machine in the same way on every platform: the parts that all hosts are made of. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, statfsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { Millis } from '@muster/shared/time.ts';
import type { EntryFigures, FileSystemFigures, Host, InterfaceAddress, SelfFigures } from './host.ts';

/** Output of one program: a package list of 10,000 lines is about 2 MiB. */
const RUN_OUTPUT_BYTES_MAX = 32 << 20;
const RUN_TIMEOUT_MS_DEFAULT = 20_000;

/** The wall clock. */
export const wallMs = (): Millis => Date.now();

/** null instead of a system error (gone, not permitted, no such device); a programmer's error stays one. */
export function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof TypeError || error instanceof ReferenceError) throw error;
    return null;
  }
}

export function entryFigures(path: string): EntryFigures {
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
    changedMs: Math.floor(stat.ctimeMs),
    inode: stat.ino,
  };
}

const HASH_PIECE_BYTES = 64 << 10;
let hashPiece: Buffer | null = null;

export function hashFile(path: string, inode: number, bytesMax: number): string | null {
  const fd = openSync(
    path,
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY,
  );
  try {
    const stat = fstatSync(fd);
    // Somebody may have put another file in its place since it was looked at.
    if (!stat.isFile() || stat.ino !== inode) return null;
    const hash = process.getBuiltinModule('node:crypto').createHash('sha256');
    const piece = (hashPiece ??= Buffer.allocUnsafeSlow(HASH_PIECE_BYTES));
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
export function fileSystemFigures(path: string): FileSystemFigures {
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

export function interfaceAddresses(): InterfaceAddress[] {
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

export function selfFigures(): SelfFigures {
  const { user, system } = process.cpuUsage();
  return { cpuSeconds: (user + system) / 1e6, residentBytes: process.memoryUsage.rss() };
}

/** For programs of Unix: the path to others and the C locale. */
export const UNIX_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
  LANG: 'C',
};

/** Runs programs bounded in time and size; they get no other environment than `env`. */
export function runnerWith(env: Readonly<Record<string, string>>): Host['run'] {
  return (command, args, timeoutMs = RUN_TIMEOUT_MS_DEFAULT) =>
    new Promise((resolve) => {
      // Loaded only where something is run, as the cryptography above: an inventory often needs neither, and each takes a tenth of its time.
      process
        .getBuiltinModule('node:child_process')
        .execFile(
          command,
          [...args],
          {
            env: { ...env },
            timeout: timeoutMs,
            killSignal: 'SIGKILL',
            maxBuffer: RUN_OUTPUT_BYTES_MAX,
            encoding: 'utf8',
            windowsHide: true,
          },
          (error, stdout, stderr) => resolve({ ok: error === null, stdout, stderr }),
        )
        .stdin?.end();
    });
}
