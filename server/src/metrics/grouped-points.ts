/** Joins the series of many machines to one line: average, highest, lowest or sum of those that have a point at a time. Pure. */
import type { RangeAggregate } from '@muster/shared/api/metrics.ts';
import { invariant } from '@muster/shared/invariant.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { RangePoints } from './store.ts';

/** Whole buckets of one width; a bucket without points stays away from the line. */
export interface Grid {
  readonly fromMs: Millis;
  readonly toMs: Millis;
  readonly stepMs: number;
}

export class GroupedPoints {
  readonly #grid: Grid;
  /** By bucket: series with points there, sums of their averages, lowest and highest. */
  readonly #counts: Uint32Array;
  readonly #averages: Float64Array;
  readonly #mins: Float64Array;
  readonly #maxs: Float64Array;
  /** For sums the ends of the band are sums too. */
  readonly #isSum: boolean;

  constructor(grid: Grid, aggregate: RangeAggregate) {
    const length = Math.ceil((grid.toMs - grid.fromMs) / grid.stepMs);
    this.#grid = grid;
    this.#isSum = aggregate === 'sum';
    this.#counts = new Uint32Array(length);
    this.#averages = new Float64Array(length);
    this.#mins = new Float64Array(length).fill(this.#isSum ? 0 : Infinity);
    this.#maxs = new Float64Array(length).fill(this.#isSum ? 0 : -Infinity);
  }

  /** Points in order of time: buckets of the grid's width, or samples as they came. */
  add({ times, averages, mins = averages, maxs = averages }: RangePoints): void {
    const { fromMs, stepMs } = this.#grid;
    for (let i = 0; i < times.length; ) {
      const bucket = Math.floor(((times[i] as number) - fromMs) / stepMs);
      let sum = 0;
      let count = 0;
      let min = Infinity;
      let max = -Infinity;
      for (; i < times.length && Math.floor(((times[i] as number) - fromMs) / stepMs) === bucket; i++) {
        sum += averages[i] as number;
        count += 1;
        min = Math.min(min, mins[i] as number);
        max = Math.max(max, maxs[i] as number);
      }
      if (bucket >= 0 && bucket < this.#counts.length) this.#put(bucket, sum / count, min, max);
    }
  }

  line(aggregate: RangeAggregate): RangePoints {
    invariant((aggregate === 'sum') === this.#isSum, 'a line is drawn of what was added for it');
    const there = Array.from(this.#counts.keys()).filter((bucket) => this.#counts[bucket] !== 0);
    const column = (of: (bucket: number) => number) => Float64Array.from(there, of);
    const min = (bucket: number) => this.#mins[bucket] as number;
    const max = (bucket: number) => this.#maxs[bucket] as number;
    const sum = (bucket: number) => this.#averages[bucket] as number;
    const average = (bucket: number) =>
      Math.min(max(bucket), Math.max(min(bucket), sum(bucket) / (this.#counts[bucket] as number)));
    const value = { avg: average, sum, min, max }[aggregate];
    return {
      times: column((bucket) => this.#grid.fromMs + bucket * this.#grid.stepMs),
      averages: column(value),
      mins: column(min),
      maxs: column(max),
    };
  }

  #put(bucket: number, average: number, min: number, max: number): void {
    const before = (values: Float64Array) => values[bucket] as number;
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    this.#averages[bucket] = before(this.#averages) + average;
    this.#mins[bucket] = this.#isSum ? before(this.#mins) + min : Math.min(before(this.#mins), min);
    this.#maxs[bucket] = this.#isSum ? before(this.#maxs) + max : Math.max(before(this.#maxs), max);
  }
}
