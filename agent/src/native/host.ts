/** The Host of Windows and macOS: Node's own sources, and beside them the platform's (`system`). */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { machine } from 'node:os';
import type { Host } from '../host.ts';
import {
  entryFigures,
  fileSystemFigures,
  hashFile,
  interfaceAddresses,
  orNull,
  selfFigures,
  wallMs,
} from '../host-node.ts';
import type { NativeSystem } from './system.ts';

/** Largest file that is read as a whole. */
const FILE_BYTES_MAX = 64 << 20;

export function nativeHost(platform: 'win32' | 'darwin', system: NativeSystem, run: Host['run']): Host {
  const read = (path: string): Buffer | null =>
    orNull(() => (statSync(path).size > FILE_BYTES_MAX ? null : readFileSync(path)));
  return {
    platform,
    architecture: machine(),
    system,
    now: wallMs,
    monotonicMs: () => performance.now(),
    readText: (path) => read(path)?.toString('utf8') ?? null,
    readBytes: (path, bytesMax) => {
      const bytes = read(path);
      return bytes === null ? null : new Uint8Array(bytes.subarray(Math.max(0, bytes.length - bytesMax)));
    },
    modifiedMs: (path) => orNull(() => Math.floor(statSync(path).mtimeMs)),
    entry: (path) => orNull(() => entryFigures(path)),
    hashFile: (path, inode, bytesMax) => orNull(() => hashFile(path, inode, bytesMax)),
    addresses: interfaceAddresses,
    list: (path) => orNull(() => readdirSync(path).sort()) ?? [],
    readLink: (path) => orNull(() => readlinkSync(path)),
    fileSystem: (mountPoint) => orNull(() => fileSystemFigures(mountPoint)),
    self: selfFigures,
    run,
  };
}
