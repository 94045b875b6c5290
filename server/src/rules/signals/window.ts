/** Functions over a sliding window: average, extremes, 95th percentile, growth of a counter, changes and falls of a gauge. */
import type { RuleWindow, WindowFn } from '@muster/shared/api/rules.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import { isBeyond } from '../evaluate.ts';
import { soonBeyond } from '../quiet.ts';
import { BucketRing, type Fold } from './bucket-ring.ts';
import type { Shown, Signal } from './signal.ts';

/** A window's history is read this many times its length: what lies before it says whether the window is filled. */
const HISTORY_WINDOWS = 2;
const P95 = 0.95;
/** Less of a window says nothing of it. */
const FILLED_SHARE = 0.5;

const FOLDS: Readonly<Record<WindowFn, Fold>> = {
  avg: 'sum',
  min: 'min',
  max: 'max',
  p95: 'sum',
  rate: 'sum',
  increase: 'sum',
  changes: 'sum',
  resets: 'sum',
};

const COUNTING: ReadonlySet<WindowFn> = new Set(['increase', 'changes', 'resets']);

export class WindowSignal implements Signal {
  readonly historyMs: Millis;
  readonly historyStepMs = 0;
  readonly staleAtMs = Infinity;
  readonly #fn: WindowFn;
  readonly #ring: BucketRing;
  /** What is counted in a part of the window is there in all of it. */
  readonly #needsAll: boolean;
  #before = Number.NaN;
  /** The last sample that counted something. */
  #countedMs: Millis = -Infinity;
  #value: number | null = null;
  readonly #op: 'above' | 'below';
  readonly #firstLevel: number;

  /** Without a level each sample counts. */
  constructor(
    { fn, overMs }: Extract<RuleWindow, { overMs: number }>,
    op: 'above' | 'below',
    firstLevel = Number.NaN,
  ) {
    this.#fn = fn;
    this.#op = op;
    this.#firstLevel = firstLevel;
    this.#needsAll = op === 'below' || !COUNTING.has(fn);
    this.#ring = new BucketRing(overMs, FOLDS[fn]);
    this.historyMs = HISTORY_WINDOWS * overMs;
  }

  take(atMs: Millis, value: number, sinceMs: number): number | null {
    this.feed(atMs, value, sinceMs);
    this.#ring.dropBefore(atMs);
    if (!this.#needsAll && atMs - this.#countedMs >= this.#ring.overMs) {
      this.#value = 0;
      return 0;
    }
    this.#value = !this.#needsAll || this.#ring.isFilled(FILLED_SHARE) ? this.#compute() : null;
    return this.#value;
  }

  feed(atMs: Millis, value: number, sinceMs: number): void {
    if (!Number.isFinite(value)) {
      this.#ring.dropBefore(atMs);
      return;
    }
    const before = this.#before;
    this.#before = value;
    switch (this.#fn) {
      case 'avg':
      case 'p95':
      case 'min':
      case 'max':
        this.#ring.push(atMs, value, 1);
        return;
      case 'rate':
      case 'increase':
        // Of a counter the rate comes in; over a gap there is none.
        if (Number.isNaN(sinceMs)) this.#count(atMs, 0, 0);
        else this.#count(atMs, (value * sinceMs) / SECOND_MS, sinceMs);
        return;
      case 'changes':
        this.#count(atMs, !Number.isNaN(before) && value !== before ? 1 : 0, 1);
        return;
      case 'resets':
        this.#count(atMs, value < before ? 1 : 0, 1);
        return;
    }
  }

  #count(atMs: Millis, counted: number, weight: number): void {
    if (counted !== 0) this.#countedMs = atMs;
    // Nothing adds nothing, and how much of the window is known is not asked for.
    else if (!this.#needsAll) return;
    this.#ring.push(atMs, counted, weight);
  }

  /** Nothing was counted within the window: it knows no more than the sample before, which its series knows too. */
  isAtRest(atMs: Millis): boolean {
    return !this.#needsAll && this.#firstLevel > 0 && atMs - this.#countedMs >= this.#ring.overMs;
  }

  /** Nothing was counted so far: the value from which falls and changes are. */
  begin(before: number): void {
    this.#before = before;
  }

