import { generateKeyPairSync, sign, verify } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fingerprintWords, parseReleaseKey, releaseKeyLine } from './key.ts';
import {
  filesFor,
  readRelease,
  RELEASE_MANIFEST_BYTES_MAX,
  ReleaseError,
  releaseInput,
  type ReleaseManifest,
} from './manifest.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const isSigned = (input: Uint8Array, signature: Uint8Array) => verify(null, input, publicKey, signature);
const signed = (bytes: Uint8Array) => sign(null, releaseInput(bytes), privateKey).toString('base64');

const manifest: ReleaseManifest = {
  format: 'muster-release/1',
  serial: 12,
  version: '1.2.0+0a1b2c3d',
  development: false,
  key: 'k'.repeat(43),
  protocol: 1,
  files: [
    {
      name: 'agent.mjs',
      kind: 'agent',
      platform: null,
      bytes: 400_000,
      sha256: 'a'.repeat(64),
      program: null,
    },
    {
      name: 'node-linux-x64.gz',
      kind: 'node',
      platform: 'linux-x64',
      bytes: 50_000_000,
      sha256: 'b'.repeat(64),
      program: { version: '26.10.0', bytes: 120_000_000, sha256: 'c'.repeat(64) },
    },
  ],
};
const bytesOf = (value: unknown) => Buffer.from(JSON.stringify(value));

test('[RL1] what was signed is read as it was written', () => {
  const bytes = bytesOf(manifest);
  expect(readRelease(bytes, `${signed(bytes)}\n`, isSigned)).toEqual(manifest);
});

test('[RL1] a manifest that was changed in any place is not believed, nor one with another signature', () => {
  const bytes = bytesOf(manifest);
  const signature = signed(bytes);
  const change = fc.record({ at: fc.nat({ max: bytes.length - 1 }), by: fc.integer({ min: 1, max: 255 }) });
  fc.assert(
    fc.property(change, fc.boolean(), ({ at, by }, isCut) => {
      const changed = isCut ? bytes.subarray(0, at) : Buffer.from(bytes);
      if (!isCut) changed[at] = (changed[at] as number) ^ by;
      expect(() => readRelease(changed, signature, isSigned)).toThrow(ReleaseError);
    }),
  );
  const other = generateKeyPairSync('ed25519').privateKey;
  const byAnother = sign(null, releaseInput(bytes), other).toString('base64');
  expect(() => readRelease(bytes, byAnother, isSigned)).toThrow('not by the key that is trusted here');
});

test('[RL1] a signature over the bytes alone is none of a release', () => {
  const bytes = bytesOf(manifest);
  const bare = sign(null, bytes, privateKey).toString('base64');
  expect(() => readRelease(bytes, bare, isSigned)).toThrow(ReleaseError);
});

test.each([
  ['nothing', '', 'is not base64'],
  ['hex', 'ab'.repeat(64), 'is not base64'],
  ['too short', 'AAAA', 'is not base64'],
])('[RL1] a signature that is %s is refused in words', (_what, text, words) => {
  expect(() => readRelease(bytesOf(manifest), text, isSigned)).toThrow(words);
});

const [agent, node] = manifest.files;
test.each([
  ['no JSON', Buffer.from('{'), 'no JSON'],
  ['too long', Buffer.alloc(RELEASE_MANIFEST_BYTES_MAX + 1, 32), 'are the most'],
  ['of another format', bytesOf({ ...manifest, format: 'muster-twin/1' }), 'format'],
  ['without a number', bytesOf({ ...manifest, serial: 0 }), 'serial'],
  ['naming a file twice', bytesOf({ ...manifest, files: [agent, agent] }), 'twice'],
  ['naming a file of another folder', bytesOf({ ...manifest, files: [{ ...agent, name: '../sh' }] }), 'name'],
  [
    'naming a file that begins with a dash',
    bytesOf({ ...manifest, files: [{ ...agent, name: '-rf' }] }),
    'name',
  ],
])('[RL2] a signed manifest that is %s is refused in words', (_what, bytes, words) => {
  expect(() => readRelease(bytes, signed(bytes), isSigned)).toThrow(words);
});

test('[RL2] what a platform needs is found, and a release that is not for it says so', () => {
  expect(filesFor(manifest, 'linux-x64')).toEqual({ agent, node });
  expect(() => filesFor(manifest, 'win-x64')).toThrow('release 1.2.0+0a1b2c3d is not for win-x64');
});

test('[RL3] a public key is one line that says what it is for', () => {
  const text = 'k'.repeat(43);
  expect(releaseKeyLine({ text, development: false })).toBe(`muster-release ${text}`);
  for (const development of [false, true])
    expect(parseReleaseKey(`${releaseKeyLine({ text, development })}\n`)).toEqual({ text, development });
  for (const wrong of [
    '',
    text,
    `muster ${text}`,
    `muster-release ${text}k`,
    `muster-release ${text.slice(1)}`,
  ])
    expect(parseReleaseKey(wrong)).toBeNull();
  expect(fingerprintWords('0123456789abcdef'.repeat(4))).toBe('0123 4567 89ab cdef 0123 4567 89ab cdef');
});
