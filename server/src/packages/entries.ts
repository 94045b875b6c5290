/** What a package puts on a machine, whatever its format. */
import type { ReleaseManifest } from '@muster/shared/release/manifest.ts';
import type { Piece } from './gzip.ts';

export interface AgentProgram {
  readonly agentScript: Uint8Array;
  /** The vendor's Node, and the same as gzip. */
  readonly node: Required<Piece>;
  /** What answers Windows' service manager; null where no platform of the release asks for it. */
  readonly service: Uint8Array | null;
  /** That Node asks for and many a Linux lacks, by the names Node knows them by; none elsewhere. */
  readonly libraries: readonly { readonly name: string; readonly content: Uint8Array }[];
  /** Of the release, as far as a machine needs it: the agent knows its own number by it. */
  readonly manifest: ReleaseManifest;
}

/** Seconds since 1970. Of every file in every package, so that the same content gives the same bytes: 2026-01-01. */
export const PACKAGE_TIME_S = 1_767_225_600;

/** Below `/`, without a slash at its beginning or end. Owned by root. */
export type PackageEntry =
  | { readonly kind: 'folder'; readonly path: string; readonly mode: number }
  | ({ readonly kind: 'file'; readonly path: string; readonly mode: number } & Piece)
  | { readonly kind: 'link'; readonly path: string; readonly target: string };

/** `S_IFMT` of inode(7). */
const KIND_BITS = { folder: 0o040000, file: 0o100000, link: 0o120000 } as const;

/** As stat(2) gives it. */
export function modeOf(entry: PackageEntry): number {
  return KIND_BITS[entry.kind] | (entry.kind === 'link' ? 0o777 : entry.mode);
}

export function file(path: string, mode: number, content: string | Uint8Array | Piece): PackageEntry {
  if (typeof content === 'string') return { kind: 'file', path, mode, content: Buffer.from(content) };
  return { kind: 'file', path, mode, ...(content instanceof Uint8Array ? { content } : content) };
}

/** Parents before what is in them, whatever order they came in. */
export function inOrder(entries: readonly PackageEntry[]): PackageEntry[] {
  return entries.toSorted((left, right) => (left.path < right.path ? -1 : 1));
}
