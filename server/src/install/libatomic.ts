/** The one library that Node needs and small systems lack: this server runs on the same Node, so it has a copy. */
import { readFileSync } from 'node:fs';
import { NODE_PLATFORMS, type NodePlatform } from './node-binary.ts';

export interface SharedLibrary {
  readonly platform: NodePlatform;
  readonly path: string;
}

/** null where the server is no Linux, or its Node brings the library inside. */
export function ownLibatomic(): SharedLibrary | null {
  const platform = NODE_PLATFORMS.find((one) => one === `${process.platform}-${process.arch}`);
  if (platform === undefined) return null;
  const path = libatomicIn(readFileSync('/proc/self/maps', 'utf8'));
  return path === null ? null : { platform, path };
}

/** proc(5), /proc/pid/maps: the path is the sixth column. */
export function libatomicIn(maps: string): string | null {
  return /\s(\/\S*\/libatomic\.so\.1[.\d]*)$/m.exec(maps)?.[1] ?? null;
}
