/** Counts what is kept out, by name and reason: so many names, and what is beyond them only in the sum. Names that go on stay, others make room. */
import type { KeptOut, RemoteWriteIn } from '@muster/shared/api/remote-write.ts';
import type { Millis } from '@muster/shared/time.ts';
import { COUNTED_MACHINES_MAX, COUNTED_METRICS_MAX } from './limits.ts';

/** May be held and counted up without asking for it again. */
export interface Tally {
  readonly key: string;
  samples: number;
  lastMs: Millis;
  /** Of the tallies that it stands in. */
  generation: number;
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

/** Whether what was kept out last at this time is told still. */
type IsTold = (lastMs: Millis) => boolean;

export class KeptOutCounts {
  samples = 0;
  readonly #metrics = new Tallies<MetricTally>(COUNTED_METRICS_MAX);
  readonly #machines = new Tallies<MachineTally>(COUNTED_MACHINES_MAX);

  metric(metric: string, why: KeptOut): MetricTally {
    const key = `${why} ${metric}`;
    return this.#metrics.get(key) ?? this.#metrics.add({ ...fresh(key), metric, why });
  }

  machine(label: string, value: string, why: MachineTally['why']): MachineTally {
    const key = `${why} ${label} ${value}`;
    return this.#machines.get(key) ?? this.#machines.add({ ...fresh(key), label, value, why });
  }

  add(tallies: readonly (MetricTally | MachineTally)[], samples: number, nowMs: Millis): void {
    this.samples += samples;
    for (const tally of tallies) {
      tally.samples += samples;
      tally.lastMs = nowMs;
      if ('metric' in tally) this.#metrics.touch(tally);
      else this.#machines.touch(tally);
    }
  }

  /** Most samples first, of each reason so many; those for whose last time `isTold` holds. */
  metrics(limitEach: number, isTold: IsTold): MetricTally[] {
    const shown = new Map<KeptOut, number>();
    return most(this.#metrics.all(), Infinity, isTold).filter(({ why }) => {
      const before = shown.get(why) ?? 0;
      shown.set(why, before + 1);
      return before < limitEach;
    });
  }

  /** Most samples first. */
  reasons(isTold: IsTold): RemoteWriteIn['reasons'] {
    const byWhy = new Map<KeptOut, RemoteWriteIn['reasons'][number]>();
    for (const { why, samples } of most(this.#metrics.all(), Infinity, isTold)) {
      const before = byWhy.get(why);
      byWhy.set(why, { why, metrics: (before?.metrics ?? 0) + 1, samples: (before?.samples ?? 0) + samples });
    }
    return [...byWhy.values()].sort((a, b) => b.samples - a.samples);
  }

  machines(limit: number, isTold: IsTold): MachineTally[] {
    return most(this.#machines.all(), limit, isTold);
  }

  /** A person changed what is kept out: what was counted before says nothing any more. */
  forget(): void {
    this.#metrics.clear();
    this.#machines.clear();
  }
}

/** Two generations of half the names each: what was not touched while the younger one filled goes. */
class Tallies<T extends Tally> {
  readonly #half: number;
  #young = new Map<string, T>();
  #old = new Map<string, T>();
  #generation = 0;

  constructor(max: number) {
    this.#half = max >>> 1;
  }

  get(key: string): T | undefined {
    return this.#young.get(key) ?? this.#old.get(key);
  }

  add(tally: T): T {
    this.#put(tally);
    return tally;
  }

  /** One that was given up meanwhile stands again, with what another of its name counted since. */
  touch(tally: T): void {
    if (tally.generation === this.#generation) return;
    const other = this.get(tally.key);
    if (other !== undefined && other !== tally) {
      tally.samples += other.samples;
      tally.lastMs = Math.max(tally.lastMs, other.lastMs);
      other.samples = 0;
      other.generation = -1;
    }
    this.#put(tally);
  }

  all(): T[] {
    return [...new Map([...this.#old, ...this.#young]).values()];
  }

  clear(): void {
    for (const tally of this.all()) tally.samples = 0;
    this.#young.clear();
    this.#old.clear();
    this.#generation += 1;
  }

  #put(tally: T): void {
    if (this.#young.size >= this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#generation += 1;
    }
    this.#young.set(tally.key, tally);
    tally.generation = this.#generation;
  }
}

function fresh(key: string): Tally {
  return { key, samples: 0, lastMs: 0, generation: -1 };
}

function most<T extends Tally>(tallies: readonly T[], limit: number, isTold: IsTold): T[] {
  return tallies
    .filter(({ samples, lastMs }) => samples > 0 && isTold(lastMs))
    .sort((a, b) => b.samples - a.samples)
    .slice(0, limit);
}
