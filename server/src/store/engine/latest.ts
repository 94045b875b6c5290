/** Newest sample of each series, and the rate at it, in typed arrays by series id. */
import type { Millis } from '@muster/shared/time.ts';
import { isJoined, RATE_LOOKBACK_MS, ratePerSecond } from '../../metrics/rates.ts';
import type { SeriesId } from '../../metrics/store.ts';
import { grown } from './grown.ts';

/** Growth in series: a machine's worth of several dozen machines. */
const BLOCK_SERIES = 4096;
/** Distances beyond the look-back are all the same to a rate. */
const DISTANCE_MS_MAX = RATE_LOOKBACK_MS + 1;
/** So many are kept in order while others are looked at; of more, all are put in order at once. */
const INSERTED_MAX = 100;
/** Doubles per series in a checkpoint. */
const STATE_NUMBERS = 5;

export class Latest {
  /** Time of the newest sample; −Infinity while there is none. */
  at = new Float64Array(0);
  value = new Float64Array(0);
  /** NaN where there is none. */
  rate = new Float64Array(0);
  /** Distances between the three newest samples of a counter, newest first; 0 = none. */
  #distance1 = new Int32Array(0);
  #distance2 = new Int32Array(0);

  reserve(count: number): void {
    if (count <= this.at.length) return;
    const capacity = Math.ceil(Math.max(count, this.at.length * 1.25) / BLOCK_SERIES) * BLOCK_SERIES;
    this.at = grown(this.at, new Float64Array(capacity).fill(Number.NEGATIVE_INFINITY));
    this.value = grown(this.value, new Float64Array(capacity));
    this.rate = grown(this.rate, new Float64Array(capacity).fill(Number.NaN));
    this.#distance1 = grown(this.#distance1, new Int32Array(capacity));
    this.#distance2 = grown(this.#distance2, new Int32Array(capacity));
  }

  /** Takes a sample newer than the newest. */
  updateGauge(series: SeriesId, atMs: Millis, value: number): void {
    this.at[series] = atMs;
    this.value[series] = value;
  }

  /** Takes a reading newer than the newest. */
  updateCounter(series: SeriesId, atMs: Millis, value: number): void {
    const before = this.at[series] as number;
    const first = before === Number.NEGATIVE_INFINITY;
    const distance = atMs - before;
    const distance1 = this.#distance1[series] as number;
    const joined = !first && isJoined(distance, distance1, this.#distance2[series] as number);
    this.rate[series] = joined ? ratePerSecond(this.value[series] as number, value, distance) : Number.NaN;
    this.#distance2[series] = distance1;
    this.#distance1[series] = first ? 0 : Math.min(distance, DISTANCE_MS_MAX);
    this.at[series] = atMs;
    this.value[series] = value;
  }

  /**
   * The `n` of the series with the highest number since `sinceMs`, highest first; of equal ones those named first. The number alone
   * puts most of them out, and a metric's series lie far apart: what is not read of them need not come from memory.
   */
  highest(
    series: readonly SeriesId[],
    shown: 'value' | 'rate',
    {
      n,
      sinceMs,
      isWanted,
    }: { n: number; sinceMs: Millis; isWanted: ((id: SeriesId) => boolean) | undefined },
  ): SeriesId[] {
    const numbers = this[shown];
    const counts = (id: SeriesId) =>
      Number.isFinite(numbers[id]) && (this.at[id] as number) >= sinceMs && (isWanted?.(id) ?? true);
    if (n > INSERTED_MAX)
      return series
        .filter(counts)
        .sort((a, b) => (numbers[b] as number) - (numbers[a] as number))
        .slice(0, n);
    const found: SeriesId[] = [];
    const figures: number[] = [];
    for (const id of series) {
      const number = numbers[id] as number;
      if (found.length === n && !(number > (figures[n - 1] as number))) continue;
      if (!counts(id)) continue;
      let place = Math.min(found.length, n - 1);
      while (place > 0 && number > (figures[place - 1] as number)) {
        figures[place] = figures[place - 1] as number;
        found[place] = found[place - 1] as number;
        place -= 1;
      }
      figures[place] = number;
      found[place] = id;
    }
    return found;
  }

  /** State of the given series, ascending, for a checkpoint. */
  save(series: readonly SeriesId[]): Uint8Array {
    this.reserve((series.at(-1) ?? -1) + 1);
    const numbers = new Float64Array(series.length * STATE_NUMBERS);
    for (let i = 0; i < series.length; i++) {
      const id = series[i] as number;
      const at = i * STATE_NUMBERS;
      numbers[at] = this.at[id] as number;
      numbers[at + 1] = this.value[id] as number;
      numbers[at + 2] = this.rate[id] as number;
      numbers[at + 3] = this.#distance1[id] as number;
      numbers[at + 4] = this.#distance2[id] as number;
    }
    return new Uint8Array(numbers.buffer);
  }

  /** Restores what `save` returned; series that came later keep their state. */
  load(series: readonly SeriesId[], saved: Uint8Array): void {
    this.reserve((series.at(-1) ?? -1) + 1);
    const numbers = new Float64Array(saved.slice().buffer);
    const count = Math.min(series.length, Math.floor(numbers.length / STATE_NUMBERS));
    for (let i = 0; i < count; i++) {
      const id = series[i] as number;
      const at = i * STATE_NUMBERS;
      this.at[id] = numbers[at] as number;
      this.value[id] = numbers[at + 1] as number;
      this.rate[id] = numbers[at + 2] as number;
      this.#distance1[id] = numbers[at + 3] as number;
      this.#distance2[id] = numbers[at + 4] as number;
    }
  }
}
