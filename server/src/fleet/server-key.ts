/** The key by which agents know this server: Ed25519, made at first start, kept in one file of the data directory. */
import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { rawPublicKey } from './signature.ts';

export interface ServerKey {
  /** Raw, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** The same as base64url: stands in install lines and in `welcome`. */
  readonly text: string;
  sign(data: Uint8Array): Uint8Array;
}

/** Only the owner may read the file. */
const FILE_MODE = 0o600;

/**
 * Reads the key, or makes it where the file is missing. A damaged file is an error: a new key would lock every agent out.
 * Agents trust this key, so it belongs into every backup of the data directory.
 */
export function openServerKey(path: string): ServerKey {
  if (!existsSync(path)) writeKeyFile(path, generateKeyPairSync('ed25519').privateKey);
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, FILE_MODE);
  let key: KeyObject;
  try {
    key = createPrivateKey(readFileSync(path));
  } catch (cause) {
    throw new Error(
      `${path} is not a private key. Put it back from a backup; without it every agent must be installed again.`,
      { cause },
    );
  }
  if (key.asymmetricKeyType !== 'ed25519')
    throw new Error(`${path} holds a key of type ${key.asymmetricKeyType}, not Ed25519.`);
  return serverKeyOf(key);
}

export function serverKeyOf(privateKey: KeyObject): ServerKey {
  const publicKey = rawPublicKey(privateKey);
  return {
    publicKey,
    text: Buffer.from(publicKey).toString('base64url'),
    sign: (data) => sign(null, data, privateKey),
  };
}

/** Whole or not at all: a stop half-way leaves only the temporary file. */
function writeKeyFile(path: string, key: KeyObject): void {
  const temporary = `${path}.new`;
  const handle = openSync(temporary, 'w', FILE_MODE);
  try {
    writeSync(handle, key.export({ type: 'pkcs8', format: 'pem' }));
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(temporary, path);
  syncFolder(dirname(path));
}

/** Makes the new name durable. Windows has no handle for that and needs none. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
