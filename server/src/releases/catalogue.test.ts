import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { addRelease } from './add.ts';
import { createReleaseCatalogue } from './catalogue.ts';
import { testKey, testRelease } from './testing.ts';

/** A release with number 3, and a server that knows its key. */
async function setUp({ known = true } = {}) {
  const home = mkdtempSync(join(tmpdir(), 'muster-releases-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const key = testKey(join(home, 'keys'));
  const source = join(home, 'source');
  const manifest = await testRelease(source, key, 3);
  const folder = join(home, 'releases');
  const logged: unknown[] = [];
  const catalogue = createReleaseCatalogue({
    folder,
    key: known ? key.publicKey : null,
    log: (_level, _what, detail) => void logged.push(detail),
  });
  const get = (path: string, init?: RequestInit) =>
    catalogue.respond(new Request(`http://localhost/install/releases/${path}`, init));
  const add = (from = source) => addRelease(from, folder, key.publicKey);
  return { home, key, source, folder, manifest, logged, catalogue, get, add };
}

test('[RO14] a release that is added is offered without a start of the server, and no more when it is removed', async () => {
  const { catalogue, add, manifest, folder } = await setUp();
  await catalogue.tick();
  expect(await catalogue.list()).toEqual([]);
  expect(await add()).toEqual({ manifest, isNew: true });
  expect(readdirSync(folder)).toEqual(['3']);
  expect(catalogue.get(3)).toBeNull();
  await catalogue.tick();
  expect(catalogue.get(3)?.manifest).toEqual(manifest);
  expect(await add()).toEqual({ manifest, isNew: false });
  await catalogue.remove(3);
  expect(catalogue.get(3)).toBeNull();
  expect(existsSync(join(folder, '3'))).toBe(false);
});

test('[RO14] the highest number is listed first', async () => {
  const { home, key, catalogue, add } = await setUp();
  await add();
  await testRelease(join(home, 'other'), key, 20);
  await add(join(home, 'other'));
  expect((await catalogue.list()).map(({ manifest }) => manifest.serial)).toEqual([20, 3]);
});

test('[RO14] what is not as it was signed is not added, and nothing of it stays', async () => {
  const { home, source, folder, add } = await setUp();
  await expect(addRelease(source, folder, testKey(join(home, 'x')).publicKey)).rejects.toThrow(
    'not by the key',
  );
  appendFileSync(join(source, 'agent.mjs'), ' ');
  await expect(add()).rejects.toThrow('agent.mjs was changed');
  await expect(add(join(home, 'none'))).rejects.toThrow('there is no release.json');
  expect(existsSync(folder)).toBe(false);
});

test('[RO14] another release of the same number is refused', async () => {
  const { home, folder, source, add } = await setUp();
  await add();
  rmSync(source, { recursive: true });
  const second = testKey(join(home, 'second'));
  await testRelease(source, second, 3);
  await expect(addRelease(source, folder, second.publicKey)).rejects.toThrow('higher --serial');
});

test.each<[string, (folder: string) => void]>([
  ['has a file of another length', (folder) => appendFileSync(join(folder, '3', 'agent.mjs'), ' ')],
  ['lacks a file', (folder) => rmSync(join(folder, '3', 'node-linux-x64.gz'))],
  ['is not signed', (folder) => rmSync(join(folder, '3', 'release.sig'))],
  ['is empty', (folder) => (rmSync(join(folder, '3'), { recursive: true }), mkdirSync(join(folder, '3')))],
])('[RO14] a folder that %s is said once and never offered', async (_what, spoil) => {
  const { folder, catalogue, logged, get, add } = await setUp();
  await add();
  spoil(folder);
  for (let look = 0; look < 3; look++) expect(await catalogue.list()).toEqual([]);
  expect(logged).toHaveLength(1);
  expect(catalogue.refused()).toEqual([{ serial: 3, why: expect.any(String) }]);
  rmSync(join(folder, '3'), { recursive: true });
  await catalogue.list();
  expect(catalogue.refused()).toEqual([]);
  expect(() => get('3/release.json')).toThrow('There is no file');
});

test('[RO14] [RO34] a server without a release key offers nothing and says why', async () => {
  const { catalogue, logged, add } = await setUp({ known: false });
  await add();
  expect(await catalogue.list()).toEqual([]);
  const why = expect.stringContaining('MUSTER_RELEASE_KEY');
  expect(logged).toEqual([{ release: '3', error: why }]);
  expect(catalogue.refused()).toEqual([{ serial: 3, why }]);
});

test('[RO15] manifest, signature and the files that are listed can be loaded, and nothing else', async () => {
  const { source, catalogue, get, add, manifest } = await setUp();
  await add();
  await catalogue.list();
  for (const name of ['release.json', 'release.sig', 'agent.mjs', 'node-linux-x64.gz']) {
    const answer = get(`3/${name}`);
    const content = readFileSync(join(source, name));
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(content);
    expect(answer.headers.get('content-length')).toBe(String(content.length));
  }
  const agent = manifest.files[0]?.sha256;
  expect(get('3/agent.mjs').headers.get('etag')).toBe(`"${agent}"`);
  for (const path of [
    '4/agent.mjs',
    '3/',
    '3',
    '3/none',
    '03/agent.mjs',
    '3/x/agent.mjs',
    '3/..%2f..%2fserver.key',
  ])
    expect(() => get(path)).toThrow('There is no file');
});

test('[RO15] a download goes on where it was broken off, and begins anew when the file is another', async () => {
  const { source, catalogue, get, add } = await setUp();
  await add();
  await catalogue.list();
  const content = readFileSync(join(source, 'node-linux-x64.gz'));
  const etag = get('3/node-linux-x64.gz', { method: 'HEAD' }).headers.get('etag') ?? '';
  const rest = get('3/node-linux-x64.gz', { headers: { range: 'bytes=100-', 'if-range': etag } });
  expect([rest.status, rest.headers.get('content-range')]).toEqual([
    206,
    `bytes 100-${content.length - 1}/${content.length}`,
  ]);
  expect(rest.headers.get('content-length')).toBe(String(content.length - 100));
  expect(Buffer.from(await rest.arrayBuffer())).toEqual(content.subarray(100));
  const other = get('3/node-linux-x64.gz', { headers: { range: 'bytes=100-', 'if-range': '"x"' } });
  expect([other.status, (await other.arrayBuffer()).byteLength]).toEqual([200, content.length]);
  const outside = get('3/node-linux-x64.gz', { headers: { range: 'bytes=99999-' } });
  expect([outside.status, outside.headers.get('content-range')]).toEqual([416, `bytes */${content.length}`]);
  expect(get('3/node-linux-x64.gz', { headers: { 'if-none-match': etag } }).status).toBe(304);
});
