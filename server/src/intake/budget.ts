/** Requests that one address may make in a window. */
import type { Millis } from '@muster/shared/time.ts';
import { ADDRESSES_MAX, REQUEST_WINDOW_MS, REQUESTS_PER_ADDRESS_MAX } from './limits.ts';

export class AddressBudget {
  readonly #byAddress = new Map<string, { sinceMs: Millis; requests: number }>();

  /** null: go on. Otherwise when it may be tried again. */
  spend(address: string, nowMs: Millis): Millis | null {
    const entry = this.#byAddress.get(address);
    const isOver = !entry || nowMs >= entry.sinceMs + REQUEST_WINDOW_MS || nowMs < entry.sinceMs;
    if (isOver) {
      this.#byAddress.delete(address);
      this.#byAddress.set(address, { sinceMs: nowMs, requests: 1 });
      this.#forgetOldest();
      return null;
    }
    entry.requests++;
    return entry.requests > REQUESTS_PER_ADDRESS_MAX ? entry.sinceMs + REQUEST_WINDOW_MS : null;
  }

  #forgetOldest(): void {
    if (this.#byAddress.size <= ADDRESSES_MAX) return;
    const [oldest] = this.#byAddress.keys();
    if (oldest !== undefined) this.#byAddress.delete(oldest);
  }
}
