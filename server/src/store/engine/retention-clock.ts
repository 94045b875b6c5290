/**
 * The time by which old files are dropped. A clock that was set forward by mistake must not cost data: after a jump the
 * files go by the time before it, for as long as somebody needs to notice, and only then by the new time.
 */
import { HOUR_MS, type Millis } from '@muster/shared/time.ts';

/** A clock that gains more than this on the monotonic one has jumped. */
export const JUMP_MS_MIN = HOUR_MS;
export class RetentionClock {
  /** What the clock should show at `#monotonicMs`, as far as it is trusted. */
  #trustedMs: Millis;
  #monotonicMs: number;
  #doubtSinceMs: number | null = null;
  readonly #doubtMs: number;

  /**
   * `doubtMs`: how long a clock has to stay where it jumped to before files are dropped by it.
   * `newestMs`: the newest time of the data that is there; −Infinity if there is none. A longer stop than a
   * jump counts as one.
   */
  constructor(doubtMs: number, nowMs: Millis, newestMs: Millis, monotonicMs: number) {
    this.#doubtMs = doubtMs;
    this.#trustedMs = newestMs === Number.NEGATIVE_INFINITY ? nowMs : Math.min(nowMs, newestMs);
    this.#monotonicMs = monotonicMs;
  }

  /** The time to drop files by. A clock that went back is followed at once: it drops less. */
  at(nowMs: Millis, monotonicMs: number): Millis {
    const expectedMs = this.#trustedMs + (monotonicMs - this.#monotonicMs);
    this.#monotonicMs = monotonicMs;
    if (nowMs - expectedMs <= JUMP_MS_MIN) {
      this.#doubtSinceMs = null;
      this.#trustedMs = nowMs;
      return nowMs;
    }
    this.#doubtSinceMs ??= monotonicMs;
    const believed = monotonicMs - this.#doubtSinceMs >= this.#doubtMs;
    if (believed) this.#doubtSinceMs = null;
    this.#trustedMs = believed ? nowMs : expectedMs;
    return this.#trustedMs;
  }
}
