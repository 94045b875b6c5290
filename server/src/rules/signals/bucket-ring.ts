/** The samples of a sliding window in at most so many buckets: bounded memory for a window of any length. */
import { invariant } from '@muster/shared/invariant.ts';
import type { Millis } from '@muster/shared/time.ts';

/** Buckets of one window. Up to this many samples in a window each stands by itself, and the window is exact. */
export const WINDOW_BUCKETS_MAX = 120;
const CAPACITY_FIRST = 8;

export type Fold = 'sum' | 'min' | 'max';

/**
 * Each bucket has a value folded from its samples and their weight. Buckets begin at multiples of their width, so that they are
 * the same wherever one begins to listen. A bucket leaves with its newest sample: the window is open on the left.
 */
export class BucketRing {
  readonly overMs: Millis;
  readonly #fold: Fold;
  readonly #widthMs: Millis;
  readonly #capacityMax: number;
  #lastMs = new Float64Array(CAPACITY_FIRST);
  #values = new Float64Array(CAPACITY_FIRST);
  #weights = new Float64Array(CAPACITY_FIRST);
  #first = 0;
  #size = 0;
  /** First sample since the window was last empty. */
  #startedMs: Millis = Infinity;
  /** When something was put in last. */
  #newestMs: Millis = -Infinity;
  /** Newest sample of the oldest bucket: mostly nothing leaves, and the buckets need not be looked at for that. */
  #leavesMs: Millis = Infinity;
  /** Of the newest sample. */
  #bucket = Number.NaN;

  constructor(overMs: Millis, fold: Fold, buckets: number = WINDOW_BUCKETS_MAX) {
    this.overMs = overMs;
    this.#fold = fold;
    this.#widthMs = Math.max(1, Math.ceil(overMs / buckets));
    // One more for the bucket that is leaving, one for the one that has just begun.
    this.#capacityMax = buckets + 2;
  }

  get size(): number {
    return this.#size;
  }

  /** It knows at least this share of its time, 0 to 1. */
  isFilled(share: number): boolean {
    return this.#newestMs - this.#startedMs >= share * this.overMs;
  }

  clear(): void {
    this.#size = 0;
    this.#startedMs = Infinity;
    this.#leavesMs = Infinity;
  }

  /** In order of time. */
  push(atMs: Millis, value: number, weight: number): void {
    this.dropBefore(atMs);
    if (this.#size === 0) this.#startedMs = atMs;
    this.#newestMs = atMs;
    const bucket = Math.floor(atMs / this.#widthMs);
    const isSameBucket = this.#size > 0 && this.#bucket === bucket;
    this.#bucket = bucket;
    if (isSameBucket) {
      const last = this.#at(this.#size - 1);
      this.#lastMs[last] = atMs;
      if (this.#size === 1) this.#leavesMs = atMs;
      this.#values[last] = folded(this.#fold, this.#values[last] as number, value);
      this.#weights[last] = (this.#weights[last] as number) + weight;
      return;
    }
    if (this.#size === this.#values.length) this.#grow();
    const next = this.#at(this.#size);
    this.#lastMs[next] = atMs;
    this.#values[next] = value;
    this.#weights[next] = weight;
    this.#size += 1;
    if (this.#size === 1) this.#leavesMs = atMs;
  }

  /** What has left the window that ends at `atMs`. */
  dropBefore(atMs: Millis): void {
    const fromMs = atMs - this.overMs;
    if (this.#leavesMs > fromMs) return;
    while (this.#size > 0 && (this.#lastMs[this.#first] as number) <= fromMs) {
      this.#first = (this.#first + 1) % this.#values.length;
      this.#size -= 1;
    }
    this.#leavesMs = this.#size > 0 ? (this.#lastMs[this.#first] as number) : Infinity;
  }

  /** Time of the newest sample, value and weight of a bucket; 0 is the oldest. */
  ms(index: number): Millis {
    return this.#lastMs[this.#at(index)] as number;
  }
  value(index: number): number {
    return this.#values[this.#at(index)] as number;
  }
  weight(index: number): number {
    return this.#weights[this.#at(index)] as number;
  }

  #at(index: number): number {
    return (this.#first + index) % this.#values.length;
  }

  #grow(): void {
    const { length } = this.#values;
    invariant(length < this.#capacityMax, 'a window has no more buckets than fit into it');
    const capacity = Math.min(2 * length, this.#capacityMax);
    const order = Array.from({ length: this.#size }, (_, i) => this.#at(i));
    const moved = (from: Float64Array) => {
      const to = new Float64Array(capacity);
      for (const [i, at] of order.entries()) to[i] = from[at] as number;
      return to;
    };
    this.#lastMs = moved(this.#lastMs);
    this.#values = moved(this.#values);
    this.#weights = moved(this.#weights);
    this.#first = 0;
  }
}

function folded(fold: Fold, held: number, value: number): number {
  if (fold === 'sum') return held + value;
  return fold === 'min' ? Math.min(held, value) : Math.max(held, value);
}
