/** Slows down guessing of passwords: counts attempts per name and per address, in memory. */
import { MINUTE_MS, type Millis } from '@muster/shared/time.ts';

/** Failed attempts within the window before a name or an address has to wait. */
export const NAME_FAILURES_MAX = 10;
export const ADDRESS_FAILURES_MAX = 30;
export const FAILURE_WINDOW_MS = 15 * MINUTE_MS;
export const LOCK_MS = 15 * MINUTE_MS;
/** Names and addresses remembered each; beyond it the oldest are forgotten. */
export const GUARD_ENTRIES_MAX = 10_000;

interface Count {
  failures: number;
  windowStartMs: Millis;
  lockedUntilMs: Millis;
}

export interface Attempt {
  /** When the wait is over; null: the attempt may be made. */
  readonly lockedUntilMs: Millis | null;
  /** True for the first refusal of a lock, the one worth a line in the audit log. */
  readonly lockStarted: boolean;
}

/**
 * An attempt counts as failed from its beginning until `succeeded` takes it back, so that many at once cannot pass
 * the limit. A refused attempt does not prolong the lock.
 */
export class SignInGuard {
  readonly #names = new Map<string, Count>();
  readonly #addresses = new Map<string, Count>();

  /** `nameKey` null: what is shown has no name that could be guessed at, so only the address counts. */
  begin(nameKey: string | null, address: string, nowMs: Millis): Attempt {
    const source = entry(this.#addresses, addressKey(address), nowMs);
    // Names are remembered only from addresses that may try: one that is locked could push out the locks of others.
    if (source.lockedUntilMs > nowMs) return { lockedUntilMs: source.lockedUntilMs, lockStarted: false };
    const name = nameKey === null ? null : entry(this.#names, nameKey, nowMs);
    const lockedUntilMs = () => Math.max(name?.lockedUntilMs ?? 0, source.lockedUntilMs);
    if (lockedUntilMs() > nowMs) return { lockedUntilMs: lockedUntilMs(), lockStarted: false };
    const nameLocked = name !== null && count(name, NAME_FAILURES_MAX, nowMs);
    const sourceLocked = count(source, ADDRESS_FAILURES_MAX, nowMs);
    return nameLocked || sourceLocked
      ? { lockedUntilMs: lockedUntilMs(), lockStarted: true }
      : { lockedUntilMs: null, lockStarted: false };
  }

  succeeded(nameKey: string | null, address: string): void {
    if (nameKey !== null) this.#names.delete(nameKey);
    const source = this.#addresses.get(addressKey(address));
    if (source !== undefined) source.failures = Math.max(0, source.failures - 1);
  }

  /** A new password was given: the name starts afresh. */
  forgetName(nameKey: string): void {
    this.#names.delete(nameKey);
  }
}

/** One IPv6 subscriber has a /64 to take addresses from: its four leading groups stand for all of them. */
function addressKey(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail = ''] = address.split('::', 2);
  const leading = head === '' ? [] : head.split(':');
  const trailing = tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - leading.length - trailing.length) }, () => '0');
  return [...leading, ...zeros, ...trailing].slice(0, 4).join(':').toLowerCase();
}

function entry(map: Map<string, Count>, key: string, nowMs: Millis): Count {
  const found = map.get(key);
  if (found !== undefined && nowMs < Math.max(found.windowStartMs + FAILURE_WINDOW_MS, found.lockedUntilMs)) {
    return found;
  }
  const fresh = { failures: 0, windowStartMs: nowMs, lockedUntilMs: 0 };
  map.delete(key);
  map.set(key, fresh);
  if (map.size > GUARD_ENTRIES_MAX) {
    const oldest = map.keys().next();
    if (oldest.done !== true) map.delete(oldest.value);
  }
  return fresh;
}

/** Counts one attempt; true when it is one too many and starts a lock. */
function count(target: Count, failuresMax: number, nowMs: Millis): boolean {
  target.failures += 1;
  if (target.failures <= failuresMax) return false;
  target.lockedUntilMs = nowMs + LOCK_MS;
  return true;
}
