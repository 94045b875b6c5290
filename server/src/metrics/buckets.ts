/** Summaries of samples by windows of equal width: what rollups store and what charts are drawn from. */
import { invariant } from '@muster/shared/invariant.ts';
import type { Millis } from '@muster/shared/time.ts';
import { toRates } from './rates.ts';
import type { SampleList } from './sample-list.ts';

const COLUMNS = 7;

/**
 * Summaries in ascending order of their windows; a window without samples is not there. Of a gauge they summarise its
 * finite values: weight = count, sum = Σ value. Of a counter they summarise its rates: weight = seconds covered,
 * sum = increase. So average = sum / weight for both, and summaries of neighbours can be joined without loss.
 */
export class Buckets {
  readonly stepMs: number;
  /** Rows of start, count, weight, sum, min, max, last. */
  #rows = new Float64Array(16 * COLUMNS);
  length = 0;

  constructor(stepMs: number) {
    invariant(stepMs > 0, 'a bucket has a width');
    this.stepMs = stepMs;
  }

  start(index: number): Millis {
    return this.#rows[index * COLUMNS] as number;
  }
  count(index: number): number {
    return this.#rows[index * COLUMNS + 1] as number;
  }
  weight(index: number): number {
    return this.#rows[index * COLUMNS + 2] as number;
  }
  sum(index: number): number {
    return this.#rows[index * COLUMNS + 3] as number;
  }
  min(index: number): number {
    return this.#rows[index * COLUMNS + 4] as number;
  }
  max(index: number): number {
    return this.#rows[index * COLUMNS + 5] as number;
  }
  last(index: number): number {
    return this.#rows[index * COLUMNS + 6] as number;
  }
  /** Held between min and max, which the rounding of a sum may leave. */
  average(index: number): number {
    const average = this.sum(index) / this.weight(index);
    return Math.min(this.max(index), Math.max(this.min(index), average));
  }

  /** Adds a summary of some time in the window that holds `atMs`; times must not go back by a window. */
  add(
    atMs: Millis,
    count: number,
    weight: number,
    sum: number,
    min: number,
    max: number,
    last: number,
  ): void {
    const start = Math.floor(atMs / this.stepMs) * this.stepMs;
    const at = (this.length - 1) * COLUMNS;
    if (this.length > 0 && this.#rows[at] === start) {
      this.#rows[at + 1] = (this.#rows[at + 1] as number) + count;
      this.#rows[at + 2] = (this.#rows[at + 2] as number) + weight;
      this.#rows[at + 3] = (this.#rows[at + 3] as number) + sum;
      if (min < (this.#rows[at + 4] as number)) this.#rows[at + 4] = min;
      if (max > (this.#rows[at + 5] as number)) this.#rows[at + 5] = max;
      this.#rows[at + 6] = last;
      return;
    }
    invariant(this.length === 0 || start > (this.#rows[at] as number), 'buckets are filled in order of time');
    if ((this.length + 1) * COLUMNS > this.#rows.length) this.#grow();
    this.#rows.set([start, count, weight, sum, min, max, last], this.length * COLUMNS);
    this.length += 1;
  }

  /** Adds the rows of `other` that start in [fromMs, toMs); its width divides this one's. */
  addAll(other: Buckets, fromMs: Millis, toMs: Millis): void {
    for (let i = 0; i < other.length; i++) {
      const start = other.start(i);
      if (start < fromMs || start >= toMs) continue;
      this.add(
        start,
        other.count(i),
        other.weight(i),
        other.sum(i),
        other.min(i),
        other.max(i),
        other.last(i),
      );
    }
  }

  #grow(): void {
    const rows = new Float64Array(this.#rows.length * 2);
    rows.set(this.#rows);
    this.#rows = rows;
  }
}

/** Adds the samples of a settled list with times in [fromMs, toMs). For a counter the list should begin RATE_LOOKBACK_MS earlier. */
export function addSamples(
  buckets: Buckets,
  samples: SampleList,
  kind: 'gauge' | 'counter',
  fromMs: Millis,
  toMs: Millis,
): void {
  const derived = kind === 'counter' ? toRates(samples) : { rates: samples, seconds: undefined };
  const { times, values } = derived.rates;
  const end = derived.rates.lowerBound(toMs);
  for (let i = derived.rates.lowerBound(fromMs); i < end; i++) {
    const value = values[i] as number;
    if (!Number.isFinite(value)) continue;
    const weight = derived.seconds === undefined ? 1 : (derived.seconds.values[i] as number);
    buckets.add(times[i] as number, 1, weight, value * weight, value, value, value);
  }
}
