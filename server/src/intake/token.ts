/** The token in the path that other agents deliver to: shown once, stored as a hash. */
import { createHash } from 'node:crypto';

/** 192 random bits: nobody guesses it, and the address stays short enough for a configuration file. */
export const TOKEN_BYTES = 24;
/** base64url: stands in a path as it is. */
const TOKEN = /^[A-Za-z0-9_-]{32}$/;

export function tokenText(secret: Uint8Array): string {
  return Buffer.from(secret).toString('base64url');
}

/** Hex of SHA-256. Always as much work, whether the text can be a token of ours or not. */
export function tokenHash(text: string): string {
  return createHash('sha256').update(text.slice(0, 256)).digest('hex');
}

export const INTAKE_PATH = '/intake';

/**
 * The token of `/intake/<token>` or `/intake/<token>/whatever/the/agent/appends`; null where there is none. Some agents
 * append a path of their own, so what comes behind is not looked at.
 */
export function tokenOfPath(path: string): string | null {
  const [, door, token = ''] = path.split('/', 3);
  return door === INTAKE_PATH.slice(1) && TOKEN.test(token) ? token : null;
}
