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

  begin(nameKey: string, address: string, nowMs: Millis): Attempt {
    const name = entry(this.#names, nameKey, nowMs);
    const source = entry(this.#addresses, address, nowMs);
    const already = Math.max(name.lockedUntilMs, source.lockedUntilMs);
    if (already > nowMs) return { lockedUntilMs: already, lockStarted: false };
    const nameLocked = count(name, NAME_FAILURES_MAX, nowMs);
    const sourceLocked = count(source, ADDRESS_FAILURES_MAX, nowMs);
    const until = Math.max(name.lockedUntilMs, source.lockedUntilMs);
    return nameLocked || sourceLocked
      ? { lockedUntilMs: until, lockStarted: true }
      : { lockedUntilMs: null, lockStarted: false };
  }

  succeeded(nameKey: string, address: string): void {
    this.#names.delete(nameKey);
    const source = this.#addresses.get(address);
    if (source !== undefined) source.failures = Math.max(0, source.failures - 1);
  }

  /** A new password was given: the name starts afresh. */
  forgetName(nameKey: string): void {
    this.#names.delete(nameKey);
  }
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
