/** What could not be read, each once, the newest kept. */
import type { Millis } from '@muster/shared/time.ts';
import type { Clock } from '../../clock.ts';
import { CORRUPTIONS_MAX } from './limits.ts';

export class Corruptions {
  readonly #clock: Clock;
  readonly #reports = new Map<string, Millis>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  report(what: string): void {
    if (this.#reports.has(what)) return;
    this.#reports.set(what, this.#clock.now());
    const [oldest] = this.#reports.keys();
    if (this.#reports.size > CORRUPTIONS_MAX && oldest !== undefined) this.#reports.delete(oldest);
  }

  list(): { readonly atMs: Millis; readonly what: string }[] {
    return Array.from(this.#reports, ([what, atMs]) => ({ atMs, what }));
  }
}
