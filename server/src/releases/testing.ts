/** Signed releases with small files, for tests. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PublicReleaseKey } from '@muster/shared/release/key.ts';
import { type Platform, RELEASE_MANIFEST, type ReleaseManifest } from '@muster/shared/release/manifest.ts';
import { signRelease } from '../release/folder.ts';
import { makeReleaseKey, readPrivateReleaseKey } from '../release/keys.ts';

export interface TestKey {
  readonly file: string;
  readonly publicKey: PublicReleaseKey;
}

export function testKey(folder: string, development = false): TestKey {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'release.key');
  return { file, publicKey: makeReleaseKey(file, development) };
}

/** With a few bytes in the place of Node. */
export async function testRelease(
  folder: string,
  key: TestKey,
  serial: number,
  { platform = 'linux-x64', packaged = false }: { platform?: Platform; packaged?: boolean } = {},
): Promise<ReleaseManifest> {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, content: string) => {
    writeFileSync(join(folder, name), content);
    return { name, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
  };
  const node = write(`node-${platform}.gz`, `the Node of ${serial}\n`.repeat(100));
  const manifest: ReleaseManifest = {
    format: 'muster-release/1',
    serial,
    version: `1.${serial}`,
    development: key.publicKey.development,
    key: key.publicKey.text,
    protocol: 1,
    files: [
      { ...write('agent.mjs', `console.log(${serial})`), kind: 'agent', platform: null, program: null },
      {
        ...node,
        kind: 'node',
        platform,
        program: { version: '26.0.0', bytes: node.bytes, sha256: node.sha256 },
      },
      ...(packaged
        ? [{ ...write('muster-agent.deb', 'a package'), kind: 'package' as const, platform, program: null }]
        : []),
    ],
  };
  writeFileSync(join(folder, RELEASE_MANIFEST), JSON.stringify(manifest));
  return signRelease(folder, readPrivateReleaseKey(key.file));
}