  dueMs(): Millis {
    if (Number.isNaN(this.#firstLevel) || COUNTING.has(this.#fn)) return -Infinity;
    return this.#holdsAnyBeyond() ? -Infinity : Infinity;
  }

  #holdsAnyBeyond(): boolean {
    const level = soonBeyond(this.#op, this.#firstLevel);
    const isExtreme = this.#fn === 'min' || this.#fn === 'max';
    const scale = this.#fn === 'rate' ? SECOND_MS : 1;
    for (let i = 0; i < this.#ring.size; i++) {
      const value = this.#ring.value(i);
      if (isBeyond(isExtreme ? value : (value * scale) / this.#ring.weight(i), this.#op, level)) return true;
    }
    return false;
  }

  shown(level: number): Shown {
    return { value: this.#value, level, reasons: [] };
  }

  #compute(): number | null {
    const ring = this.#ring;
    const { size } = ring;
    if (size === 0) return null;
    let total = 0;
    let weight = 0;
    switch (this.#fn) {
      case 'min':
      case 'max': {
        let found = ring.value(0);
        for (let i = 1; i < size; i++)
          found = this.#fn === 'min' ? Math.min(found, ring.value(i)) : Math.max(found, ring.value(i));
        return found;
      }
      case 'p95':
        return percentile(ring);
      case 'avg':
      case 'rate':
        for (let i = 0; i < size; i++) {
          total += ring.value(i);
          weight += ring.weight(i);
        }
        if (weight === 0) return null;
        return this.#fn === 'avg' ? total / weight : (total * SECOND_MS) / weight;
      case 'increase':
      case 'changes':
      case 'resets':
        for (let i = 0; i < size; i++) total += ring.value(i);
        // Sums of rates times durations: counts come out whole.
        return Math.abs(total - Math.round(total)) < 1e-6 * Math.max(1, total) ? Math.round(total) : total;
    }
  }
}

/** Between neighbours by linear interpolation; beyond the bucket limit of the averages of the buckets. */
function percentile(ring: BucketRing): number {
  const found: { value: number; weight: number }[] = [];
  let count = 0;
  for (let i = 0; i < ring.size; i++) {
    const weight = ring.weight(i);
    found.push({ value: ring.value(i) / weight, weight });
    count += weight;
  }
  found.sort((a, b) => a.value - b.value);
  const rank = P95 * (count - 1);
  const low = nth(found, Math.floor(rank));
  const high = nth(found, Math.min(count - 1, Math.floor(rank) + 1));
  return low + (high - low) * (rank - Math.floor(rank));
}

function nth(sorted: readonly { value: number; weight: number }[], rank: number): number {
  let before = 0;
  for (const { value, weight } of sorted) {
    before += weight;
    if (rank < before) return value;
  }
  return sorted.at(-1)?.value ?? Number.NaN;
}

/** Soft and hard: of the last `m` samples the `n`-th worst, which is beyond a level when `n` of them are. */
export class ConfirmSignal implements Signal {
  readonly historyStepMs = 0;
  readonly staleAtMs = Infinity;
  readonly historyMs: Millis;
  readonly #n: number;
  readonly #m: number;
  readonly #worstIs: 'high' | 'low';
  #last: number[] = [];
  #value: number | null = null;

  constructor(
    { n, m }: Extract<RuleWindow, { fn: 'n-of-m' }>,
    { op, intervalMs }: { op: 'above' | 'below'; intervalMs: Millis },
  ) {
    this.#n = n;
    this.#m = m;
    this.#worstIs = op === 'above' ? 'high' : 'low';
    this.historyMs = HISTORY_WINDOWS * m * intervalMs;
  }

  take(atMs: Millis, value: number, sinceMs: number, afterGap: boolean): number | null {
    this.feed(atMs, value, sinceMs, afterGap);
    if (this.#last.length < this.#n) {
      this.#value = null;
      return null;
    }
    const sorted = this.#last.toSorted((a, b) => a - b);
    this.#value = sorted.at(this.#worstIs === 'high' ? -this.#n : this.#n - 1) ?? null;
    return this.#value;
  }

  feed(_atMs: Millis, value: number, _sinceMs: number, afterGap: boolean): void {
    // A gap of silence begins anew: what was before it confirms nothing.
    if (afterGap) this.#last = [];
    if (Number.isNaN(value)) return;
    this.#last.push(value);
    if (this.#last.length > this.#m) this.#last.shift();
  }

  dueMs(): Millis {
    return -Infinity;
  }

  shown(level: number): Shown {
    return { value: this.#value, level, reasons: [] };
  }
}
