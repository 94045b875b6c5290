/** The libraries that Node needs and small systems lack: this server runs on the same Node, so it has copies. */
import { existsSync, readFileSync } from 'node:fs';
import { NODE_PLATFORMS, type NodePlatform } from './node-binary.ts';

export interface SharedLibrary {
  readonly platform: NodePlatform;
  /** The name that Node asks for. */
  readonly name: string;
  readonly path: string;
}

/** The one that stock systems lack: their package managers themselves need the two others. */
export const LIBATOMIC = 'libatomic.so.1';

/** All others that Node asks for belong to glibc. */
const LIBRARIES = [LIBATOMIC, 'libgcc_s.so.1', 'libstdc++.so.6'];

/** None where the server is no Linux, or its Node brings them inside. */
export function ownLibraries(): SharedLibrary[] {
  const platform = NODE_PLATFORMS.find((one) => one === `${process.platform}-${process.arch}`);
  if (platform === undefined) return [];
  const loaded = librariesIn(readFileSync('/proc/self/maps', 'utf8'));
  return [...loaded].map(([name, path]) => ({ platform, name, path }));
}

/** Where Debian's packages for building for another processor put it, such as libatomic1-arm64-cross. */
const OF_OTHER_PROCESSORS = {
  'linux-x64': '/usr/x86_64-linux-gnu/lib',
  'linux-arm64': '/usr/aarch64-linux-gnu/lib',
} as const satisfies Record<NodePlatform, string>;

/** Where this machine has it for that platform; null: it has none. */
export function libatomicFor(platform: NodePlatform, own = ownLibraries()): string | null {
  const mine = own.find((library) => library.platform === platform && library.name === LIBATOMIC);
  const foreign = `${OF_OTHER_PROCESSORS[platform]}/${LIBATOMIC}`;
  return mine?.path ?? (existsSync(foreign) ? foreign : null);
}

/** Paths by name. Source: proc(5), /proc/pid/maps; the path is the sixth column, links resolved. */
export function librariesIn(maps: string): Map<string, string> {
  const paths = maps.split('\n').map((line) => line.split(/\s+/)[5] ?? '');
  return new Map(
    LIBRARIES.flatMap((name) => {
      const path = paths.find((one) => one.slice(one.lastIndexOf('/') + 1).startsWith(name));
      return path === undefined ? [] : [[name, path] as const];
    }),
  );
}
