import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RELEASE_MANIFEST, RELEASE_SIGNATURE } from '@muster/shared/release/manifest.ts';
import { expect, onTestFinished, test } from 'vitest';
import { sha256 } from '../fleet/signature.ts';
import { signRelease, verifyRelease } from './folder.ts';
import {
  makeReleaseKey,
  publicKeyFile,
  readPrivateReleaseKey,
  readPublicReleaseKey,
  releaseKeyFingerprint,
} from './keys.ts';

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'muster-release-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function keyOf(development = false) {
  const path = join(temporaryFolder(), 'key');
  const publicKey = makeReleaseKey(path, development);
  return { path, publicKey, privateKey: readPrivateReleaseKey(path) };
}

function releaseFolder({ publicKey: { text, development } }: ReturnType<typeof keyOf>): string {
  const folder = temporaryFolder();
  const script = 'console.log("agent")';
  writeFileSync(join(folder, 'agent.mjs'), script);
  const file = {
    name: 'agent.mjs',
    kind: 'agent',
    platform: null,
    bytes: script.length,
    sha256: sha256(script).toString('hex'),
    program: null,
  };
  const manifest = {
    format: 'muster-release/1',
    serial: 3,
    version: '1',
    development,
    key: text,
    protocol: 1,
    files: [file],
  };
  writeFileSync(join(folder, RELEASE_MANIFEST), JSON.stringify(manifest));
  return folder;
}

test('[RL5] a release that was signed is found right, by its key and no other', async () => {
  const key = keyOf();
  const { publicKey, privateKey } = key;
  const folder = releaseFolder(key);
  await expect(verifyRelease(folder, publicKey)).rejects.toThrow('not signed');
  expect((await signRelease(folder, privateKey)).serial).toBe(3);
  const signature = readFileSync(join(folder, RELEASE_SIGNATURE), 'utf8');
  expect((await verifyRelease(folder, publicKey)).version).toBe('1');
  await expect(verifyRelease(folder, keyOf().publicKey)).rejects.toThrow('not by the key');
  await signRelease(folder, privateKey);
  expect(readFileSync(join(folder, RELEASE_SIGNATURE), 'utf8')).toBe(signature);
});

test.each([
  [
    'changed',
    (folder: string) => writeFileSync(join(folder, 'agent.mjs'), 'console.log("other")'),
    'agent.mjs was changed',
  ],
  ['missing', (folder: string) => rmSync(join(folder, 'agent.mjs')), 'agent.mjs is missing'],
  [
    'more than is listed',
    (folder: string) => writeFileSync(join(folder, 'extra'), ''),
    'extra does not belong to it',
  ],
  [
    'without a manifest',
    (folder: string) => rmSync(join(folder, RELEASE_MANIFEST)),
    'there is no release.json',
  ],
])('[RL5] a folder whose files are %s is neither signed nor found right', async (_what, spoil, words) => {
  const key = keyOf();
  const { publicKey, privateKey } = key;
  const folder = releaseFolder(key);
  await signRelease(folder, privateKey);
  spoil(folder);
  await expect(verifyRelease(folder, publicKey)).rejects.toThrow(words);
  await expect(signRelease(folder, privateKey)).rejects.toThrow(words);
});

test('[RL6] a development build is not taken for a release, nor the other way round', async () => {
  const key = keyOf(true);
  const { path, publicKey, privateKey } = key;
  expect(readPublicReleaseKey(publicKeyFile(path))).toEqual({ ...publicKey, development: true });
  const folder = releaseFolder(key);
  await signRelease(folder, privateKey);
  expect((await verifyRelease(folder, publicKey)).development).toBe(true);
  await expect(verifyRelease(folder, { ...publicKey, development: false })).rejects.toThrow(
    'is a development build',
  );
});

test('[RL3] a key is for its owner alone, and never overwritten', () => {
  const { path, publicKey } = keyOf();
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readPublicReleaseKey(publicKeyFile(path))).toEqual(publicKey);
  expect(releaseKeyFingerprint(publicKey)).toMatch(/^([0-9a-f]{4} ){7}[0-9a-f]{4}$/);
  const before = readFileSync(path, 'utf8');
  expect(() => makeReleaseKey(path, false)).toThrow('is not overwritten');
  expect(readFileSync(path, 'utf8')).toBe(before);
  chmodSync(path, 0o640);
  expect(() => readPrivateReleaseKey(path)).toThrow('chmod 600');
});

test('[RL3] what is no key is said to be none', () => {
  const { path } = keyOf();
  expect(() => readPrivateReleaseKey(publicKeyFile(path))).toThrow('is the public half');
  expect(() => readPrivateReleaseKey(`${path}x`)).toThrow('there is no file');
  expect(() => readPublicReleaseKey(`${path}x`)).toThrow('there is no file');
  expect(() => readPublicReleaseKey(path)).toThrow('is no public release key');
  const empty = join(temporaryFolder(), 'empty');
  writeFileSync(empty, '', { mode: 0o600 });
  expect(() => readPrivateReleaseKey(empty)).toThrow('is no private key');
});
