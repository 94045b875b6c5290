/** Opaque secrets: made from 256 random bits, kept only as their SHA-256. */
import { hash, randomBytes, randomInt } from 'node:crypto';

const SECRET_BYTES = 32;
/** Marks an API token, so that scanners find a leaked one. */
export const API_TOKEN_PREFIX = 'mst_';

export function newSessionToken(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

export function newApiToken(): string {
  return API_TOKEN_PREFIX + randomBytes(SECRET_BYTES).toString('base64url');
}

/** A slow hash is not needed: the secret cannot be guessed. Hex. */
export function secretHash(secret: string): string {
  return hash('sha256', secret, 'hex');
}

/** Without characters that look alike. */
const PASSWORD_ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';
const PASSWORD_GROUPS = 4;
const PASSWORD_GROUP_LENGTH = 5;

/** 100 bits, in groups that can be read aloud: 'k3x9a-…'. */
export function newPassword(): string {
  const group = () =>
    Array.from({ length: PASSWORD_GROUP_LENGTH }, () =>
      PASSWORD_ALPHABET.charAt(randomInt(PASSWORD_ALPHABET.length)),
    ).join('');
  return Array.from({ length: PASSWORD_GROUPS }, group).join('-');
}
