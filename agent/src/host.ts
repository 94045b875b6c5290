/**
 * The agent's only door to the machine: files, file-system figures, commands, clock. Collectors and
 * inventory sections get it as an argument, so that they run the same on recorded trees.
 */
import type { Millis } from '@muster/shared/time.ts';
import type { NativeSystem } from './native/system.ts';

/** Figures of one mounted file system, in bytes and counts (statfs(2)). */
export interface FileSystemFigures {
  readonly totalBytes: number;
  readonly freeBytes: number;
  /** What an unprivileged user may still write. */
  readonly availableBytes: number;
  readonly inodesTotal: number;
  readonly inodesFree: number;
}

/** One IPv4 or IPv6 address as the kernel has it. */
export interface InterfaceAddress {
  readonly interface: string;
  readonly address: string;
  /** Length of the network prefix in bits. */
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** What this program itself has used since it started. */
export interface SelfFigures {
  /** User and system time of all its threads. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

/** One entry of a file system, a symbolic link itself and not what it leads to (lstat(2)). */
export interface EntryFigures {
  readonly kind: 'file' | 'directory' | 'link' | 'other';
  /** The twelve permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  /** Of the content; anybody who may write the file can set it. */
  readonly modifiedMs: Millis;
  /** Of content, owner, mode or name; only the system sets it. */
  readonly changedMs: Millis;
  readonly inode: number;
}

export interface Host {
  readonly platform: 'linux' | 'win32' | 'darwin';
  /** As `uname -m` says: 'x86_64', 'aarch64' … (os.machine()). */
  readonly architecture: string;
  /** What Windows and macOS tell about themselves; null on Linux, where everything is a file. */
  readonly system: NativeSystem | null;
  /** Wall clock. */
  now(): Millis;
  /** Never goes back; only differences mean anything. */
  monotonicMs(): number;
  /** Since boot, time asleep included, which `monotonicMs` leaves out. Absent: /proc/uptime says so. */
  sinceBootMs?(): number;
  /** Text of a file; null when it does not exist or may not be read. `/proc` and `/sys` paths are absolute. Re-reads are cheap: descriptors of /proc files stay open. */
  readText(path: string): string | null;
  /** The same as bytes, valid until the next reading of any file. Absent where a platform has no such files. */
  readRaw?(path: string): Uint8Array | null;
  /** The last `bytesMax` bytes of a file, all of it when it is shorter; null when it does not exist or may not be read. For binary files (SMBIOS, ACPI, utmp). */
  readBytes(path: string, bytesMax: number): Uint8Array | null;
  /** When the content of a file or folder last changed; null when it does not exist. Links are followed. */
  modifiedMs(path: string): Millis | null;
  /** null when it does not exist or may not be looked at. */
  entry(path: string): EntryFigures | null;
  /**
   * SHA-256 (hex) of a regular file, read in pieces; null when it is none, is a link, has grown beyond `bytesMax`, is not the file
   * with `inode`, or may not be read. Only the hash leaves this function.
   */
  hashFile(path: string, inode: number, bytesMax: number): string | null;
  /** Addresses of interfaces that are up (os.networkInterfaces()), without loopback's. */
  addresses(): readonly InterfaceAddress[];
  /** Names in a folder, sorted; empty when it does not exist or may not be read. */
  list(path: string): readonly string[];
  /** Hard links of a folder (stat(2), st_nlink); null when it does not exist. Absent where nobody asks. */
  linkCount?(path: string): number | null;
  /** Target of a symbolic link; null when it is none. */
  readLink(path: string): string | null;
  /** null when the path is gone, or does not answer (a dead network mount must not stop the tick). */
  fileSystem(mountPoint: string): FileSystemFigures | null;
  /** The agent's own footprint. */
  self(): SelfFigures;
  /** Output of a program, for inventory only, never in a metric tick. `ok` is false when it is missing, failed or timed out. */
  run(
    command: string,
    args: readonly string[],
    timeoutMs?: number,
  ): Promise<{ ok: boolean; stdout: string; stderr: string }>;
}
