/** Lets a bounded number of records of each key through per window, and counts the rest. */
import type { Millis } from '@muster/shared/time.ts';

export interface FloodLimits {
  readonly windowMs: Millis;
  readonly perKeyMax: number;
  readonly totalMax: number;
}

/** What was held back in one window: by kind, how often. */
export interface Suppressed {
  readonly sinceMs: Millis;
  readonly untilMs: Millis;
  readonly counts: Readonly<Record<string, number>>;
}

export class FloodGate {
  readonly #limits: FloodLimits;
  #sinceMs: Millis | null = null;
  #total = 0;
  /** At most `totalMax` keys: only what is let through is remembered. */
  #perKey = new Map<string, number>();
  #suppressed = new Map<string, number>();

  constructor(limits: FloodLimits) {
    this.#limits = limits;
  }

  /** false: count it, do not write it. `kind` is what the count will be told by. */
  admit(key: string, kind: string, nowMs: Millis): boolean {
    this.#sinceMs ??= nowMs;
    const seen = this.#perKey.get(key) ?? 0;
    if (seen < this.#limits.perKeyMax && this.#total < this.#limits.totalMax) {
      this.#perKey.set(key, seen + 1);
      this.#total++;
      return true;
    }
    this.count(kind, nowMs);
    return false;
  }

  /** Only counts. */
  count(kind: string, nowMs: Millis): void {
    this.#sinceMs ??= nowMs;
    this.#suppressed.set(kind, (this.#suppressed.get(kind) ?? 0) + 1);
  }

  /** To be called once a second; says at the end of a window what was held back in it, null where nothing was. */
  tick(nowMs: Millis): Suppressed | null {
    const sinceMs = this.#sinceMs;
    // A clock that was set back must not hold a window open for hours.
    if (sinceMs === null || (nowMs >= sinceMs && nowMs < sinceMs + this.#limits.windowMs)) return null;
    const counts = Object.fromEntries(this.#suppressed);
    const any = this.#suppressed.size > 0;
    this.#sinceMs = null;
    this.#total = 0;
    this.#perKey = new Map();
    this.#suppressed = new Map();
    return any ? { sinceMs, untilMs: nowMs, counts } : null;
  }
}
