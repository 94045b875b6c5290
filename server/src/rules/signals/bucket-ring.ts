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
/** Numbers of a bucket: time of its newest sample, folded value, weight. */
const NUMBERS = 3;
const VALUE = 1;
const WEIGHT = 2;

export class BucketRing {
  readonly overMs: Millis;
  readonly #fold: Fold;
  readonly #widthMs: Millis;
  readonly #capacityMax: number;
  #numbers = NONE;
  #capacity = 0;
  #first = 0;
  #size = 0;
  /** First sample since the window was last empty. */
  #startedMs: Millis = Infinity;
  /** When something was put in last. */
  #newestMs: Millis = -Infinity;
  /** Newest sample of the oldest bucket: mostly nothing leaves, and the buckets need not be looked at for that. */
  #leavesMs: Millis = Infinity;
  /** End of the bucket of the newest sample. */
  #endMs: Millis = -Infinity;

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
    const isSameBucket = this.#size > 0 && atMs < this.#endMs;
    if (isSameBucket) {
      const numbers = this.#numbers;
      const last = this.#at(this.#size - 1);
      numbers[last] = atMs;
      if (this.#size === 1) this.#leavesMs = atMs;
      numbers[last + VALUE] = folded(this.#fold, numbers[last + VALUE] as number, value);
      numbers[last + WEIGHT] = (numbers[last + WEIGHT] as number) + weight;
      return;
    }
    this.#endMs = (Math.floor(atMs / this.#widthMs) + 1) * this.#widthMs;
    if (this.#size === this.#capacity) this.#grow();
    const next = this.#at(this.#size);
    this.#numbers[next] = atMs;
    this.#numbers[next + VALUE] = value;
    this.#numbers[next + WEIGHT] = weight;
    this.#size += 1;
    if (this.#size === 1) this.#leavesMs = atMs;
  }

  /** What has left the window that ends at `atMs`. */
  dropBefore(atMs: Millis): void {
    const fromMs = atMs - this.overMs;
    if (this.#leavesMs > fromMs) return;
    while (this.#size > 0 && (this.#numbers[this.#first * NUMBERS] as number) <= fromMs) {
      this.#first = this.#first + 1 === this.#capacity ? 0 : this.#first + 1;
      this.#size -= 1;
    }
    this.#leavesMs = this.#size > 0 ? (this.#numbers[this.#first * NUMBERS] as number) : Infinity;
  }

  /** Time of the newest sample, value and weight of a bucket; 0 is the oldest. */
  ms(index: number): Millis {
    return this.#numbers[this.#at(index)] as number;
  }
  value(index: number): number {
    return this.#numbers[this.#at(index) + VALUE] as number;
  }
  weight(index: number): number {
    return this.#numbers[this.#at(index) + WEIGHT] as number;
  }

  #at(index: number): number {
    const place = this.#first + index;
    return (place < this.#capacity ? place : place - this.#capacity) * NUMBERS;
  }

  #grow(): void {
    invariant(this.#capacity < this.#capacityMax, 'a window has no more buckets than fit into it');
    const capacity = Math.min(Math.max(CAPACITY_FIRST, 2 * this.#capacity), this.#capacityMax);
    const numbers = new Float64Array(capacity * NUMBERS);
    const cut = this.#first * NUMBERS;
    numbers.set(this.#numbers.subarray(cut));
    numbers.set(this.#numbers.subarray(0, cut), this.#numbers.length - cut);
    this.#numbers = numbers;
    this.#capacity = capacity;
    this.#first = 0;
  }
}

const NONE = new Float64Array(0);

function folded(fold: Fold, held: number, value: number): number {
  if (fold === 'sum') return held + value;
  return fold === 'min' ? Math.min(held, value) : Math.max(held, value);
}
