/** Counts what is kept out, by name and reason: so many names, and what is beyond them only in the sum. */
import type { KeptOut } from '@muster/shared/api/remote-write.ts';
import type { Millis } from '@muster/shared/time.ts';
import { COUNTED_MACHINES_MAX, COUNTED_METRICS_MAX } from './limits.ts';

export interface Tally {
  samples: number;
  lastMs: Millis;
}

export interface MetricTally extends Tally {
  readonly metric: string;
  readonly why: KeptOut;
}

export interface MachineTally extends Tally {
  readonly label: string;
  readonly value: string;
  readonly why: 'machine-unknown' | 'machine-ambiguous';
}

export class KeptOutCounts {
  samples = 0;
  readonly #metrics = new Map<string, MetricTally>();
  readonly #machines = new Map<string, MachineTally>();

  /** The tally may be kept and counted up with `add`. null: there is no room for one more name. */
  metric(metric: string, why: KeptOut): MetricTally | null {
    return tallyOf(this.#metrics, `${why} ${metric}`, COUNTED_METRICS_MAX, () => ({
      metric,
      why,
      samples: 0,
      lastMs: 0,
    }));
  }

  machine(label: string, value: string, why: MachineTally['why']): MachineTally | null {
    return tallyOf(this.#machines, `${why} ${label} ${value}`, COUNTED_MACHINES_MAX, () => ({
      label,
      value,
      why,
      samples: 0,
      lastMs: 0,
    }));
  }

  add(tallies: readonly (Tally | null)[], samples: number, nowMs: Millis): void {
    this.samples += samples;
    for (const tally of tallies) {
      if (tally === null) continue;
      tally.samples += samples;
      tally.lastMs = nowMs;
    }
  }

  /** Most samples first; those that were kept out since `sinceMs`. */
  metrics(limit: number, sinceMs: Millis): MetricTally[] {
    return most(this.#metrics.values(), limit, sinceMs);
  }

  machines(limit: number, sinceMs: Millis): MachineTally[] {
    return most(this.#machines.values(), limit, sinceMs);
  }

  /** A person changed what is kept out: what was counted before says nothing any more. */
  forget(): void {
    this.#metrics.clear();
    this.#machines.clear();
  }
}

function tallyOf<T>(tallies: Map<string, T>, key: string, max: number, make: () => T): T | null {
  const known = tallies.get(key);
  if (known !== undefined) return known;
  if (tallies.size >= max) return null;
  const made = make();
  tallies.set(key, made);
  return made;
}

function most<T extends Tally>(tallies: Iterable<T>, limit: number, sinceMs: Millis): T[] {
  return [...tallies]
    .filter(({ samples, lastMs }) => samples > 0 && lastMs >= sinceMs)
    .sort((a, b) => b.samples - a.samples)
    .slice(0, limit);
}
