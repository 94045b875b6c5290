/** The samples of a machine under all ids that it ever had, as one. Pure. */
import { invariant } from '@muster/shared/invariant.ts';
import { pointColumns, pointRows } from './range-points.ts';
import type { LatestSample, RangeResult, Tier } from './store.ts';

type Point = readonly number[];

/** Series of one instance become one; where two tell the same time, the id that stands counts. Raw points join buckets as buckets. */
export function joinedRanges(own: RangeResult, former: readonly RangeResult[]): RangeResult {
  const told = [own, ...former].filter(({ series }) => series.some(({ points }) => points.times.length > 0));
  const [first] = told;
  if (first === undefined) return own;
  if (told.length === 1) return first;
  const stepMs = Math.max(...told.map((result) => result.stepMs));
  const joined = new Map<string, { tier: Tier; points: Map<number, Point> }>();
  for (const result of told) {
    for (const { instance, tier, points } of result.series) {
      const known = joined.get(instance) ?? { tier, points: new Map<number, Point>() };
      joined.set(instance, known);
      const rows = pointRows(points);
      for (const point of result.stepMs === stepMs ? rows : inBuckets(rows, stepMs)) {
        const atMs = timeOf(point);
        if (!known.points.has(atMs)) known.points.set(atMs, point);
      }
    }
  }
  return {
    stepMs,
    series: [...joined].map(([instance, { tier, points }]) => ({
      instance,
      tier,
      points: pointColumns([...points.values()].toSorted((a, b) => timeOf(a) - timeOf(b))),
    })),
  };
}

/** Of each series the newest sample of all ids. */
export function joinedLatest(samples: readonly LatestSample[]): LatestSample[] {
  const newest = new Map<string, LatestSample>();
  for (const sample of samples) {
    const key = `${sample.identity.metric}\0${sample.identity.instance}`;
    const known = newest.get(key);
    if (known === undefined || sample.atMs > known.atMs) newest.set(key, sample);
  }
  return [...newest.values()];
}

function timeOf([atMs]: Point): number {
  invariant(atMs !== undefined, 'a point has a time');
  return atMs;
}

function inBuckets(points: readonly Point[], stepMs: number): Point[] {
  const buckets = Map.groupBy(points, (point) => Math.floor(timeOf(point) / stepMs) * stepMs);
  return [...buckets].map(([startMs, some]) => {
    const values = some.map(([, value]) => value ?? Number.NaN);
    return [
      startMs,
      values.reduce((sum, value) => sum + value, 0) / values.length,
      Math.min(...values),
      Math.max(...values),
    ];
  });
}
