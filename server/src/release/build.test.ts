import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { PLATFORMS, RELEASE_MANIFEST, SERVICE_PROGRAM } from '@muster/shared/release/manifest.ts';
import { expect, onTestFinished, test } from 'vitest';
import { AGENT_SCRIPT_BYTES_MAX } from '../install/bundle-agent.ts';
import { buildRelease } from './build.ts';
import { signRelease, verifyRelease } from './folder.ts';
import { makeReleaseKey, readPrivateReleaseKey, releaseKeyFingerprint } from './keys.ts';
import { userCacheFolder } from '../config.ts';
import { nodePackages, nodeProgram } from './node-packages.ts';
import { signatureOf } from './pe-signature.ts';

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'muster-build-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const standIn = (platform: string) => `the Node of ${platform}\n`.repeat(1_000);

/** A release with small programs in the place of Node. */
async function built({ development = false } = {}) {
  const keyFile = join(temporaryFolder(), 'key');
  const key = makeReleaseKey(keyFile, development);
  const build = async () => {
    const folder = temporaryFolder();
    const cacheFolder = temporaryFolder();
    const manifest = await buildRelease({
      folder,
      cacheFolder,
      serial: 7,
      version: null,
      platforms: PLATFORMS,
      packages: false,
      executables: false,
      key,
      progress: () => undefined,
      program: async ({ platform, version }) => {
        const path = join(cacheFolder, platform);
        writeFileSync(path, standIn(platform));
        return { platform, version, path };
      },
      service: async () => Buffer.from('MZ'),
    });
    return { folder, manifest };
  };
  return { key, keyFile, build };
}

test('[RL4] one command makes the files of all platforms, and the same again when it is run again', async () => {
  const { key, keyFile, build } = await built();
  const { folder, manifest } = await build();
  expect(manifest).toMatchObject({ serial: 7, development: false });
  expect(manifest.version).toMatch(/^\d+\.\d+\.\d+\+[0-9a-f]{8}$/);
  expect(readdirSync(folder).toSorted()).toEqual(
    ['agent.mjs', RELEASE_MANIFEST, SERVICE_PROGRAM, ...PLATFORMS.map((one) => `node-${one}.gz`)].toSorted(),
  );
  const [agent] = manifest.files;
  expect(agent?.bytes).toBeLessThan(AGENT_SCRIPT_BYTES_MAX);
  await signRelease(folder, readPrivateReleaseKey(keyFile));
  expect(await verifyRelease(folder, key)).toEqual(manifest);
  const again = await build();
  expect(readFileSync(join(again.folder, RELEASE_MANIFEST))).toEqual(
    readFileSync(join(folder, RELEASE_MANIFEST)),
  );
});

test('[PK16] packages for Linux bring the library that stock systems lack; where it is not to be had, that is said', async () => {
  const libraries = temporaryFolder();
  writeFileSync(join(libraries, 'x64'), 'of x64');
  const { key } = await built();
  const folder = temporaryFolder();
  const said: string[] = [];
  await buildRelease({
    folder,
    cacheFolder: temporaryFolder(),
    serial: 7,
    version: null,
    platforms: ['linux-x64', 'linux-arm64'],
    packages: true,
    executables: false,
    key,
    progress: (what) => said.push(what),
    program: async ({ platform, version }, cacheFolder) => {
      const path = join(cacheFolder, platform);
      writeFileSync(path, `the Node of ${platform}`);
      return { platform, version, path };
    },
    libatomic: (platform) => (platform === 'linux-x64' ? join(libraries, 'x64') : null),
  });
  const holds = (platform: string) =>
    execFileSync(
      'sh',
      ['-c', 'ar p "$1" data.tar.gz | tar -tzf -', 'sh', join(folder, `muster-agent-${platform}.deb`)],
      { encoding: 'utf8' },
    ).includes('/opt/muster-agent/lib/libatomic.so.1\n');
  expect([holds('linux-x64'), holds('linux-arm64')]).toEqual([true, false]);
  expect(said.filter((line) => line.includes('libatomic'))).toEqual([
    expect.stringContaining('libatomic.so.1 for linux-arm64 is not on this machine'),
  ]);
});

test('[RL4] a folder with something in it is left alone', async () => {
  const { key } = await built();
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'mine'), '');
  const options = {
    folder,
    cacheFolder: folder,
    serial: 1,
    version: null,
    platforms: [],
    packages: false,
    executables: false,
    key,
  };
  await expect(buildRelease({ ...options, progress: () => undefined })).rejects.toThrow('is not empty');
});

test('[RL4] the Node of each platform is pinned with its checksum; that of this machine is taken as it is installed', async () => {
  const packages = await nodePackages();
  expect(packages.map(({ platform }) => platform)).toEqual(PLATFORMS);
  for (const { version, integrity } of packages) {
    expect(version).toMatch(/^26\.\d+\.\d+$/);
    expect(integrity).toMatch(/^sha512-/);
  }
  const own = packages.find(({ platform }) => platform === `${process.platform}-${process.arch}`);
  if (own === undefined) return;
  const { path } = await nodeProgram(own, '/nowhere');
  expect(execFileSync(path, ['--version'], { encoding: 'utf8' })).toBe(`v${own.version}\n`);
});

/** Where Node of other platforms lies, if it was fetched before: by the tests under Wine, and by `muster release build`. */
const FETCHED = [
  join(import.meta.dirname, '../../../node_modules/.cache/muster/release'),
  join(userCacheFolder(), 'muster/release'),
];
test('[PK71] Node for Windows has its vendor’s signature, and goes into a release byte by byte', async (context) => {
  const { build } = await built();
  const { folder } = await build();
  for (const platform of PLATFORMS)
    expect(gunzipSync(readFileSync(join(folder, `node-${platform}.gz`))).toString()).toBe(standIn(platform));
  const wanted = (await nodePackages()).find(({ platform }) => platform === 'win-x64');
  const cache = FETCHED.find((one) => existsSync(join(one, `${wanted?.name}-${wanted?.version}`)));
  if (wanted === undefined || cache === undefined)
    return context.skip('Node for Windows was not fetched yet');
  const program = readFileSync((await nodeProgram(wanted, cache)).path);
  const signature = signatureOf(program);
  // Thousands of bytes: a certificate, those above it, a time stamp. It is the last thing in the file.
  expect(signature?.bytes).toBeGreaterThan(4_000);
  expect((signature?.offset ?? 0) + (signature?.bytes ?? 0)).toBe(program.length);
});

test('[RL6] the key is in the agent, whose status says which and what it is worth', async () => {
  const { key, build } = await built({ development: true });
  const { folder, manifest } = await build();
  expect(manifest.development).toBe(true);
  const dataDir = temporaryFolder();
  const status = {
    agentId: 'a',
    agentVersion: manifest.version,
    pid: 1,
    server: 'wss://muster.example',
    atMs: 0,
    startedAtMs: 0,
    link: { state: 'stopped' },
    lastProblem: null,
    clockSkewMs: null,
    lastTickAtMs: null,
    spool: { depth: 0, usedBytes: 0, dropped: 0, fault: null },
  };
  writeFileSync(join(dataDir, 'status.json'), JSON.stringify(status));
  const script = `${JSON.stringify(join(folder, 'agent.mjs'))} status --data-dir ${JSON.stringify(dataDir)}`;
  const words = execFileSync('sh', ['-c', `${JSON.stringify(process.execPath)} ${script} || true`], {
    encoding: 'utf8',
  });
  expect(words).toContain(
    `upgrades    development build; takes upgrades signed by ${releaseKeyFingerprint(key)}\n`,
  );
});
