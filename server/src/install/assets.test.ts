import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { AppError } from '../errors.ts';
import { createInstallAssets, type InstallAssets } from './assets.ts';
import { installPlatforms } from './mount.ts';
import { AGENT_SCRIPT_BYTES_MAX, bundleAgent } from './bundle-agent.ts';
import { librariesIn } from './node-libraries.ts';
import { installerText } from './installer-text.ts';

/** Holds the bundle of the agent, which most tests only need to be there. */
let bundled: string;
beforeAll(async () => {
  bundled = mkdtempSync(join(tmpdir(), 'muster-install-bundled-'));
  await bundleAgent(bundled, null);
});
afterAll(() => rmSync(bundled, { recursive: true, force: true }));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-install-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A small program in the place of Node. */
function smallNode() {
  const path = join(folder, 'node-linux-x64');
  writeFileSync(path, '#!/bin/sh\necho v26.0.0\n'.repeat(1_000), { mode: 0o755 });
  return { platform: 'linux-x64' as const, path, version: '26.0.0' };
}

function assetsWith(more: Partial<Parameters<typeof createInstallAssets>[0]> = {}) {
  const logged: string[] = [];
  cpSync(bundled, join(folder, 'cache'), { recursive: true });
  const assets = createInstallAssets({
    cacheFolders: [join(folder, 'cache')],
    log: (_level, what) => logged.push(what),
    nodes: [smallNode()],
    libraries: [],
    ...more,
  });
  return { assets, logged };
}

const get = (assets: InstallAssets, name: string, init?: RequestInit) =>
  assets.respond(new Request(`http://localhost/install/${name}`, init));
const sha256 = (data: Uint8Array | string) => createHash('sha256').update(data).digest('hex');

test('[IS10] every file that is offered has its checksum in the list, and the line has that of the list', async () => {
  const { assets } = assetsWith();
  const list = await (await get(assets, 'sha256sums')).text();
  expect(await assets.checksums()).toEqual({
    sums: sha256(list),
    installer: sha256(await (await get(assets, 'linux.sh')).text()),
    macosInstaller: null,
    windowsInstaller: null,
  });
  const lines = list
    .trimEnd()
    .split('\n')
    .map((line) => line.split('  '));
  expect(lines.map(([, name]) => name)).toEqual([
    'agent.mjs',
    'linux.sh',
    'node-linux-x64',
    'node-linux-x64.gz',
    'uninstall.sh',
  ]);
  for (const [sum, name = ''] of lines.filter(([, one]) => one !== 'node-linux-x64'))
    expect([name, sha256(new Uint8Array(await (await get(assets, name)).arrayBuffer()))]).toEqual([
      name,
      sum,
    ]);
});

test('[IS11] Node comes compressed and unpacks to what it was', async () => {
  const { assets } = assetsWith();
  const response = await get(assets, 'node-linux-x64.gz');
  const body = new Uint8Array(await response.arrayBuffer());
  expect(response.headers.get('content-length')).toBe(String(body.length));
  expect(gunzipSync(body).toString()).toContain('echo v26.0.0');
  expect(await (await get(assets, 'sha256sums')).text()).toContain(
    `${sha256(gunzipSync(body))}  node-linux-x64\n`,
  );
});

test('[IS17] libraries that small systems lack are served as this server has them, with their checksums', async () => {
  const path = join(folder, 'libatomic.so.1.2.0');
  writeFileSync(path, 'a library');
  const { assets } = assetsWith({ libraries: [{ platform: 'linux-x64', name: 'libatomic.so.1', path }] });
  expect(await (await get(assets, 'linux-x64-libatomic.so.1')).text()).toBe('a library');
  expect(await (await get(assets, 'sha256sums')).text()).toContain(
    `${sha256('a library')}  linux-x64-libatomic.so.1\n`,
  );
});

test('[IS17] a library that the system replaces meanwhile is served as its checksum says, and a damaged copy is made anew', async () => {
  const path = join(folder, 'libatomic.so.1.2.0');
  writeFileSync(path, 'a library');
  const libraries = [{ platform: 'linux-x64' as const, name: 'libatomic.so.1', path }];
  const { assets } = assetsWith({ libraries });
  await assets.warmUp();
  writeFileSync(path, 'another one');
  expect(await (await get(assets, 'linux-x64-libatomic.so.1')).text()).toBe('a library');
  writeFileSync(path, 'a library');
  const copy = readdirSync(join(folder, 'cache')).find((name) => name.includes('libatomic'));
  writeFileSync(join(folder, 'cache', String(copy)), '');
  const { assets: restarted } = assetsWith({ libraries });
  expect(await (await get(restarted, 'linux-x64-libatomic.so.1')).text()).toBe('a library');
});

