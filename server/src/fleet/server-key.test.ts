import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openServerKey } from './server-key.ts';
import { signedBy } from './signature.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-key-'));
  path = join(folder, 'server-identity.pem');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('[FL16] the key is made once, kept, and readable by its owner only', () => {
  const made = openServerKey(path);
  expect(made.text).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(readdirSync(folder)).toEqual(['server-identity.pem']);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(openServerKey(path).text).toBe(made.text);
  const data = Buffer.from('data');
  expect(signedBy(made.publicKey, data, openServerKey(path).sign(data))).toBe(true);
});

test('[FL16] a file that others may read is closed to them', () => {
  openServerKey(path);
  chmodSync(path, 0o644);
  openServerKey(path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('[FL16] a damaged file stops the start instead of being replaced', () => {
  for (const content of [
    '',
    'rubbish',
    generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
  ]) {
    writeFileSync(path, content);
    expect(() => openServerKey(path)).toThrow(/server-identity\.pem/);
    expect(readFileSync(path, 'utf8')).toBe(content);
  }
});
