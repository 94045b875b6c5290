/** What machines download out of a signed release: the agent, its Node of each platform, the Windows service, packages. */
import { join } from 'node:path';
import { invariant } from '@muster/shared/invariant.ts';
import { type Platform, RELEASE_MANIFEST, type ReleaseManifest } from '@muster/shared/release/manifest.ts';
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
  readonly manifest: ReleaseManifest;
  /** Where the manifest lies, as it was signed. */
  readonly manifestPath: string;
  readonly agent: Download;
  readonly nodes: readonly CompressedNode[];
  /** null: the release is not for Windows. */
  readonly service: Download | null;
  readonly packages: readonly Download[];
}

export function releaseFilesIn(folder: string, manifest: ReleaseManifest): ReleaseFiles {
  const { files } = manifest;
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
  const [[agent], [service]] = [downloads('agent'), downloads('service')];
  invariant(agent !== undefined, 'a manifest without an agent is no release');
  return {
    manifest,
    manifestPath: join(folder, RELEASE_MANIFEST),
    agent,
    nodes,
    service: service ?? null,
    packages: downloads('package'),
  };
}
