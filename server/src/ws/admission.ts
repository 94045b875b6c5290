/**
 * Lets handshakes in at a rate that the server can serve. Who comes while all places are taken waits for some seconds on
 * the open socket, which costs less than to be sent away and come again; the others are told when to come back, each at
 * its own time.
 */
import { SECOND_MS, type Millis } from '@muster/shared/time.ts';

/** Handshakes being decided at once: each waits for a transaction that it shares with others. */
export const HANDSHAKES_IN_FLIGHT_MAX = 256;
/** Handshakes begun in a second. One costs a core about 0.5 ms, TLS not counted. */
export const HANDSHAKES_PER_SECOND_MAX = 2_000;
/** How long one may wait for its turn: with the turn itself well below the agent's patience. */
export const TURN_WAIT_MS_MAX = 5_000;
/** Sockets that have not proved anything yet; each holds some KiB for at most 10 s. */
export const UNPROVEN_SOCKETS_MAX = 8_192;
/** Of them from one address: a whole site may stand behind one. */
export const UNPROVEN_PER_ADDRESS_MAX = 4_096;
/** Longest pause asked for. */
export const BUSY_RETRY_MS_MAX = 120_000;

/** So many at once are more than machines that happen to come together. */
const CROWD_MIN = 16;

/** Begins a handshake that waited. false: it is gone, and takes no place. */
export type Begin = () => boolean;

/** Places of those that have begun, before the others move up. */
const BEGUN_MAX = 1_024;
const BEGUN: Begin = () => false;

export class Admission {
  readonly #random: () => number;
  #inFlight = 0;
  /** Sockets that have not proved anything yet. */
  unproven = 0;
  #windowMs = Number.NEGATIVE_INFINITY;
  #begun = 0;
  /** In the order in which they came. */
  #waiting: Begin[] = [];
  #nextWaiting = 0;
  #calling = false;
  /** Time given to the next one that is sent away. */
  #nextFreeMs = Number.NEGATIVE_INFINITY;

  /** `random`: 0 ≤ x < 1. */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Machines are waiting for one another. */
  get isCrowded(): boolean {
    return this.unproven >= CROWD_MIN || this.#inFlight >= CROWD_MIN;
  }

  /** null: `begin` is called, now or when it is its turn; call `leave` when decided. Otherwise the pause to ask for. */
  enter(nowMs: Millis, begin: Begin): Millis | null {
    const ahead = this.#waiting.length - this.#nextWaiting;
    if (ahead === 0 && this.#free(nowMs)) this.#begin(begin);
    else if (ahead >= (HANDSHAKES_PER_SECOND_MAX * TURN_WAIT_MS_MAX) / SECOND_MS)
      return this.retryAfterMs(nowMs);
    else this.#waiting.push(begin);
    return null;
  }

  leave(nowMs: Millis): void {
    this.#inFlight--;
    this.tick(nowMs);
  }

  /** Once a second, and whenever a place is free. */
  tick(nowMs: Millis): void {
    // A handshake that fails as it begins frees its place from within; the loop goes on with the next by itself.
    if (this.#calling) return;
    this.#calling = true;
    while (this.#nextWaiting < this.#waiting.length && this.#free(nowMs)) this.#begin(this.#takeNext());
    this.#calling = false;
    if (this.#nextWaiting < this.#waiting.length) return;
    this.#waiting = [];
    this.#nextWaiting = 0;
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

  /** What has begun is not kept, however long others wait: it holds a connection. */
  #takeNext(): Begin {
    const begin = this.#waiting[this.#nextWaiting] as Begin;
    this.#waiting[this.#nextWaiting++] = BEGUN;
    if (this.#nextWaiting < BEGUN_MAX) return begin;
    this.#waiting.splice(0, this.#nextWaiting);
    this.#nextWaiting = 0;
    return begin;
  }

  #free(nowMs: Millis): boolean {
    if (Math.abs(nowMs - this.#windowMs) >= SECOND_MS) {
      this.#windowMs = nowMs;
      this.#begun = 0;
    }
    return this.#inFlight < HANDSHAKES_IN_FLIGHT_MAX && this.#begun < HANDSHAKES_PER_SECOND_MAX;
  }

  #begin(begin: Begin): void {
    this.#inFlight++;
    if (begin()) this.#begun++;
    else this.#inFlight--;
  }
}

function clamp(value: number, lowest: number, highest: number): number {
  return Math.min(highest, Math.max(lowest, value));
}
