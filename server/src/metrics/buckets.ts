/** Summaries of samples by windows of equal width: what rollups store and what charts are drawn from. */
import { invariant } from '@muster/shared/invariant.ts';
import type { Millis } from '@muster/shared/time.ts';
import { fillRates } from './rates.ts';
import type { SampleList } from './sample-list.ts';

const CAPACITY_FIRST = 16;

/**
 * Summaries in ascending order of their windows; a window without samples is not there. Of a gauge they summarise its
 * finite values: weight = count, sum = Σ value. Of a counter they summarise its rates: weight = seconds covered,
 * sum = increase. So average = sum / weight for both, and summaries of neighbours can be joined without loss.
 */
export class Buckets {
  readonly stepMs: number;
  length = 0;
  /** Columns of `length` numbers, with room behind. */
  starts: Float64Array;
  counts: Float64Array;
  weights: Float64Array;
  sums: Float64Array;
  mins: Float64Array;
  maxs: Float64Array;
  lasts: Float64Array;

  constructor(stepMs: number, capacity = CAPACITY_FIRST) {
    invariant(stepMs > 0, 'a bucket has a width');
    this.stepMs = stepMs;
    this.starts = new Float64Array(capacity);
    this.counts = new Float64Array(capacity);
    this.weights = new Float64Array(capacity);
    this.sums = new Float64Array(capacity);
    this.mins = new Float64Array(capacity);
    this.maxs = new Float64Array(capacity);
    this.lasts = new Float64Array(capacity);
  }

  /** Empties it; the room stays. */
  reset(): void {
    this.length = 0;
  }

  start(index: number): Millis {
    return this.starts[index] as number;
  }
  count(index: number): number {
    return this.counts[index] as number;
  }
  weight(index: number): number {
    return this.weights[index] as number;
  }
  sum(index: number): number {
    return this.sums[index] as number;
  }
  min(index: number): number {
    return this.mins[index] as number;
  }
  max(index: number): number {
    return this.maxs[index] as number;
  }
  last(index: number): number {
    return this.lasts[index] as number;
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
    const at = this.length - 1;
    if (at >= 0 && this.starts[at] === start) {
      this.counts[at] = (this.counts[at] as number) + count;
      this.weights[at] = (this.weights[at] as number) + weight;
      this.sums[at] = (this.sums[at] as number) + sum;
      if (min < (this.mins[at] as number)) this.mins[at] = min;
      if (max > (this.maxs[at] as number)) this.maxs[at] = max;
      this.lasts[at] = last;
      return;
    }
    invariant(at < 0 || start > (this.starts[at] as number), 'buckets are filled in order of time');
    if (this.length === this.starts.length) this.#grow();
    const next = this.length;
    this.starts[next] = start;
    this.counts[next] = count;
    this.weights[next] = weight;
    this.sums[next] = sum;
    this.mins[next] = min;
    this.maxs[next] = max;
    this.lasts[next] = last;
    this.length += 1;
  }

  /** Adds the rows of `other` that start in [fromMs, toMs); its width divides this one's. */
  addAll(other: Buckets, fromMs: Millis, toMs: Millis): void {
    const { starts, counts, weights, sums, mins, maxs, lasts } = other;
    let at = this.length - 1;
    let endMs = at >= 0 ? (this.starts[at] as number) + this.stepMs : Number.NEGATIVE_INFINITY;
    for (let i = 0; i < other.length; i++) {
      const start = starts[i] as number;
      if (start < fromMs || start >= toMs) continue;
      const count = counts[i] as number;
      const weight = weights[i] as number;
      const sum = sums[i] as number;
      const min = mins[i] as number;
      const max = maxs[i] as number;
      const last = lasts[i] as number;
      if (start >= endMs || start < endMs - this.stepMs) {
        this.add(start, count, weight, sum, min, max, last);
        at = this.length - 1;
        endMs = (this.starts[at] as number) + this.stepMs;
        continue;
      }
      this.counts[at] = (this.counts[at] as number) + count;
      this.weights[at] = (this.weights[at] as number) + weight;
      this.sums[at] = (this.sums[at] as number) + sum;
      if (min < (this.mins[at] as number)) this.mins[at] = min;
      if (max > (this.maxs[at] as number)) this.maxs[at] = max;
      this.lasts[at] = last;
    }
  }

  #grow(): void {
    const grown = (column: Float64Array) => {
      const larger = new Float64Array(Math.max(CAPACITY_FIRST, column.length * 2));
      larger.set(column);
      return larger;
    };
    this.starts = grown(this.starts);
    this.counts = grown(this.counts);
    this.weights = grown(this.weights);
    this.sums = grown(this.sums);
    this.mins = grown(this.mins);
    this.maxs = grown(this.maxs);
    this.lasts = grown(this.lasts);
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
  const { times, values } = samples;
  addReadings(buckets, kind, times, values, samples.lowerBound(fromMs), samples.lowerBound(toMs));
}

/** The same for readings from `begin` to before `end`; times ascend. For a counter those before `begin` are looked back at. */
export function addReadings(
  buckets: Buckets,
  kind: 'gauge' | 'counter',
  times: Float64Array,
  values: Float64Array,
  begin: number,
  end: number,
): void {
  if (kind === 'gauge') addGauge(buckets, times, values, begin, end);
  else addCounter(buckets, times, values, begin, end);
}

/** Adds the values from `begin` to before `end`; those that are not finite are left out. */
function addGauge(
  buckets: Buckets,
  times: Float64Array,
  values: Float64Array,
  begin: number,
  end: number,
): void {
  const { stepMs } = buckets;
  let at = begin;
  while (at < end) {
    const atMs = times[at] as number;
    const endMs = Math.floor(atMs / stepMs) * stepMs + stepMs;
    let count = 0;
    let sum = 0;
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    let last = 0;
    for (; at < end && (times[at] as number) < endMs; at++) {
      const value = values[at] as number;
      // Neither NaN nor an infinity.
      if (value - value !== 0) continue;
      count += 1;
      sum += value;
      if (value < min) min = value;
      if (value > max) max = value;
      last = value;
    }
    if (count > 0) buckets.add(atMs, count, count, sum, min, max, last);
  }
}

/** Scratch. */
let rates = new Float64Array(1024);

function addCounter(
  buckets: Buckets,
  times: Float64Array,
  values: Float64Array,
  begin: number,
  end: number,
): void {
  if (end > rates.length) rates = new Float64Array(end * 2);
  fillRates(times, values, begin, end, rates);
  addRates(buckets, times, rates, begin, end);
}

/** Adds the rates at the readings from `begin` to before `end`, as `fillRates` gave them; those that are not finite are left out. */
export function addRates(
  buckets: Buckets,
  times: Float64Array,
  ratesAt: Float64Array,
  begin: number,
  end: number,
): void {
  const { stepMs } = buckets;
  let at = Math.max(begin, 1);
  while (at < end) {
    const firstMs = times[at] as number;
    const endMs = Math.floor(firstMs / stepMs) * stepMs + stepMs;
    let count = 0;
    let seconds = 0;
    let sum = 0;
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    let last = 0;
    for (; at < end && (times[at] as number) < endMs; at++) {
      const rate = ratesAt[at] as number;
      if (rate - rate !== 0) continue;
      const weight = ((times[at] as number) - (times[at - 1] as number)) / 1_000;
      count += 1;
      seconds += weight;
      sum += rate * weight;
      if (rate < min) min = rate;
      if (rate > max) max = rate;
      last = rate;
    }
    if (count > 0) buckets.add(firstMs, count, seconds, sum, min, max, last);
  }
}
