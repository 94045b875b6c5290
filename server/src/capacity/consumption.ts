/** How much of something a machine uses: average, 95th percentile and maximum over a day and a week. Pure. */
import type { ConsumerMetric } from '@muster/shared/api/capacity.ts';
import { DAY_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';

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

/** `points`: [ms, average, min, max] of the last seven days, or [ms, value]. */
export function consumptionOf(
  metric: ConsumerMetric,
  instance: string,
  points: readonly (readonly number[])[],
  toMs: Millis,
): Consumption {
  return {
    metric,
    instance,
    day: usageOf(points.filter(([atMs = 0]) => atMs >= toMs - DAY_MS)),
    week: usageOf(points),
  };
}

export function usageOf(points: readonly (readonly number[])[]): Usage | null {
  if (points.length === 0) return null;
  const averages = points.map(([, average = 0]) => average);
  return {
    average: averages.reduce((sum, value) => sum + value, 0) / averages.length,
    p95: percentile(averages, 95),
    max: points.reduce(
      (most, [, average = 0, , max = average]) => Math.max(most, max),
      Number.NEGATIVE_INFINITY,
    ),
  };
}

/** The smallest value that at least `percent` of all do not exceed (nearest rank). */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = Float64Array.from(values).sort();
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}
