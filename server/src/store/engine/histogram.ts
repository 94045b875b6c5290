/**
 * Histogram: how the values of an hour are spread, small enough to be kept for years and mergeable without loss.
 * A percentage is counted in steps of 2 points (error of a quantile at most 1 point), anything else in buckets whose
 * bounds grow by a tenth (relative error at most 5 %), negative values mirrored.
 */
import { ByteReader, ByteWriter, unzigzag, WireError, zigzag } from '@muster/shared/wire/bytes.ts';

export type HistogramScale = 'percent' | 'log';

const PERCENT_STEP = 2;
/** Highest bucket of the percentages: 100 itself counts to the last step. */
const PERCENT_LAST = 100 / PERCENT_STEP - 1;
/** Bounds are 1.1^n: the middle between two is 4.8 % from either. */
const BASE = 1.1;
const LOG_BASE = Math.log(BASE);
/** Magnitudes below this count as 0: a millionth of a unit. */
const MAGNITUDE_MIN = 1e-6;
/** Buckets 0 and above are magnitudes; their index is moved so that the smallest magnitude is 1. */
const INDEX_SHIFT = 1 - Math.floor(Math.log(MAGNITUDE_MIN) / LOG_BASE);
const BUCKETS_MAX = 20_000;

export class Histogram {
  readonly scale: HistogramScale;
  /** Counts by bucket. */
  readonly #counts = new Map<number, number>();
  count = 0;

  constructor(scale: HistogramScale) {
    this.scale = scale;
  }

  /** Counts a finite value; what is not finite is left out. */
  add(value: number, times = 1): void {
    if (!Number.isFinite(value)) return;
    const bucket = this.scale === 'percent' ? percentBucket(value) : logBucket(value);
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + times);
    this.count += times;
  }

  /** Adds all that another one of the same scale counted. */
  merge(other: Histogram): void {
    for (const [bucket, times] of other.#counts)
      this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + times);
    this.count += other.count;
  }

  /** Value below which the share `q` (0 to 1) of the values lie; undefined while there are none. */
  quantile(q: number): number | undefined {
    const rank = Math.max(1, Math.ceil(q * this.count));
    let passed = 0;
    for (const [bucket, times] of [...this.#counts].sort(([a], [b]) => a - b)) {
      passed += times;
      if (passed >= rank) return this.scale === 'percent' ? percentMiddle(bucket) : logMiddle(bucket);
    }
    return undefined;
  }

  write(writer: ByteWriter): void {
    const buckets = [...this.#counts].sort(([a], [b]) => a - b);
    writer.byte(this.scale === 'percent' ? 0 : 1);
    writer.varint(buckets.length);
    let last = 0;
    for (const [bucket, times] of buckets) {
      writer.varint(zigzag(bucket - last));
      writer.varint(times);
      last = bucket;
    }
  }

  /** Throws WireError where the bytes make no sense. */
  static read(reader: ByteReader): Histogram {
    const scale = reader.byte();
    if (scale > 1) throw new WireError(`histogram of scale ${scale}`);
    const histogram = new Histogram(scale === 0 ? 'percent' : 'log');
    const length = reader.varint();
    if (length > BUCKETS_MAX) throw new WireError(`histogram of ${length} buckets`);
    let bucket = 0;
    for (let i = 0; i < length; i++) {
      bucket += unzigzag(reader.varint());
      const times = reader.varint();
      histogram.#counts.set(bucket, times);
      histogram.count += times;
    }
    return histogram;
  }
}

function percentBucket(value: number): number {
  return Math.min(PERCENT_LAST, Math.max(0, Math.floor(value / PERCENT_STEP)));
}

function percentMiddle(bucket: number): number {
  return bucket * PERCENT_STEP + PERCENT_STEP / 2;
}

function logBucket(value: number): number {
  const magnitude = Math.abs(value);
  if (magnitude < MAGNITUDE_MIN) return 0;
  const index = Math.max(1, Math.floor(Math.log(magnitude) / LOG_BASE) + INDEX_SHIFT);
  return value < 0 ? -index : index;
}

function logMiddle(bucket: number): number {
  if (bucket === 0) return 0;
  const low = BASE ** (Math.abs(bucket) - INDEX_SHIFT);
  return (Math.sign(bucket) * low * 2 * BASE) / (1 + BASE);
}
