/**
 * Whose name is asked for when. getaddrinfo() cannot be ended and holds a thread for as long as a dead name server takes, which may be
 * longer than an interval: the others wait for their turn, and names that were slow the last time leave room for those that were not.
 */
import type { LookupAddress } from 'node:dns';
import type { Millis } from '@muster/shared/time.ts';

/** Half of the eight threads that the service gives may look up names at a time (libuv); one of these is left for the agent's own server. */
export const LOOKUPS_MAX = 3;
export const SLOW_LOOKUPS_MAX = 2;
export const SLOW_LOOKUP_MS = 2_000;
/** Names that wait or were slow. A page may redirect to a new one each time. */
export const NAMES_MAX = 128;

export type Answered = (error: Error | null, addresses: readonly LookupAddress[]) => void;
/** Hears true before it has to wait for its turn, and then false. */
export type Waits = (waits: boolean) => void;

export interface LookupsOptions {
  readonly ask: (host: string, answered: Answered) => void;
  readonly elapsedMs: () => Millis;
}

interface Asked {
  begun: boolean;
  readonly all: Set<{ readonly answered: Answered; readonly waits: Waits }>;
}

export class Lookups {
  readonly #options: LookupsOptions;
  /** In the order in which they were asked for. */
  readonly #asked = new Map<string, Asked>();
  readonly #slow = new Set<string>();

  constructor(options: LookupsOptions) {
    this.#options = options;
  }

  /**
   * Whoever asks for a name that is being asked for has the same answer. Nothing is heard any more once `signal` aborts, and a name
   * for which nobody waits any more has no turn; one that is being asked for keeps its place until it is answered for.
   */
  resolve(host: string, answered: Answered, waits: Waits, signal: AbortSignal): void {
    const known = this.#asked.get(host);
    if (!known && this.#asked.size >= NAMES_MAX)
      return answered(new Error(`${NAMES_MAX} other names are being looked up and get no answer`), []);
    const asked: Asked = known ?? { begun: false, all: new Set() };
    const one = { answered, waits };
    asked.all.add(one);
    this.#asked.set(host, asked);
    const giveUp = () => {
      asked.all.delete(one);
      if (!asked.begun && asked.all.size === 0) this.#asked.delete(host);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    if (asked.begun) return;
    if (this.#hasTurn(host)) this.#begin(host, asked);
    else waits(true);
  }

  #hasTurn(host: string): boolean {
    const begun = [...this.#asked].filter(([, asked]) => asked.begun);
    if (begun.length >= LOOKUPS_MAX) return false;
    return !this.#slow.has(host) || begun.filter(([name]) => this.#slow.has(name)).length < SLOW_LOOKUPS_MAX;
  }

  #begin(host: string, asked: Asked): void {
    asked.begun = true;
    const beganMs = this.#options.elapsedMs();
    this.#options.ask(host, (error, addresses) => {
      this.#asked.delete(host);
      this.#note(host, this.#options.elapsedMs() - beganMs);
      for (const { answered } of asked.all) answered(error, addresses);
      this.#next();
    });
  }

  #note(host: string, tookMs: Millis): void {
    this.#slow.delete(host);
    if (tookMs < SLOW_LOOKUP_MS) return;
    if (this.#slow.size >= NAMES_MAX) this.#slow.clear();
    this.#slow.add(host);
  }

  #next(): void {
    for (const [host, asked] of this.#asked) {
      if (asked.begun || !this.#hasTurn(host)) continue;
      for (const { waits } of asked.all) waits(false);
      this.#begin(host, asked);
    }
  }
}
