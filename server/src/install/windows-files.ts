/** What a Windows machine downloads beside the agent's script: Node and the service out of a signed release, and scripts of ours. */
import { join } from 'node:path';
import type { PublicReleaseKey } from '@muster/shared/release/key.ts';
import { windowsScript } from '../packages/windows/scripts.ts';
import { verifyRelease } from '../release/folder.ts';
import type { CompressedNode } from './node-binary.ts';

export interface WindowsFiles {
  readonly nodes: readonly CompressedNode[];
  readonly service: {
    readonly name: string;
    readonly path: string;
    readonly bytes: number;
    readonly sha256: string;
  };
}

/**
 * null: the release is not for Windows.
 * @throws ReleaseError where it is not whole, or not signed by the key
 */
export async function windowsFilesIn(
  releaseFolder: string,
  key: PublicReleaseKey,
): Promise<WindowsFiles | null> {
  const { files } = await verifyRelease(releaseFolder, key);
  const service = files.find(({ kind }) => kind === 'service');
  const nodes = files.flatMap(({ kind, platform, program, name, bytes, sha256 }) =>
    kind === 'node' && program !== null && platform?.startsWith('win-')
      ? [{ platform, path: join(releaseFolder, name), bytes, sha256, programSha256: program.sha256 }]
      : [],
  );
  if (service === undefined || nodes.length === 0) return null;
  return { nodes, service: { ...service, path: join(releaseFolder, service.name) } };
}

/** By the name that they are served under. */
export function windowsTexts(version: string): ReadonlyMap<string, string> {
  return new Map([
    ['windows.ps1', windowsScript('install.ps1', version)],
    ['uninstall.ps1', windowsScript('uninstall.ps1', version)],
    ['muster-agent.cmd', windowsScript('muster-agent.cmd', version)],
  ]);
}
