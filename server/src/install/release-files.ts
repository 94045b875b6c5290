/** What machines download out of a signed release beside the agent's script: the Node of other platforms, the Windows service, packages. */
import { join } from 'node:path';
import type { Platform, ReleaseManifest } from '@muster/shared/release/manifest.ts';
import type { CompressedNode } from './node-binary.ts';

export interface Download {
  readonly name: string;
  readonly platform: Platform | null;
  readonly path: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

export interface ReleaseFiles {
  readonly nodes: readonly CompressedNode[];
  /** null: the release is not for Windows. */
  readonly service: Download | null;
  readonly packages: readonly Download[];
}

export function releaseFilesIn(folder: string, { files }: ReleaseManifest): ReleaseFiles {
  const downloads = (wanted: string): Download[] =>
    files
      .filter(({ kind }) => kind === wanted)
      .map(({ name, platform, bytes, sha256 }) => ({
        name,
        platform,
        path: join(folder, name),
        bytes,
        sha256,
      }));
  const nodes = files.flatMap(({ kind, platform, program, name, bytes, sha256 }) =>
    kind === 'node' && program !== null && platform !== null
      ? [{ platform, path: join(folder, name), bytes, sha256, programSha256: program.sha256 }]
      : [],
  );
  const [service] = downloads('service');
  return { nodes, service: service ?? null, packages: downloads('package') };
}
