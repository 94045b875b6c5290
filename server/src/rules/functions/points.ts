/** Points of one series in order of time, and the part of them that lies in a window. Pure. */
import type { Millis } from '@muster/shared/time.ts';

/** One value of a series. Lists of points are ascending by time and hold no time twice. */
export interface Point {
  readonly atMs: Millis;
  readonly value: number;
}

/** A stretch of time, open on the left and closed on the right, as Prometheus selects ranges since 3.0. */
export interface Window {
  readonly fromMs: Millis;
  readonly toMs: Millis;
}

/** The points with `fromMs < atMs <= toMs`. Costs two binary searches and one copy; the same array when all lie within. */
export function pointsIn(points: readonly Point[], { fromMs, toMs }: Window): readonly Point[] {
  const from = firstAfter(points, fromMs);
  const to = firstAfter(points, toMs);
  return from === 0 && to === points.length ? points : points.slice(from, to);
}

/** Index of the first point later than `atMs`; the length when there is none. */
function firstAfter(points: readonly Point[], atMs: Millis): number {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((points[middle]?.atMs ?? Infinity) <= atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
