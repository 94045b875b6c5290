/** Asks for one thing again and again, and keeps the last answer for those who cannot wait. */
import type { Millis } from '@muster/shared/time.ts';
import type { Timer, Timers } from '../timers.ts';
import type { Dated } from './system.ts';

/** How many intervals an answer stays good. Then there is none, rather than an old one. */
export const FRESH_INTERVALS = 3;

export interface RhythmOptions<Value> {
  readonly intervalMs: Millis;
  /** Rejects when there is no answer. */
  readonly ask: () => Promise<Value>;
  readonly timers: Timers;
  /** Never goes back. */
  readonly elapsedMs: () => Millis;
  /** Why the last question had no answer; only when it changes. */
  readonly log: (why: string) => void;
}

export class Rhythm<Value> {
  readonly #options: RhythmOptions<Value>;
  #last: Dated<Value> | null = null;
  #timer: Timer | null = null;
  #asking: Promise<void> | null = null;
  #problem: string | null = null;
  #stopped = false;

  constructor(options: RhythmOptions<Value>) {
    this.#options = options;
  }

  /** The first question at once, the next ones each an interval later. Nothing when it runs already. */
  start(): void {
    if (this.#timer || this.#stopped) return;
    const again = () => {
      this.#timer = this.#options.timers.after(this.#options.intervalMs, again);
      void this.askNow();
    };
    again();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** null before the first answer and when the last one is out of date. */
  get fresh(): Dated<Value> | null {
    const last = this.#last;
    if (last === null) return null;
    const ageMs = this.#options.elapsedMs() - last.atMs;
    return ageMs <= this.#options.intervalMs * FRESH_INTERVALS ? last : null;
  }

  /** However old; null before the first answer. */
  get last(): Dated<Value> | null {
    return this.#last;
  }

  /** Resolves when the question that is under way has its answer, or none. One at a time. */
  askNow(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #ask(): Promise<void> {
    try {
      const value = await this.#options.ask();
      this.#last = { atMs: this.#options.elapsedMs(), value };
      this.#problem = null;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (why !== this.#problem && !this.#stopped) this.#options.log(why);
      this.#problem = why;
    }
  }
}
