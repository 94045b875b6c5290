/** Makes ids: a prefix that names the kind, then 20 characters that sort by the time they were made. */
import { randomBytes } from 'node:crypto';
import type { Millis } from '@muster/shared/time.ts';

/** Crockford's base 32: no i, l, o, u. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_BITS = 50n;
const RANDOM_BITS = 50n;
const LENGTH = 20;

let lastMs: Millis = Number.NaN;
let lastRandom = 0n;

/** `newId('inc', nowMs)` → 'inc_01jd2w…'. Ids made in the same millisecond ascend in the order of the calls. */
export function newId(prefix: string, nowMs: Millis): string {
  lastRandom = nowMs === lastMs ? lastRandom + 1n : randomStart();
  lastMs = nowMs;
  const time = BigInt.asUintN(Number(TIME_BITS), BigInt(Math.max(0, Math.trunc(nowMs))));
  return `${prefix}_${base32((time << RANDOM_BITS) | lastRandom)}`;
}

/** The top bit stays clear, so that counting up never reaches the time. */
function randomStart(): bigint {
  return BigInt(`0x${randomBytes(7).toString('hex')}`) & ((1n << (RANDOM_BITS - 1n)) - 1n);
}

function base32(value: bigint): string {
  let text = '';
  for (let rest = value; text.length < LENGTH; rest >>= 5n) {
    text = ALPHABET.charAt(Number(rest & 31n)) + text;
  }
  return text;
}
