/** Ed25519 with raw keys: ids of agents, checking what they sign. */
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';

export const RAW_KEY_BYTES = 32;

/** First 16 bytes of SHA-256 over the raw public key, as 32 hex digits. */
export function agentIdOf(publicKey: Uint8Array): string {
  return sha256(publicKey).toString('hex', 0, 16);
}

/** Raw 32 bytes of an Ed25519 key's public half. */
export function rawPublicKey(key: KeyObject): Uint8Array {
  const { x } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' });
  return Buffer.from(x ?? '', 'base64url');
}

/** Is `signature` over `data` by the owner of the raw `publicKey`? */
export type SignatureCheck = (
  publicKey: Uint8Array,
  data: Uint8Array,
  signature: Uint8Array,
) => boolean | Promise<boolean>;

/** A key that is no point of the curve signs nothing. */
export function signedBy(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify(null, data, keyOf(publicKey), signature);
  } catch {
    // OpenSSL names bad keys and bad signatures in many ways; to the caller all of them are "not signed".
    return false;
  }
}

/** `signedBy` on a thread of the pool: the check is the dearest part of a handshake, and a whole fleet may come at once. */
export function signedByInPool(
  publicKey: Uint8Array,
  data: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  return new Promise((resolve) => {
    try {
      verify(null, data, keyOf(publicKey), signature, (error, isSigned) =>
        resolve(error === null && isSigned),
      );
    } catch {
      resolve(false);
    }
  });
}

function keyOf(publicKey: Uint8Array): KeyObject {
  const x = Buffer.from(publicKey).toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}

export function sha256(data: Uint8Array | string): Buffer {
  return createHash('sha256').update(data).digest();
}
