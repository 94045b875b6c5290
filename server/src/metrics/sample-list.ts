/** Samples of one series in two growing typed arrays. */
import type { Millis } from '@muster/shared/time.ts';

const CAPACITY_FIRST = 64;

export class SampleList {
  times: Float64Array;
  values: Float64Array;
  length = 0;
  /** Whether times ascend strictly, as they were pushed. */
  ordered = true;

  /** `capacity`: first room, in samples. */
  constructor(capacity = CAPACITY_FIRST) {
    this.times = new Float64Array(capacity);
    this.values = new Float64Array(capacity);
  }

  push(atMs: Millis, value: number): void {
    if (this.length === this.times.length) this.#grow(this.length + 1);
    if (this.length > 0 && atMs <= (this.times[this.length - 1] as number)) this.ordered = false;
    this.times[this.length] = atMs;
    this.values[this.length] = value;
    this.length += 1;
  }

  /** Empties it; the room stays. */
  reset(): this {
    this.length = 0;
    this.ordered = true;
    return this;
  }

  /** Makes room for so many entries in all. */
  reserve(capacity: number): void {
    if (capacity > this.times.length) this.#grow(capacity);
  }

  /** Takes in `count` entries that were put behind the last one; their own times ascend strictly. */
  take(count: number): void {
    const { length, times } = this;
    if (length > 0 && count > 0 && (times[length] as number) <= (times[length - 1] as number))
      this.ordered = false;
    this.length += count;
  }

  /** Sorts by time; of several samples with the same time the one that was pushed first stays. */
  settle(): this {
    if (this.ordered) return this;
    const order = Uint32Array.from({ length: this.length }, (_, index) => index);
    const { times } = this;
    order.sort((a, b) => (times[a] as number) - (times[b] as number) || a - b);
    const sorted = new SampleList();
    let lastAtMs = Number.NaN;
    for (const index of order) {
      const atMs = times[index] as number;
      if (atMs !== lastAtMs) sorted.push(atMs, this.values[index] as number);
      lastAtMs = atMs;
    }
    this.times = sorted.times;
    this.values = sorted.values;
    this.length = sorted.length;
    this.ordered = true;
    return this;
  }

  /** First index whose time is not before `atMs`; the list must be settled. */
  lowerBound(atMs: Millis): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.times[middle] as number) < atMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Copies of the last `count` entries, or of all. */
  last(count: number): { readonly times: Float64Array; readonly values: Float64Array } {
    const begin = Math.max(0, this.length - count);
    return { times: this.times.slice(begin, this.length), values: this.values.slice(begin, this.length) };
  }

  #grow(needed: number): void {
    const capacity = Math.max(needed, this.times.length * 2);
    const times = new Float64Array(capacity);
    const values = new Float64Array(capacity);
    times.set(this.times.subarray(0, this.length));
    values.set(this.values.subarray(0, this.length));
    this.times = times;
    this.values = values;
  }
}
