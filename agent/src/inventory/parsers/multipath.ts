/** `multipath -l`: one disk of the storage network seen over several paths. */
import { bytesOfSize, linesOf, trimmed } from './lines.ts';

export interface MultipathMap {
  readonly name: string;
  readonly wwid: string | null;
  /** 'dm-65' */
  readonly device: string | null;
  readonly vendor: string | null;
  readonly product: string | null;
  readonly sizeBytes: number | null;
  /** Kernel names of the paths in printed order. */
  readonly paths: readonly string[];
}

export function parseMultipath(text: string): MultipathMap[] {
  const maps: { -readonly [K in keyof MultipathMap]: K extends 'paths' ? string[] : MultipathMap[K] }[] = [];
  for (const line of linesOf(text)) {
    const head = /^(\S+)(?: \(([^)]+)\))? (dm-\d+)\s*(.*)$/.exec(line);
    if (head?.[1] !== undefined) {
      const [vendor, product] = (head[4] ?? '').split(',');
      maps.push({
        name: head[1],
        wwid: head[2] ?? null,
        device: head[3] ?? null,
        vendor: trimmed(vendor),
        product: trimmed(product),
        sizeBytes: null,
        paths: [],
      });
      continue;
    }
    const map = maps.at(-1);
    if (map === undefined) continue;
    const size = /^\[?size=(\S+)/.exec(line)?.[1];
    if (size !== undefined) map.sizeBytes = bytesOfSize(size.replace(']', ''), 1024);
    const path = /^[\s|`\\_-]*\d+:\d+:\d+:\d+\s+(\S+)\s/.exec(line)?.[1];
    if (path !== undefined) map.paths.push(path);
  }
  return maps;
}

/** Every path after the first of its map: the same disk again. */
export function secondaryPaths(maps: readonly MultipathMap[]): Set<string> {
  return new Set(maps.flatMap(({ paths }) => paths.slice(1)));
}
