/** Points of a line as columns, as they come from the server and as uPlot takes them. Pure. */
import type { PointColumns } from '@muster/shared/metrics/range-stream.ts';
import type { Millis } from '@muster/shared/time.ts';

export type { PointColumns } from '@muster/shared/metrics/range-stream.ts';

/** [ms, value] or [ms, average, min, max]. */
export type Point = readonly number[];

export const NO_POINTS: PointColumns = { times: new Float64Array(), averages: new Float64Array() };

/** Of few points that come one by one. Where any has a band, one without is its own lowest and highest. */
export function columnsOf(points: readonly Point[]): PointColumns {
  const column = (of: (point: Point) => number) => Float64Array.from(points, of);
  const plain = { times: column(([at = 0]) => at), averages: column(([, value = 0]) => value) };
  if (!points.some((point) => point.length > 2)) return plain;
  return {
    ...plain,
    mins: column(([, value = 0, low = value]) => low),
    maxs: column(([, value = 0, , high = value]) => high),
  };
}

/** The same in another unit and at another time; the very same where neither changes. */
export function shownAs(points: PointColumns, factor: number, shiftMs = 0): PointColumns {
  if (factor === 1 && shiftMs === 0) return points;
  const { times, averages, mins, maxs } = points;
  const scaled = (values: Float64Array) => values.map((value) => value * factor);
  return {
    times: shiftMs === 0 ? times : times.map((atMs) => atMs + shiftMs),
    averages: scaled(averages),
    ...(mins && maxs ? { mins: scaled(mins), maxs: scaled(maxs) } : {}),
  };
}

/** Indices [from, to) of the points in [fromMs, toMs]. */
export function indicesWithin({ times }: PointColumns, fromMs: Millis, toMs: Millis): [number, number] {
  return [firstAt(times, (atMs) => atMs >= fromMs), firstAt(times, (atMs) => atMs > toMs)];
}

/** One point: average, lowest, highest. */
export function tripleAt({ averages, mins, maxs }: PointColumns, index: number): [number, number, number] {
  const value = averages[index] ?? 0;
  return [value, mins?.[index] ?? value, maxs?.[index] ?? value];
}

function firstAt(times: Float64Array, is: (atMs: Millis) => boolean): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (is(times[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return low;
}
