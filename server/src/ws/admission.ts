/** Lets handshakes in at a rate that the server can serve; the others are told when to come back, each at its own time. */
import { SECOND_MS, type Millis } from '@muster/shared/time.ts';

/** Handshakes being decided at once: each may hold a database read, a signature check and a wait for an older socket. */
export const HANDSHAKES_IN_FLIGHT_MAX = 64;
/** Handshakes begun in a second. One costs a core about 1 ms, TLS not counted. */
export const HANDSHAKES_PER_SECOND_MAX = 200;
/** Sockets that have not proved anything yet; each holds some KiB for at most 10 s. */
export const UNPROVEN_SOCKETS_MAX = 4_096;
/** Of them from one address: a whole site may stand behind one. */
export const UNPROVEN_PER_ADDRESS_MAX = 1_024;
/** Longest pause asked for. */
export const BUSY_RETRY_MS_MAX = 120_000;

export class Admission {
  readonly #random: () => number;
  #inFlight = 0;
  #windowMs = Number.NEGATIVE_INFINITY;
  #begun = 0;
  /** Time given to the next one that is sent away. */
  #nextFreeMs = Number.NEGATIVE_INFINITY;

  /** `random`: 0 ≤ x < 1. */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** null: go on, and call `leave` when decided. Otherwise the pause to ask for. */
  enter(nowMs: Millis): Millis | null {
    if (Math.abs(nowMs - this.#windowMs) >= SECOND_MS) {
      this.#windowMs = nowMs;
      this.#begun = 0;
    }
    if (this.#inFlight >= HANDSHAKES_IN_FLIGHT_MAX || this.#begun >= HANDSHAKES_PER_SECOND_MAX)
      return this.retryAfterMs(nowMs);
    this.#inFlight++;
    this.#begun++;
    return null;
  }

  leave(): void {
    this.#inFlight--;
  }

  /** Each caller gets a later place, so those sent away do not come back together. */
  retryAfterMs(nowMs: Millis): Millis {
    const stepMs = SECOND_MS / HANDSHAKES_PER_SECOND_MAX;
    // The upper bound also holds where the clock was set back and the places are those of the old time.
    this.#nextFreeMs = clamp(this.#nextFreeMs + stepMs, nowMs + SECOND_MS, nowMs + BUSY_RETRY_MS_MAX);
    const waitMs = this.#nextFreeMs - nowMs;
    const full = waitMs >= BUSY_RETRY_MS_MAX;
    return full
      ? (BUSY_RETRY_MS_MAX * (1 + this.#random())) / 2
      : Math.min(BUSY_RETRY_MS_MAX, waitMs + this.#random() * SECOND_MS);
  }
}

function clamp(value: number, lowest: number, highest: number): number {
  return Math.min(highest, Math.max(lowest, value));
}
