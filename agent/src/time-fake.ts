/** A clock and timers that stand still until they are told to go on: for tests and simulations. */
import type { Millis } from '@muster/shared/time.ts';
import type { Timers } from './timers.ts';

interface Due {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

export class FakeTime {
  #elapsedMs = 0;
  #wallMs: Millis;
  #order = 0;
  #due: Due[] = [];

  constructor(wallMs: Millis = 1_700_000_000_000) {
    this.#wallMs = wallMs;
  }

  readonly nowMs = (): Millis => this.#wallMs;

  readonly elapsedMs = (): Millis => this.#elapsedMs;

  readonly timers: Timers = {
    after: (delayMs, run) => {
      const due = { atMs: this.#elapsedMs + Math.max(0, delayMs), order: this.#order++, run };
      this.#due.push(due);
      return {
        cancel: () => {
          this.#due = this.#due.filter((other) => other !== due);
        },
      };
    },
  };

  /** Timers that wait. */
  get pending(): number {
    return this.#due.length;
  }

  /** Lets time pass; timers fire in order, each at its own moment. */
  advance(durationMs: Millis): void {
    const untilMs = this.#elapsedMs + durationMs;
    for (;;) {
      const next = this.#due
        .filter((due) => due.atMs <= untilMs)
        .sort((a, b) => a.atMs - b.atMs || a.order - b.order)[0];
      if (!next) break;
      this.#pass(next.atMs - this.#elapsedMs);
      this.#due = this.#due.filter((due) => due !== next);
      next.run();
    }
    this.#pass(untilMs - this.#elapsedMs);
  }

  /** Sets the wall clock, as a person or a time server does. */
  jump(deltaMs: Millis): void {
    this.#wallMs += deltaMs;
  }

  #pass(durationMs: number): void {
    this.#elapsedMs += durationMs;
    this.#wallMs += durationMs;
  }
}
