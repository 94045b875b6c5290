import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { PublicReleaseKey } from '@muster/shared/release/key.ts';
import { buildRelease } from '../release/build.ts';
import { signRelease } from '../release/folder.ts';
import { makeReleaseKey, readPrivateReleaseKey } from '../release/keys.ts';
import { createInstallAssets } from './assets.ts';
import { installPlatforms } from './mount.ts';
import { isOlder } from './version-order.ts';

const sha256 = (data: Uint8Array | string) => createHash('sha256').update(data).digest('hex');

/** One key for all, and the bundle of the agent with it, which the first test makes and the others find by its hash. */
let shared: string;
let key: PublicReleaseKey;
beforeAll(() => {
  shared = mkdtempSync(join(tmpdir(), 'muster-windows-shared-'));
  key = makeReleaseKey(join(shared, 'key'), false);
});
afterAll(() => rmSync(shared, { recursive: true, force: true }));

/** A server with a signed release, whose Node and service are small. */
async function withRelease({ isProven = false, version = '1.2.0', serial = 1 } = {}) {
  const root = mkdtempSync(join(tmpdir(), 'muster-windows-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const folder = join(root, 'release');
  await buildRelease({
    folder,
    cacheFolder: join(shared, 'cache'),
    serial,
    packages: true,
    executables: false,
    version,
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
  await signRelease(folder, readPrivateReleaseKey(join(shared, 'key')));
  const logged: string[] = [];
  const assets = createInstallAssets({
    cacheFolders: [join(shared, 'cache')],
    log: (_level, what) => logged.push(what),
    nodes: [],
    libraries: [],
    releaseKey: key,
    release: () => ({ folder, isProven }),
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
  expect(await installPlatforms(assets)).toEqual({ linux: true, windows: true, macos: true });
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

test('[IS33] a release that has gone out to the fleet is what new machines get: its agent, its Node, its number', async () => {
  const { folder, get, assets } = await withRelease({ isProven: true });
  const inRelease = (name: string) => readFileSync(join(folder, name));
  expect(await get('agent.mjs')).toEqual(inRelease('agent.mjs'));
  expect(await get('release.json')).toEqual(inRelease('release.json'));
  expect(await get('node-linux-x64.gz')).toEqual(inRelease('node-linux-x64.gz'));
  const sums = (await get('sha256sums')).toString();
  for (const name of ['agent.mjs', 'release.json', 'node-linux-x64.gz'])
    expect(sums).toContain(`${sha256(inRelease(name))}  ${name}\n`);
  expect((await get('linux.sh')).toString()).toContain("\nVERSION='1.2.0'\n");
  expect((await assets.checksums())?.sums).toBe(sha256(sums));
});

test.each([
  ['has not gone out yet', { isProven: false }],
  ['is older than the agent of this server', { isProven: true, version: '0.0.1' }],
])(
  '[IS33] of a release that %s new machines get no agent, and what the server lacks',
  async (_why, release) => {
    const { folder, get } = await withRelease(release);
    // Its key is the same, and so would be its script.
    const sums = (await get('sha256sums')).toString();
    expect(sums).not.toContain('release.json');
    expect((await get('linux.sh')).toString()).toMatch(/^VERSION='\d+\.\d+\.\d+\+[0-9a-f]{8}'$/m);
    expect(await get('node-win-x64.gz')).toEqual(readFileSync(join(folder, 'node-win-x64.gz')));
  },
);

test('[IS33] a proven release that is damaged is not served, and machines get the agent of this server', async () => {
  const { folder, get, logged } = await withRelease({ isProven: true });
  writeFileSync(join(folder, 'agent.mjs'), 'something else');
  expect((await get('agent.mjs')).toString()).not.toBe('something else');
  expect((await get('sha256sums')).toString()).not.toContain('release.json');
  expect(logged).toContain('the release for other machines is not served');
});

test.each([
  ['1.2.3', '1.2.4', true],
  ['1.2.3+abc', '1.2.3+def', false],
  ['1.10.0', '1.9.9', false],
  ['0.9.9', '1.0.0', true],
  ['nightly', '0.1.0', false],
])('[IS33] %s is older than %s: %s', (version, than, expected) => {
  expect(isOlder(version, than)).toBe(expected);
});

test('[PK13] a server with a signed release serves its packages and the Node of Macs, with checksums, and names the packages', async () => {
  const { assets, get } = await withRelease();
  const sums = (await get('packages/sha256sums')).toString();
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
    expect(sums).toContain(`${sha256(content)}  ${name}\n`);
  }
  expect(gunzipSync(await get('node-darwin-arm64.gz')).toString()).toBe('the Node of darwin-arm64');
  expect((await assets.checksums())?.macosInstaller).toBe(sha256(await get('macos.sh')));
});

test('[PK74] another release with the same Node and service leaves the lines that were handed out as good as they were', async () => {
  const sumsWith = async (serial: number) => {
    const { assets, get } = await withRelease({ serial });
    return {
      pinned: (await assets.checksums())?.sums,
      packages: (await get('packages/sha256sums')).toString(),
    };
  };
  const [before, after] = [await sumsWith(1), await sumsWith(2)];
  expect(after.packages).not.toBe(before.packages);
  expect(after.pinned).toBe(before.pinned);
});
