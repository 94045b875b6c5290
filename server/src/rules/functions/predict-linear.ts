/**
 * The straight line through the points of a window, as Prometheus fits it: simple linear regression (least squares). Pure.
 * Source: prometheus.io/docs/prometheus/latest/querying/functions (deriv, predict_linear, double_exponential_smoothing).
 * For gauges only. Sensitive to outliers by its nature: for "when will it be full" use `timeToLevel`.
 */
import type { Millis } from '@muster/shared/time.ts';
import { addTo, type ExactSum, totalOf } from './exact-sum.ts';
import { type Point, pointsIn, type Window } from './points.ts';

const SECOND_MS = 1_000;

export interface Line {
  readonly slopePerSecond: number;
  /** Value of the line at the time it was asked for. */
  readonly value: number;
}

/** The least-squares line, with its value at `atMs`. Null under two points; NaN where a value is infinite or NaN. */
export function fitLine(points: readonly Point[], atMs: Millis): Line | null {
  const first = points[0]?.value;
  if (first === undefined || points.length < 2) return null;
  if (points.every(({ value }) => value === first)) {
    return Number.isFinite(first) ? { slopePerSecond: 0, value: first } : { slopePerSecond: NaN, value: NaN };
  }
  const n = points.length;
  const [x, y, xy, xx] = [0, 1, 2, 3].map((): ExactSum => ({ sum: 0, lost: 0 })) as [
    ExactSum,
    ExactSum,
    ExactSum,
    ExactSum,
  ];
  for (const point of points) {
    const seconds = (point.atMs - atMs) / SECOND_MS;
    addTo(x, seconds);
    addTo(y, point.value);
    addTo(xy, seconds * point.value);
    addTo(xx, seconds * seconds);
  }
  const [sumX, sumY] = [totalOf(x), totalOf(y)];
  const slopePerSecond = (totalOf(xy) - (sumX * sumY) / n) / (totalOf(xx) - (sumX * sumX) / n);
  return { slopePerSecond, value: sumY / n - (slopePerSecond * sumX) / n };
}

/** Slope of the line through the window, per second. Null under two points. */
export function deriv(points: readonly Point[], window: Window): number | null {
  const inside = pointsIn(points, window);
  return fitLine(inside, inside[0]?.atMs ?? 0)?.slopePerSecond ?? null;
}

/** Value that the line through the window has `aheadMs` after `nowMs`. Null under two points. */
export function predictLinear(
  points: readonly Point[],
  window: Window,
  { nowMs, aheadMs }: { readonly nowMs: Millis; readonly aheadMs: number },
): number | null {
  const line = fitLine(pointsIn(points, window), nowMs);
  return line && line.value + line.slopePerSecond * (aheadMs / SECOND_MS);
}

/**
 * Value smoothed with its trend (Holt's double exponential smoothing) at the last point of the window; points count as
 * evenly spaced. Both factors lie between 0 and 1, exclusively: a lower `smoothing` gives more weight to the past, a higher `trend` more to
 * the latest slope. Null under two points.
 */
export function doubleExponentialSmoothing(
  points: readonly Point[],
  window: Window,
  { smoothing, trend }: { readonly smoothing: number; readonly trend: number },
): number | null {
  const [first, second, ...rest] = pointsIn(points, window);
  if (first === undefined || second === undefined) return null;
  let slope = second.value - first.value;
  let before = first.value;
  let level = smoothing * second.value + (1 - smoothing) * (before + slope);
  for (const { value } of rest) {
    slope = trend * (level - before) + (1 - trend) * slope;
    before = level;
    level = smoothing * value + (1 - smoothing) * (level + slope);
  }
  return level;
}
