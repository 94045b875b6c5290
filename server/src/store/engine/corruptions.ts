/** What could not be read, each once, the newest kept. */
import type { Millis } from '@muster/shared/time.ts';
import type { Clock } from '../../clock.ts';
import { CORRUPTIONS_MAX } from './limits.ts';

export class Corruptions {
  readonly #clock: Clock;
  readonly #reports = new Map<string, Millis>();
  readonly #tell: (what: string) => void;

  /** `tell`: called for each once. */
  constructor(clock: Clock, tell: (what: string) => void = () => undefined) {
    this.#clock = clock;
    this.#tell = tell;
  }

  report(what: string): void {
    if (this.#reports.has(what)) return;
    this.#reports.set(what, this.#clock.now());
    this.#tell(what);
    const [oldest] = this.#reports.keys();
    if (this.#reports.size > CORRUPTIONS_MAX && oldest !== undefined) this.#reports.delete(oldest);
  }

  list(): { readonly atMs: Millis; readonly what: string }[] {
    return Array.from(this.#reports, ([what, atMs]) => ({ atMs, what }));
  }
}
