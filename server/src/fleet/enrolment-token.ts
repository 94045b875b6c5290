/** Enrolment tokens: what is shown once, what is stored, and whether a token still lets a machine in. */
import { timingSafeEqual } from 'node:crypto';
import type { Millis } from '@muster/shared/time.ts';
import type { RefusalCode } from '@muster/shared/wire/server-messages.ts';
import { sha256 } from './signature.ts';

/** Random bytes of a secret. */
export const SECRET_BYTES = 32;
/** Id of newId('enr'), then the secret in hex. Letters, digits and underscores: a double click takes all of it. */
const TOKEN = /^(enr_[0-9a-z]{20})_([0-9a-f]{64})$/;

/** `<id>_<secret>`; 89 characters. */
export function tokenText(id: string, secret: Uint8Array): string {
  return `${id}_${Buffer.from(secret).toString('hex')}`;
}

/** Hex of SHA-256; the only form in which the secret is stored. It has 256 random bits, so a slow hash adds nothing. */
export function secretHash(secret: Uint8Array): string {
  return sha256(secret).toString('hex');
}

/** null where the text cannot be a token of ours. */
export function parseToken(text: string): { id: string; secretHash: string } | null {
  const [, id, secret] = TOKEN.exec(text) ?? [];
  return id && secret ? { id, secretHash: secretHash(Buffer.from(secret, 'hex')) } : null;
}

/** Takes the same time wherever the two differ. */
export function sameHash(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a, 'hex'), Buffer.from(b, 'hex')];
  return left.length === right.length && timingSafeEqual(left, right);
}

export type TokenRefusal = Extract<RefusalCode, `token-${string}`>;

/** Why this token lets no further machine in; null: it does. */
export function tokenRefusal(
  token: { expiresAtMs: Millis | null; revokedAtMs: Millis | null; uses: number; usesMax: number },
  nowMs: Millis,
): TokenRefusal | null {
  if (token.revokedAtMs !== null) return 'token-unknown';
  if (token.expiresAtMs !== null && nowMs >= token.expiresAtMs) return 'token-expired';
  if (token.uses >= token.usesMax) return 'token-exhausted';
  return null;
}
