/** What could not be read, each once, the newest kept. */
import type { Millis } from '@muster/shared/time.ts';
import type { Clock } from '../../clock.ts';
import { CORRUPTIONS_MAX } from './limits.ts';

export class Corruptions {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #reports = new Map<string, Millis>();
  readonly #tell: (what: string) => void;

  /** `tell`: called for each once. */
  constructor(clock: Pick<Clock, 'now'>, tell: (what: string) => void = () => undefined) {
    this.#clock = clock;
    this.#tell = tell;
  }

  report(what: string): void {
    for (const known of this.#reports.keys()) {
      if (known === what || known.startsWith(`${what};`)) return;
      // The same, and what was done about it.
      if (what.startsWith(`${known};`)) this.#reports.delete(known);
    }
    this.#reports.set(what, this.#clock.now());
    this.#tell(what);
    const [oldest] = this.#reports.keys();
    if (this.#reports.size > CORRUPTIONS_MAX && oldest !== undefined) this.#reports.delete(oldest);
  }

  list(): { readonly atMs: Millis; readonly what: string }[] {
    return Array.from(this.#reports, ([what, atMs]) => ({ atMs, what }));
  }
}
