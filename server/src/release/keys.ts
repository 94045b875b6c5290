/**
 * Release keys: Ed25519 (RFC 8032), one file with the private half, which belongs on no server, and one with the public half,
 * which is built into agents.
 */
import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import {
  fingerprintWords,
  parseReleaseKey,
  type PublicReleaseKey,
  releaseKeyLine,
} from '@muster/shared/release/key.ts';
import { rawPublicKey } from '../fleet/signature.ts';

/** Makes `path` and `path.pub`. Files that are there already are kept: agents may trust that key. @throws Error */
export function makeReleaseKey(path: string, development: boolean): PublicReleaseKey {
  for (const file of [path, publicKeyFile(path)])
    if (existsSync(file))
      throw new Error(`${file} is there already and is not overwritten: agents may trust that key`);
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  const publicKey = publicHalf(privateKey, development);
  // On the disk before anything is signed by it, and for its owner alone.
  writeFileSync(path, pem, { mode: 0o600, flag: 'wx', flush: true });
  writeFileSync(publicKeyFile(path), `${releaseKeyLine(publicKey)}\n`, { flag: 'wx', flush: true });
  return publicKey;
}

export function publicKeyFile(privateFile: string): string {
  return `${privateFile}.pub`;
}

export function publicHalf(privateKey: KeyObject, development: boolean): PublicReleaseKey {
  return { text: Buffer.from(rawPublicKey(privateKey)).toString('base64url'), development };
}

/** @throws Error where it is no such key, or one that others on this machine can read */
export function readPrivateReleaseKey(path: string): KeyObject {
  if (!existsSync(path)) throw new Error(`there is no file ${path}`);
  if (parseReleaseKey(readFileSync(path, 'utf8')) !== null)
    throw new Error(`${path} is the public half; the private one is the file without .pub`);
  if ((statSync(path).mode & 0o077) !== 0)
    throw new Error(`${path} can be read by others on this machine. Make it yours alone: chmod 600 ${path}`);
  let key: KeyObject;
  try {
    key = createPrivateKey(readFileSync(path));
  } catch (cause) {
    throw new Error(`${path} is no private key`, { cause });
  }
  if (key.asymmetricKeyType !== 'ed25519')
    throw new Error(`${path} holds a key of type ${key.asymmetricKeyType}, not Ed25519`);
  return key;
}

/** @throws Error */
export function readPublicReleaseKey(path: string): PublicReleaseKey {
  if (!existsSync(path)) throw new Error(`there is no file ${path}`);
  const key = parseReleaseKey(readFileSync(path, 'utf8'));
  if (key === null)
    throw new Error(`${path} is no public release key; "muster release keygen" makes one, FILE.pub`);
  return key;
}

/** For people to compare. */
export function releaseKeyFingerprint({ text }: PublicReleaseKey): string {
  return fingerprintWords(createHash('sha256').update(Buffer.from(text, 'base64url')).digest('hex'));
}
