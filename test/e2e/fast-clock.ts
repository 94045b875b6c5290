/** A clock for real processes that can run faster for a while: minutes of waiting take seconds, and every second of them happens. */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './harness.ts';
import { PacedClock, type Stretch } from './paced-clock.ts';

/** A change of pace begins this much later, so that every process knows of it before: no clock goes back. */
const LEAD_MS = 100;

/** The clock of a test and of the servers that it starts with `env`. */
export class FastClock extends PacedClock {
  readonly #file = join(temporaryFolder('clock'), 'clock.json');
  #stretches: Stretch[];

  constructor() {
    const nowMs = Date.now();
    const first: Stretch = { realMs: nowMs, shownMs: nowMs, rate: 1 };
    super([first]);
    this.#stretches = [first];
    this.#write();
  }

  /** Makes a program of Node follow this clock. */
  get env(): Record<string, string> {
    const preload = join(import.meta.dirname, 'fast-clock-preload.ts');
    return { NODE_OPTIONS: `--import=${preload}`, E2E_CLOCK_FILE: this.#file };
  }

  /** Lets all of them run at `rate`; `tell` are the processes that follow. */
  pace(rate: number, tell: readonly { kill(signal: 'SIGUSR2'): boolean }[]): void {
    const realMs = Date.now() + LEAD_MS;
    const last = this.#stretches.at(-1);
    if (!last) throw new Error('a clock needs a stretch');
    const shownMs = last.shownMs + (realMs - last.realMs) * last.rate;
    this.#stretches = [...this.#stretches, { realMs, shownMs, rate }];
    this.#write();
    this.follow(this.#stretches);
    for (const process_ of tell) process_.kill('SIGUSR2');
  }

  #write(): void {
    // In one go: somebody may be reading.
    writeFileSync(`${this.#file}.new`, JSON.stringify(this.#stretches));
    renameSync(`${this.#file}.new`, this.#file);
  }
}
