/** How much of something a machine uses: average, 95th percentile and maximum over a day and a week. Pure. */
import type { ConsumerMetric } from '@muster/shared/api/capacity.ts';
import { DAY_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { RangePoints } from '../metrics/store.ts';

export interface Usage {
  readonly average: number;
  /** Of ten-minute averages: one in twenty is higher. */
  readonly p95: number;
  readonly max: number;
}

export interface Consumption {
  readonly metric: ConsumerMetric;
  readonly instance: string;
  /** null: no data in it. */
  readonly day: Usage | null;
  readonly week: Usage | null;
}

/** `points`: of the last seven days, up to `toMs`. */
export function consumptionOf(
  metric: ConsumerMetric,
  instance: string,
  { times, averages, maxs = averages }: RangePoints,
  toMs: Millis,
): Consumption {
  const lastDay = times.findIndex((atMs) => atMs >= toMs - DAY_MS);
  const dayFrom = lastDay === -1 ? times.length : lastDay;
  return {
    metric,
    instance,
    day: usageOf(averages.subarray(dayFrom), maxs.subarray(dayFrom)),
    week: usageOf(averages, maxs),
  };
}

export function usageOf(averages: Float64Array, maxs: Float64Array): Usage | null {
  if (averages.length === 0) return null;
  let sum = 0;
  let max = Number.NEGATIVE_INFINITY;
  for (const [i, average] of averages.entries()) {
    sum += average;
    max = Math.max(max, maxs[i] as number);
  }
  return { average: sum / averages.length, p95: percentile(averages, 95), max };
}

/** The smallest value that at least `percent` of all do not exceed (nearest rank). */
export function percentile(values: Float64Array, percent: number): number {
  const sorted = values.slice().sort();
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}
