/** The manifest of a twin: what each file hashes to, signed, so that a reader far from the server knows that nothing was changed. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

export const MANIFEST = 'manifest.json';
export const SIGNATURE = 'manifest.sig';
export const PUBLIC_KEY = 'public-key.pem';
const NOT_LISTED: ReadonlySet<string> = new Set([MANIFEST, SIGNATURE, PUBLIC_KEY]);

export const Manifest = z.object({
  format: z.literal('muster-twin/1'),
  createdAt: z.string(),
  version: z.string(),
  files: z.record(z.string(), z.object({ sha256: z.string(), bytes: z.number() })),
});
export type Manifest = z.infer<typeof Manifest>;

/** Reads the key, or makes it where the file is missing. */
export function openTwinKey(path: string): KeyObject {
  if (!existsSync(path)) {
    const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
    // On the disk before anything is signed by it: a copy by a key that is lost cannot be verified.
    writeFileSync(path, pem, { mode: 0o600, flag: 'wx', flush: true });
  }
  return createPrivateKey(readFileSync(path));
}

export function publicPem(key: KeyObject): string {
  return createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
}

/** SHA-256 (hex) of the public key in DER. */
export function fingerprint(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

/** Ed25519 (RFC 8032) over the bytes of the manifest, as base64. */
export function signed(manifest: string, key: KeyObject): string {
  return sign(null, Buffer.from(manifest), key).toString('base64');
}

export interface Verdict {
  readonly ok: boolean;
  readonly fingerprint: string | null;
  readonly createdAt: string | null;
  readonly files: number;
  /** What is wrong, one sentence each. */
  readonly faults: readonly string[];
}

/**
 * Checks a twin without the server: the signature, then every file against the manifest, and that there is no other file.
 * `expected`: the fingerprint that the owner wrote down; without it the key in the folder is believed, which is named.
 */
export function verifyTwin(folder: string, expected: string | null): Verdict {
  const faults: string[] = [];
  const failed = (sentence: string): Verdict => ({
    ok: false,
    fingerprint: null,
    createdAt: null,
    files: 0,
    faults: [sentence],
  });
  for (const name of NOT_LISTED) if (!existsSync(join(folder, name))) return failed(`${name} is missing.`);
  const text = readFileSync(join(folder, MANIFEST), 'utf8');
  let key: KeyObject;
  try {
    key = createPublicKey(readFileSync(join(folder, PUBLIC_KEY)));
  } catch {
    return failed(`${PUBLIC_KEY} is no public key.`);
  }
  const print = fingerprint(key);
  if (expected !== null && expected.toLowerCase() !== print)
    faults.push(`The key is ${print}, not the expected one.`);
  const signature = Buffer.from(readFileSync(join(folder, SIGNATURE), 'utf8').trim(), 'base64');
  if (!verify(null, Buffer.from(text), key, signature))
    return failed('The signature does not fit the manifest.');
  const manifest = Manifest.parse(JSON.parse(text));
  for (const [name, { sha256, bytes }] of Object.entries(manifest.files)) {
    const path = join(folder, name);
    if (!existsSync(path)) {
      faults.push(`${name} is missing.`);
      continue;
    }
    const content = readFileSync(path);
    if (content.length !== bytes || sha256Of(content) !== sha256) faults.push(`${name} was changed.`);
  }
  for (const name of filesIn(folder))
    if (!NOT_LISTED.has(name) && !Object.hasOwn(manifest.files, name))
      faults.push(`${name} does not belong to it.`);
  return {
    ok: faults.length === 0,
    fingerprint: print,
    createdAt: manifest.createdAt,
    files: Object.keys(manifest.files).length,
    faults,
  };
}

export function sha256Of(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length)
        .replace(/^[\\/]+/, '')
        .replaceAll('\\', '/'),
    );
}