test('[IS17] a library is found among those that this server has loaded', () => {
  const maps = `7f00-7f01 r--p 00000000 08:01 12                 /usr/lib/libc.so.6
7f02-7f03 r--p 00000000 08:01 13                 /usr/lib/x86_64-linux-gnu/libatomic.so.1.2.0
7f02-7f03 r-xp 00001000 08:01 13                 /usr/lib/x86_64-linux-gnu/libatomic.so.1.2.0
7f04-7f05 rw-p 00000000 00:00 0 
7f06-7f07 r--p 00000000 08:01 14                 /usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.30
7ffe-7fff r-xp 00000000 00:00 0                  [vdso]`;
  expect([...librariesIn(maps)]).toEqual([
    ['libatomic.so.1', '/usr/lib/x86_64-linux-gnu/libatomic.so.1.2.0'],
    ['libstdc++.so.6', '/usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.30'],
  ]);
  expect(librariesIn('').size).toBe(0);
});

test('[IS12] what this server cannot serve is said in a sentence', async () => {
  const { assets } = assetsWith();
  await expect(get(assets, 'node-linux-arm64.gz')).rejects.toThrow(
    /no Node for linux-arm64; it has linux-x64\. Install Node 26 or later .* --node FILE/,
  );
  await expect(get(assets, '../server.key')).rejects.toBeInstanceOf(AppError);
  await expect(get(assetsWith({ nodes: [] }).assets, 'node-linux-x64.gz')).rejects.toThrow(
    'it has none at all',
  );
});

test('[IS13] the bundle is one file below its limit, the same from the same sources, and made once', async () => {
  const { script, sha256: sum } = await bundleAgent(folder, null);
  expect(script.length).toBeLessThan(AGENT_SCRIPT_BYTES_MAX);
  // One character beyond Latin-1, and V8 keeps the whole source with two bytes for each: 300 KiB on every machine.
  expect(Buffer.from(script).toString('utf8')).not.toMatch(/[\u{100}-\u{10ffff}]/u);
  const [file = ''] = readdirSync(folder);
  utimesSync(join(folder, file), 1, 1);
  await bundleAgent(folder, null);
  expect(statSync(join(folder, file)).mtimeMs).toBe(1_000);
  rmSync(join(folder, file));
  expect((await bundleAgent(folder, null)).sha256).toBe(sum);
  const printed = execFileSync(process.execPath, ['--lite-mode', writeScript(script), '--version'], {
    encoding: 'utf8',
  });
  expect(printed).toMatch(/^\d+\.\d+\.\d+\n$/);
});

function writeScript(script: Uint8Array): string {
  const path = join(folder, 'agent.mjs');
  writeFileSync(path, script);
  return path;
}

test('[IS13] the bundle carries the licences of what is in it', async () => {
  const text = Buffer.from((await bundleAgent(folder, null)).script).toString();
  expect(text).toMatch(/\/\*\n(.|\n)*\bws\n\n(.|\n)*\bzod\n\n(.|\n)*\*\/\n$/);
});

test('[IS14] an unknown file is loaded again only when it changed', async () => {
  const { assets } = assetsWith();
  const etag = (await get(assets, 'agent.mjs')).headers.get('etag') ?? '';
  expect((await get(assets, 'agent.mjs', { headers: { 'if-none-match': etag } })).status).toBe(304);
  const head = await get(assets, 'agent.mjs', { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
});

test('[IS15] the first folder that can be written keeps the files; without one there is no line, and the log says why', async () => {
  writeFileSync(join(folder, 'file'), '');
  const second = assetsWith({ cacheFolders: [join(folder, 'file', 'x'), join(folder, 'second')] });
  expect(await second.assets.checksums()).not.toBeNull();
  expect(await installPlatforms(second.assets)).toEqual({ linux: true, windows: false, macos: false });
  expect(readdirSync(join(folder, 'second')).length).toBeGreaterThan(0);
  const none = assetsWith({ cacheFolders: [join(folder, 'file', 'x')] });
  expect(await none.assets.checksums()).toBeNull();
  expect(none.logged).toEqual(['the files of the agent installer could not be made']);
  expect(await installPlatforms(none.assets)).toEqual({ linux: false, windows: false, macos: false });
});

test('[IS15] after a failure the next request tries again', async () => {
  const place = join(folder, 'later', 'cache');
  writeFileSync(join(folder, 'later'), '');
  const { assets } = assetsWith({ cacheFolders: [place] });
  expect(await assets.checksums()).toBeNull();
  rmSync(join(folder, 'later'));
  mkdirSync(place, { recursive: true });
  expect(await assets.checksums()).not.toBeNull();
});

test('[IS16] the installer holds its parts whole, and no gap is left in it', async () => {
  const { assets } = assetsWith();
  const text = await (await get(assets, 'linux.sh')).text();
  expect(text).not.toMatch(/@[A-Z_]+( \S+)?@/);
  expect(text.trimEnd()).toMatch(/\nmain "\$@"$/);
  expect(text).toContain(await (await get(assets, 'uninstall.sh')).text());
  expect(() =>
    installerText({ installer: '@FILE gone.sh@', parts: new Map(), stamp: { version: '1', releaseKey: '' } }),
  ).toThrow('gone.sh');
  const parts = new Map([['bad.sh', 'MUSTER_END_OF_FILE']]);
  expect(() =>
    installerText({ installer: '@FILE bad.sh@', parts, stamp: { version: '1', releaseKey: '' } }),
  ).toThrow('bad.sh');
});
