import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { buildRelease } from '../release/build.ts';
import { signRelease } from '../release/folder.ts';
import { makeReleaseKey, readPrivateReleaseKey } from '../release/keys.ts';
import { createInstallAssets } from './assets.ts';

const sha256 = (data: Uint8Array | string) => createHash('sha256').update(data).digest('hex');

/** A server with a signed release, whose Node and service are small. */
async function withRelease() {
  const root = mkdtempSync(join(tmpdir(), 'muster-windows-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const keyFile = join(root, 'key');
  const key = makeReleaseKey(keyFile, false);
  const folder = join(root, 'release');
  await buildRelease({
    folder,
    cacheFolder: join(root, 'cache'),
    serial: 1,
    packages: true,
    executables: false,
    version: '1.2.0',
    platforms: ['win-x64', 'linux-x64', 'darwin-arm64'],
    key,
    progress: () => undefined,
    program: async ({ platform, version }) => {
      const path = join(root, platform);
      writeFileSync(path, `the Node of ${platform}`);
      return { platform, version, path };
    },
    service: async () => Buffer.from('MZ service'),
  });
  await signRelease(folder, readPrivateReleaseKey(keyFile));
  const logged: string[] = [];
  const assets = createInstallAssets({
    cacheFolders: [join(root, 'cache')],
    log: (_level, what) => logged.push(what),
    nodes: [],
    libraries: [],
    releaseKey: key,
    releaseFolder: () => folder,
  });
  const get = async (name: string) => {
    const answer = await assets.respond(new Request(`http://localhost/install/${name}`));
    return Buffer.from(await answer.arrayBuffer());
  };
  return { folder, assets, get, logged };
}

test('[WI10] a server with a signed release gives Windows machines all that the installer asks for, with checksums', async () => {
  const { assets, get } = await withRelease();
  const sums = (await get('sha256sums')).toString();
  const names = [
    'agent.mjs',
    'muster-agent-service.exe',
    'muster-agent.cmd',
    'uninstall.ps1',
    'node-win-x64.gz',
  ];
  for (const name of [...names, 'windows.ps1'])
    expect(sums).toContain(`${sha256(await get(name))}  ${name}\n`);
  expect((await assets.checksums())?.windowsInstaller).toBe(sha256(await get('windows.ps1')));
  const node = gunzipSync(await get('node-win-x64.gz'));
  expect(node.toString()).toBe('the Node of win-x64');
  expect(sums).toContain(`${sha256(node)}  node-win-x64\n`);
  expect(sums).not.toContain('node-win-arm64');
});

test('[WI10] a release that was changed is not served, and Linux machines have their line all the same', async () => {
  const { folder, assets, logged } = await withRelease();
  writeFileSync(join(folder, 'muster-agent-service.exe'), 'MZ another');
  expect(await assets.checksums()).toMatchObject({ windowsInstaller: null });
  expect(logged).toContain('the release for other machines is not served');
});

test('[PK13] a server with a signed release serves its packages and the Node of Macs, with checksums, and names the packages', async () => {
  const { assets, get } = await withRelease();
  const sums = (await get('sha256sums')).toString();
  const packages = await assets.packages();
  expect(packages.map(({ name }) => name).toSorted()).toEqual([
    'muster-agent-darwin-arm64.tar.gz',
    'muster-agent-linux-x64.deb',
    'muster-agent-linux-x64.rpm',
    'muster-agent-win-x64.zip',
  ]);
  for (const { name, bytes } of packages) {
    const content = await get(`packages/${name}`);
    expect(content.length).toBe(bytes);
    expect(sums).toContain(`${sha256(content)}  packages/${name}\n`);
  }
  expect(gunzipSync(await get('node-darwin-arm64.gz')).toString()).toBe('the Node of darwin-arm64');
  expect((await assets.checksums())?.macosInstaller).toBe(sha256(await get('macos.sh')));
});
