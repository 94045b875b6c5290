/** What every collector is: a named pure step from (host, what it saw last time) to samples. */
import type { Sample } from '@muster/shared/metrics/catalogue.ts';
import type { Host } from '../host.ts';

/**
 * `State` is what the collector must remember to compute differences (null at the first call, when a
 * collector returns only what needs no difference). A collector reads through `host` alone, starts no
 * process and never waits. It throws only if its source is there but cannot be understood; a source that is
 * not there gives no samples.
 */
export interface Collector<State> {
  readonly name: string;
  readonly platforms: readonly Host['platform'][];
  collect(host: Host, previous: State | null): { readonly samples: readonly Sample[]; readonly state: State };
}

/** A collector whose state nobody but itself looks into. */
export interface RegisteredCollector {
  readonly name: string;
  readonly platforms: readonly Host['platform'][];
  /** Gives series of the flight recorder. */
  readonly flight: boolean;
  collect(host: Host, previous: unknown): { readonly samples: readonly Sample[]; readonly state: unknown };
}

export function register<State>(collector: Collector<State>, flight?: 'flight'): RegisteredCollector {
  return {
    name: collector.name,
    platforms: collector.platforms,
    flight: flight !== undefined,
    // The registry hands each collector only what that collector returned.
    collect: (host, previous) => collector.collect(host, previous as State | null),
  };
}
