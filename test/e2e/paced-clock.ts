/** Time and timers at a pace that can be changed while they run. */
import { readFileSync } from 'node:fs';

/** From `realMs` on the clock shows `shownMs` and runs at `rate`; both times are milliseconds since 1970. */
export interface Stretch {
  readonly realMs: number;
  readonly shownMs: number;
  readonly rate: number;
}

/** setTimeout holds 31 bits. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1;

interface Waiting {
  readonly dueMs: number;
  readonly run: () => void;
  handle: NodeJS.Timeout | undefined;
}

/** Follows the stretches that somebody sets. */
export class PacedClock {
  readonly #realNow: () => number;
  readonly #setTimeout = globalThis.setTimeout;
  readonly #waiting = new Set<Waiting>();
  #stretches: readonly Stretch[];

  constructor(stretches: readonly Stretch[]) {
    // Kept before anybody replaces it.
    const { now } = Date;
    this.#realNow = now;
    this.#stretches = stretches;
  }

  now(): number {
    return this.#shownAt(this.#realNow());
  }

  /** From here on, also for what waits already. */
  follow(stretches: readonly Stretch[]): void {
    this.#stretches = stretches;
    const turnMs = (stretches.at(-1)?.realMs ?? 0) - this.#realNow();
    const again = () => {
      for (const waiting of this.#waiting) this.#arm(waiting);
    };
    again();
    if (turnMs > 0) this.#setTimeout(again, turnMs);
  }

  /** Runs once, so many shown milliseconds from now. Answers how to call it off. */
  after(delayMs: number, run: () => void): () => void {
    const waiting: Waiting = { dueMs: this.now() + delayMs, run, handle: undefined };
    this.#waiting.add(waiting);
    this.#arm(waiting);
    return () => {
      clearTimeout(waiting.handle);
      this.#waiting.delete(waiting);
    };
  }

  /** Runs again and again, until the answer is called. */
  every(intervalMs: number, run: () => void): () => void {
    let cancel = () => {};
    const next = () => {
      cancel = this.after(intervalMs, () => {
        next();
        run();
      });
    };
    next();
    return () => cancel();
  }

  #arm(waiting: Waiting): void {
    clearTimeout(waiting.handle);
    const { rate } = this.#stretchAt(this.#realNow());
    const realMs = Math.max(0, waiting.dueMs - this.now()) / rate;
    waiting.handle = this.#setTimeout(
      () => {
        // A turn of the pace may have come between.
        if (this.now() < waiting.dueMs - 1) return this.#arm(waiting);
        this.#waiting.delete(waiting);
        waiting.run();
      },
      Math.min(realMs, TIMEOUT_MS_MAX),
    );
  }

  #stretchAt(realMs: number): Stretch {
    const stretch = this.#stretches.findLast((one) => one.realMs <= realMs) ?? this.#stretches[0];
    if (!stretch) throw new Error('a clock needs a stretch');
    return stretch;
  }

  #shownAt(realMs: number): number {
    const stretch = this.#stretchAt(realMs);
    return Math.round(stretch.shownMs + (realMs - stretch.realMs) * stretch.rate);
  }
}

/** What a clock file says; the newest word counts. */
export function readClockFile(file: string): Stretch[] {
  return JSON.parse(readFileSync(file, 'utf8')) as Stretch[];
}
