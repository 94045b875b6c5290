/**
 * Histogram: how the values of an hour are spread, small enough to be kept for years and mergeable without loss. A
 * quantile is the middle of the bucket that holds the exact one (by nearest rank). Percentages are counted in steps of 2
 * points, so it is at most 1 point off. Anything else is counted in seven buckets to an octave, so it is at most 5 % of
 * the exact one off; negative values are mirrored, magnitudes below 2^−20 count as 0.
 */
import { invariant } from '@muster/shared/invariant.ts';
import { type MetricName, metricRollup } from '@muster/shared/metrics/catalogue.ts';

export type HistogramScale = 'percent' | 'log';

/** How the values of a metric are counted, those of a counter by their rates; undefined: they are not. */
export function histogramScale(metric: MetricName): HistogramScale | undefined {
  return metricRollup(metric).histogram ?? undefined;
}

const PERCENT_STEP = 2;
/** 100 itself, and what is above, counts to the last step. */
const PERCENT_LAST = 100 / PERCENT_STEP - 1;

const PER_OCTAVE = 7;
/** Bucket 1 begins at 2^−20. */
const EXPONENT_MIN = -20;
const MAGNITUDE_MIN = 2 ** EXPONENT_MIN;
/** Largest bucket either way: that of the largest double. */
export const BUCKET_MAX = (1024 - EXPONENT_MIN) * PER_OCTAVE;
/** Where the buckets of an octave begin, as the 20 high bits of a mantissa. */
const BOUNDS = Int32Array.from({ length: PER_OCTAVE + 1 }, (_, i) =>
  Math.round((2 ** (i / PER_OCTAVE) - 1) * 2 ** 20),
);
/** Of the 5 highest bits of a mantissa: the bucket of their least number. */
const BUCKET_OF = Uint8Array.from({ length: 32 }, (_, high) => {
  let bucket = 0;
  while ((BOUNDS[bucket + 1] as number) <= high << 15) bucket += 1;
  return bucket;
});

/** Room that a histogram gets either way when it grows. */
const SLACK = 24;

const double = new Float64Array(1);
/** The high word of it; the low one comes first on all platforms that Node runs on. */
const words = new Int32Array(double.buffer);

export class Histogram {
  readonly scale: HistogramScale;
  /** Values counted. */
  count = 0;
  /** Bucket of the first of `#counts`. */
  #low = 0;
  #counts = new Float64Array(0);

  constructor(scale: HistogramScale) {
    this.scale = scale;
  }

  /** Counts a value so many times; what is not finite is left out. */
  add(value: number, times = 1): void {
    if (value - value !== 0) return;
    this.addTo(this.scale === 'percent' ? percentBucket(value) : logBucket(value), times);
  }

  /** Counts the values from `first` to before `end`: `add` for many, in half the time. */
  addAll(values: Float64Array, first: number, end: number): void {
    const isPercent = this.scale === 'percent';
    let counts = this.#counts;
    let low = this.#low;
    let counted = 0;
    for (let i = first; i < end; i++) {
      const value = values[i] as number;
      if (value - value !== 0) continue;
      const bucket = isPercent ? percentBucket(value) : logBucket(value);
      const at = bucket - low;
      if (at >= 0 && at < counts.length) {
        counts[at] = (counts[at] as number) + 1;
        counted += 1;
        continue;
      }
      this.count += counted;
      counted = 0;
      this.addTo(bucket, 1);
      counts = this.#counts;
      low = this.#low;
    }
    this.count += counted;
  }

  /** Counts to a bucket, as `buckets` gave it. */
  addTo(bucket: number, times: number): void {
    let at = bucket - this.#low;
    if (at < 0 || at >= this.#counts.length) {
      this.#reach(bucket);
      at = bucket - this.#low;
    }
    this.#counts[at] = (this.#counts[at] as number) + times;
    this.count += times;
  }

  /** Adds all that another one of the same scale counted. */
  merge(other: Histogram): void {
    invariant(other.scale === this.scale, 'histograms of one scale are merged');
    for (const [bucket, times] of other.buckets()) this.addTo(bucket, times);
  }

  /** Value that the share `q` (0 to 1) of the values do not exceed; undefined while there are none. */
  quantile(q: number): number | undefined {
    const rank = Math.max(1, Math.ceil(q * this.count));
    let passed = 0;
    for (const [bucket, times] of this.buckets()) {
      passed += times;
      if (passed >= rank) return this.scale === 'percent' ? percentMiddle(bucket) : logMiddle(bucket);
    }
    return undefined;
  }

  /** What the buckets from `low` on count, with zeros at either end and between. */
  spread(): { readonly low: number; readonly counts: Float64Array } {
    return { low: this.#low, counts: this.#counts };
  }

  /** Buckets that count anything, ascending, with what they count. */
  buckets(): [bucket: number, times: number][] {
    const filled: [number, number][] = [];
    this.#counts.forEach((times, at) => {
      if (times > 0) filled.push([this.#low + at, times]);
    });
    return filled;
  }

  #reach(bucket: number): void {
    const isEmpty = this.count === 0;
    const first = isEmpty ? bucket : Math.min(bucket, this.#low);
    const end = isEmpty ? bucket + 1 : Math.max(bucket + 1, this.#low + this.#counts.length);
    // Some room either way: neighbours follow.
    const counts = new Float64Array(end - first + 2 * SLACK);
    if (!isEmpty) counts.set(this.#counts, this.#low - first + SLACK);
    this.#low = first - SLACK;
    this.#counts = counts;
  }
}

function percentBucket(value: number): number {
  if (value >= 100) return PERCENT_LAST;
  return value > 0 ? (value / PERCENT_STEP) | 0 : 0;
}

function percentMiddle(bucket: number): number {
  return bucket * PERCENT_STEP + PERCENT_STEP / 2;
}

function logBucket(value: number): number {
  const magnitude = Math.abs(value);
  if (magnitude < MAGNITUDE_MIN) return 0;
  double[0] = magnitude;
  const high = words[1] as number;
  const mantissa = high & 0xfffff;
  let within = BUCKET_OF[mantissa >> 15] as number;
  if (mantissa >= (BOUNDS[within + 1] as number)) within += 1;
  const bucket = ((high >> 20) - 1023 - EXPONENT_MIN) * PER_OCTAVE + within + 1;
  return value < 0 ? -bucket : bucket;
}

/** As far from either bound, relative to it. */
function logMiddle(bucket: number): number {
  if (bucket === 0) return 0;
  const index = Math.abs(bucket) - 1;
  const octave = 2 ** (Math.floor(index / PER_OCTAVE) + EXPONENT_MIN);
  const within = index % PER_OCTAVE;
  const low = 1 + (BOUNDS[within] as number) / 2 ** 20;
  const high = 1 + (BOUNDS[within + 1] as number) / 2 ** 20;
  return Math.sign(bucket) * octave * ((2 * low * high) / (low + high));
}
