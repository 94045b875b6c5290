/** Metric and instance as one number: thousands of connections declare a few hundred of them. */
import { invariant } from '@muster/shared/invariant.ts';
import type { MetricName } from '@muster/shared/metrics/catalogue.ts';

export interface NamedSeries {
  readonly metric: MetricName;
  readonly instance: string;
}

interface Entry extends NamedSeries {
  holders: number;
}

/** Each name is kept for as long as a connection holds it. */
export class SeriesNames {
  readonly #numbers = new Map<string, number>();
  readonly #entries: (Entry | null)[] = [];
  readonly #free: number[] = [];

  /** Names that somebody holds. */
  get size(): number {
    return this.#numbers.size;
  }

  /** The number of this name until its last holder releases it. */
  hold({ metric, instance }: NamedSeries): number {
    const key = keyOf(metric, instance);
    const known = this.#numbers.get(key);
    if (known !== undefined) {
      this.#held(known).holders++;
      return known;
    }
    const number = this.#free.pop() ?? this.#entries.length;
    this.#entries[number] = { metric, instance, holders: 1 };
    this.#numbers.set(key, number);
    return number;
  }

  at(number: number): NamedSeries {
    return this.#held(number);
  }

  release(number: number): void {
    const entry = this.#held(number);
    entry.holders--;
    if (entry.holders > 0) return;
    this.#numbers.delete(keyOf(entry.metric, entry.instance));
    this.#entries[number] = null;
    this.#free.push(number);
  }

  #held(number: number): Entry {
    const entry = this.#entries[number];
    invariant(entry, `name ${number} is held`);
    return entry;
  }
}

function keyOf(metric: string, instance: string): string {
  return `${metric}\0${instance}`;
}
