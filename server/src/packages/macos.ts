/** The agent for macOS as an archive: the installer, and what it takes with `--from`. The vendor's Node as it was signed. */
import { createHash } from 'node:crypto';
import { RELEASE_MANIFEST } from '@muster/shared/release/manifest.ts';
import { serviceFile } from '../install/service-files.ts';
import { type AgentProgram, file, inOrder } from './entries.ts';
import { gzipped, stored } from './gzip.ts';
import { tarOf } from './tar.ts';
import type { Platform } from '@muster/shared/release/manifest.ts';

const FOLDER = 'muster-agent';

export async function macosArchive(
  platform: Extract<Platform, `darwin-${string}`>,
  { agentScript, node, manifest }: AgentProgram,
): Promise<Buffer> {
  const release = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
  const sums = [
    [agentScript, 'agent.mjs'],
    [node.content, `node-${platform}`],
    [node.compressed, `node-${platform}.gz`],
    [release, RELEASE_MANIFEST],
  ] as const;
  const entries = [
    { kind: 'folder', path: FOLDER, mode: 0o755 } as const,
    file(`${FOLDER}/agent.mjs`, 0o644, agentScript),
    file(`${FOLDER}/${RELEASE_MANIFEST}`, 0o644, release),
    file(`${FOLDER}/node-${platform}.gz`, 0o644, {
      content: node.compressed,
      compressed: await stored(node.compressed),
    }),
    file(
      `${FOLDER}/install.sh`,
      0o755,
      serviceFile('macos', 'install.sh', { version: manifest.version, releaseKey: manifest.key }),
    ),
    file(
      `${FOLDER}/sha256sums`,
      0o644,
      sums.map(([content, name]) => `${sha256(content)}  ${name}\n`).join(''),
    ),
  ];
  return gzipped(tarOf(inOrder(entries), ''));
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
