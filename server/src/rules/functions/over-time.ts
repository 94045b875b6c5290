/**
 * What a window of points says as one number: average, extremes, sum, spread, quantiles. Pure.
 * Source: prometheus.io/docs/prometheus/latest/querying/functions (`<aggregation>_over_time`) and the vectors of promqltest.
 * All take the points of one series, ascending, look only at those inside the window, and give null when there is none.
 */
import { addTo, type ExactSum, totalOf } from './exact-sum.ts';
import { type Point, pointsIn, type Window } from './points.ts';

/** The mean; correct also where the plain sum of the values would overflow. NaN spoils it. */
export function avgOverTime(points: readonly Point[], window: Window): number | null {
  return of(points, window, meanOf);
}

/** The least value; NaN only when all are. */
export function minOverTime(points: readonly Point[], window: Window): number | null {
  return of(points, window, (values) => values.reduce((a, b) => (b < a || Number.isNaN(a) ? b : a)));
}

/** The greatest value; NaN only when all are. */
export function maxOverTime(points: readonly Point[], window: Window): number | null {
  return of(points, window, (values) => values.reduce((a, b) => (b > a || Number.isNaN(a) ? b : a)));
}

export function sumOverTime(points: readonly Point[], window: Window): number | null {
  return of(points, window, (values) => {
    const total: ExactSum = { sum: 0, lost: 0 };
    for (const value of values) addTo(total, value);
    return totalOf(total);
  });
}

export function countOverTime(points: readonly Point[], window: Window): number | null {
  return of(points, window, (values) => values.length);
}

export function firstOverTime(points: readonly Point[], window: Window): number | null {
  return pointsIn(points, window)[0]?.value ?? null;
}

export function lastOverTime(points: readonly Point[], window: Window): number | null {
  return pointsIn(points, window).at(-1)?.value ?? null;
}

/** Population variance (divided by n), by Welford's method. */
export function stdvarOverTime(points: readonly Point[], window: Window): number | null {
  return of(points, window, varianceOf);
}

/** Population standard deviation (divided by n). */
export function stddevOverTime(points: readonly Point[], window: Window): number | null {
  return of(points, window, (values) => Math.sqrt(varianceOf(values)));
}

/** The `q`-quantile, 0 to 1, between neighbours by linear interpolation; −Inf below 0, +Inf above 1. NaN sorts first. */
export function quantileOverTime(points: readonly Point[], window: Window, q: number): number | null {
  return of(points, window, (values) => quantile(q, values));
}

/** Median absolute deviation from the median, unscaled. NaN when a value is. */
export function madOverTime(points: readonly Point[], window: Window): number | null {
  return of(points, window, (values) => {
    if (values.some(Number.isNaN)) return NaN;
    const centre = quantile(0.5, values);
    return quantile(
      0.5,
      values.map((value) => Math.abs(value - centre)),
    );
  });
}

/** The `q`-quantile of some values, as above. NaN without values or when `q` is NaN. */
export function quantile(q: number, values: readonly number[]): number {
  if (values.length === 0 || Number.isNaN(q)) return NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  const sorted = values.toSorted((a, b) => (Number.isNaN(a) ? -1 : Number.isNaN(b) ? 1 : a - b));
  return quantileOfSorted(sorted, q);
}

/** The `q`-quantile of values in ascending order; `q` from 0 to 1, at least one value. */
export function quantileOfSorted(sorted: ArrayLike<number>, q: number): number {
  const rank = q * (sorted.length - 1);
  const low = Math.floor(rank);
  const high = Math.min(sorted.length - 1, low + 1);
  const weight = rank - low;
  return (sorted[low] ?? NaN) * (1 - weight) + (sorted[high] ?? NaN) * weight;
}

function of(
  points: readonly Point[],
  window: Window,
  compute: (values: readonly number[]) => number,
): number | null {
  const inside = pointsIn(points, window);
  return inside.length === 0 ? null : compute(inside.map(({ value }) => value));
}

function meanOf(values: readonly number[]): number {
  const total: ExactSum = { sum: 0, lost: 0 };
  for (const [i, value] of values.entries()) {
    const before = { ...total };
    addTo(total, value);
    if (!Number.isFinite(total.sum) && !Number.isNaN(total.sum) && i > 0)
      return runningMean(values, i, before);
  }
  return total.sum / values.length + total.lost / values.length;
}

/** The mean carried on value by value from the mean of the first `count`, for sums that leave the range of numbers. */
function runningMean(values: readonly number[], count: number, before: ExactSum): number {
  const mean: ExactSum = { sum: before.sum / count, lost: before.lost / count };
  for (let i = count; i < values.length; i += 1) {
    const share = i / (i + 1);
    mean.sum *= share;
    mean.lost *= share;
    addTo(mean, (values[i] ?? NaN) / (i + 1));
  }
  return totalOf(mean);
}

function varianceOf(values: readonly number[]): number {
  const mean: ExactSum = { sum: 0, lost: 0 };
  const squares: ExactSum = { sum: 0, lost: 0 };
  for (const [i, value] of values.entries()) {
    const off = value - (mean.sum + mean.lost);
    addTo(mean, off / (i + 1));
    addTo(squares, off * (value - (mean.sum + mean.lost)));
  }
  return (squares.sum + squares.lost) / values.length;
}
