/**
 * When a series will reach a level if it goes on as in its window: a robust line (Theil–Sen), or no answer. Pure.
 * Sources: H. Theil 1950; P. K. Sen, JASA 63 (1968), for the interval of the slope from Kendall's statistic.
 * Use: take the points of the last hours to days (averages of rollups are best), ask with the latest time; alarm when `leftMs` is below
 * the time somebody needs to act. No answer means "no steady growth", never "plenty of time": keep a plain threshold beside it.
 */
import type { Millis } from '@muster/shared/time.ts';
import { quantile, quantileOfSorted } from './over-time.ts';
import type { Point } from './points.ts';

/** Fewer points than this say nothing of a trend. */
export const TREND_POINTS_MIN = 8;
/** The window is cut into this many parts at most, each counts by its median: cost stays bounded, single outliers vanish. */
export const TREND_PARTS_MAX = 60;
/** The line must have grown by this many deviations of what lies beside it, else it is noise, a sawtooth or a step. */
export const TREND_GROWTH_MIN = 3.5;
/** The last part of the window, and the share of the slope that it must still have: what has stopped does not go on. */
const RECENT_SHARE = 1 / 3;
const RECENT_POINTS_MIN = 4;
const RECENT_SLOPE_SHARE = 0.25;
/** Two-sided 95 %. */
const CONFIDENCE_Z = 1.96;
const MAD_TO_SIGMA = 1.4826;
const SECOND_MS = 1_000;

export interface LevelQuestion {
  /** Ascending; values that are not finite are left aside. */
  readonly points: readonly Point[];
  readonly nowMs: Millis;
  readonly level: number;
  /** On which side of the level trouble lies. */
  readonly op: 'above' | 'below';
}

export interface TimeToLevel {
  /** From `nowMs` until the line meets the level; 0 when the level is reached already. */
  readonly leftMs: number;
  /** At the steepest slope that the points allow (95 %). */
  readonly earliestMs: number;
  /** At the flattest; at least `leftMs`. */
  readonly latestMs: number;
  /** Slope of the line; 0 when the level is reached already and there is no trend. */
  readonly slopePerSecond: number;
}

/** Null when flat, going the other way, not steady enough to be drawn on, or with too few points. */
export function timeToLevel({ points, nowMs, level, op }: LevelQuestion): TimeToLevel | null {
  const finite = points.filter(({ atMs, value }) => Number.isFinite(value) && atMs <= nowMs);
  const last = finite.at(-1);
  if (last === undefined) return null;
  // Trouble always lies above from here on.
  const sign = op === 'above' ? 1 : -1;
  const trend = trendOf(finite, nowMs, sign);
  const isBeyond = op === 'above' ? last.value >= level : last.value < level;
  if (isBeyond)
    return { leftMs: 0, earliestMs: 0, latestMs: 0, slopePerSecond: sign * (trend?.slope ?? 0) * SECOND_MS };
  if (trend === null) return null;
  const gap = Math.max(0, sign * level - trend.valueNow);
  return {
    leftMs: gap / trend.slope,
    earliestMs: gap / trend.slopeMax,
    latestMs: gap / trend.slopeMin,
    slopePerSecond: sign * trend.slope * SECOND_MS,
  };
}

interface Trend {
  /** Per millisecond, all positive. */
  readonly slope: number;
  readonly slopeMin: number;
  readonly slopeMax: number;
  readonly valueNow: number;
}

function trendOf(finite: readonly Point[], nowMs: Millis, sign: 1 | -1): Trend | null {
  const parts = partsOf(finite, sign);
  const [first, last] = [parts[0], parts.at(-1)];
  if (parts.length < TREND_POINTS_MIN || first === undefined || last === undefined) return null;
  const slopes = slopesOf(parts);
  const slope = quantileOfSorted(slopes, 0.5);
  const [slopeMin, slopeMax] = slopeInterval(slopes, parts.length);
  if (!(slopeMin > 0)) return null;
  const recent = parts.slice(-Math.max(RECENT_POINTS_MIN, Math.floor(parts.length * RECENT_SHARE)));
  if (quantileOfSorted(slopesOf(recent), 0.5) < RECENT_SLOPE_SHARE * slope) return null;
  const offsets = parts.map(({ atMs, value }) => value - slope * (atMs - nowMs));
  const valueNow = quantile(0.5, offsets);
  const spread =
    MAD_TO_SIGMA *
    quantile(
      0.5,
      offsets.map((offset) => Math.abs(offset - valueNow)),
    );
  const growth = slope * (last.atMs - first.atMs);
  return growth >= TREND_GROWTH_MIN * spread ? { slope, slopeMin, slopeMax, valueNow } : null;
}

/** Medians of equal parts of the window; the points themselves where they are few. */
function partsOf(points: readonly Point[], sign: 1 | -1): readonly Point[] {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return [];
  if (points.length <= TREND_PARTS_MAX)
    return points.map(({ atMs, value }) => ({ atMs, value: sign * value }));
  const partMs = (last.atMs - first.atMs) / TREND_PARTS_MAX;
  const byPart = Map.groupBy(points, ({ atMs }) =>
    Math.min(TREND_PARTS_MAX - 1, Math.floor((atMs - first.atMs) / partMs)),
  );
  return [...byPart.values()].map((part) => ({
    atMs: quantile(
      0.5,
      part.map(({ atMs }) => atMs),
    ),
    value:
      sign *
      quantile(
        0.5,
        part.map(({ value }) => value),
      ),
  }));
}

/** Of all pairs, ascending. */
function slopesOf(parts: readonly Point[]): Float64Array {
  const slopes = new Float64Array((parts.length * (parts.length - 1)) / 2);
  let next = 0;
  for (const [i, a] of parts.entries()) {
    for (const b of parts.slice(i + 1)) {
      slopes[next] = (b.value - a.value) / (b.atMs - a.atMs);
      next += 1;
    }
  }
  return slopes.sort();
}

/** Between which slopes of pairs the true one lies: as many from each end as Kendall's statistic leaves outside. */
function slopeInterval(slopes: Float64Array, n: number): readonly [number, number] {
  const within = CONFIDENCE_Z * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const outside = Math.max(0, (slopes.length - within) / 2 / slopes.length);
  return [quantileOfSorted(slopes, outside), quantileOfSorted(slopes, 1 - outside)];
}
