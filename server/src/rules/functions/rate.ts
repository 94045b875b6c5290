/**
 * Growth of counters and gauges over a window, as Prometheus defines it. Pure.
 * Source: prometheus.io/docs/prometheus/latest/querying/functions (rate, increase, delta, irate, idelta, resets, changes) and
 * the vectors of promqltest. All take the points of one series, ascending, and look only at those inside the window.
 */
import { type Point, pointsIn, type Window } from './points.ts';

const SECOND_MS = 1_000;
/** A border further from the nearest point than this many average distances is not the series' own: it began or ended within. */
const BORDER_REACH = 1.1;

/** How much a counter grew within the window, extrapolated to its borders; a fall is a restart from 0. Null under two points. */
export function increase(points: readonly Point[], window: Window): number | null {
  return extrapolated(pointsIn(points, window), window, 'counter');
}

/** Increase per second of the window. Null under two points; never negative for counters that hold no negative value. */
export function rate(points: readonly Point[], window: Window): number | null {
  const grown = increase(points, window);
  return grown === null ? null : grown / ((window.toMs - window.fromMs) / SECOND_MS);
}

/** How much a gauge changed within the window, extrapolated to its borders. Null under two points. */
export function delta(points: readonly Point[], window: Window): number | null {
  return extrapolated(pointsIn(points, window), window, 'gauge');
}

/** Rate per second between the last two points of the window; a fall counts from 0. Null under two points. */
export function irate(points: readonly Point[], window: Window): number | null {
  const pair = lastTwo(pointsIn(points, window));
  if (pair === null) return null;
  const [before, last] = pair;
  const grown = last.value < before.value ? last.value : last.value - before.value;
  return grown / ((last.atMs - before.atMs) / SECOND_MS);
}

/** Difference of the last two points of the window. Null under two points. */
export function idelta(points: readonly Point[], window: Window): number | null {
  const pair = lastTwo(pointsIn(points, window));
  return pair === null ? null : pair[1].value - pair[0].value;
}

/** How often a counter fell. Null without points. */
export function resets(points: readonly Point[], window: Window): number | null {
  return countPairs(pointsIn(points, window), (before, value) => value < before);
}

/** How often the value was another than the one before; NaN after NaN is no change. Null without points. */
export function changes(points: readonly Point[], window: Window): number | null {
  return countPairs(
    pointsIn(points, window),
    (before, value) => value !== before && !(Number.isNaN(value) && Number.isNaN(before)),
  );
}

/** The growth between first and last point, stretched to the borders of the window where the series seems to reach them. */
function extrapolated(points: readonly Point[], window: Window, kind: 'counter' | 'gauge'): number | null {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined || points.length < 2) return null;
  const grown = last.value - first.value + (kind === 'counter' ? lostToResets(points) : 0);

  const sampledMs = last.atMs - first.atMs;
  const distanceMs = sampledMs / (points.length - 1);
  const reach = (borderMs: number) => (borderMs >= distanceMs * BORDER_REACH ? distanceMs / 2 : borderMs);
  let beforeMs = reach(first.atMs - window.fromMs);
  // A counter was never below 0: no further back than where its line would meet it.
  if (kind === 'counter' && grown > 0 && first.value >= 0)
    beforeMs = Math.min(beforeMs, sampledMs * (first.value / grown));
  const afterMs = reach(window.toMs - last.atMs);
  return grown * ((sampledMs + beforeMs + afterMs) / sampledMs);
}

function lostToResets(points: readonly Point[]): number {
  let lost = 0;
  let before = points[0]?.value ?? 0;
  for (const { value } of points) {
    if (value < before) lost += before;
    before = value;
  }
  return lost;
}

function lastTwo(points: readonly Point[]): readonly [Point, Point] | null {
  const before = points.at(-2);
  const last = points.at(-1);
  return before === undefined || last === undefined ? null : [before, last];
}

function countPairs(
  points: readonly Point[],
  counts: (before: number, value: number) => boolean,
): number | null {
  let before = points[0]?.value;
  if (before === undefined) return null;
  let count = 0;
  for (const { value } of points) {
    if (counts(before, value)) count += 1;
    before = value;
  }
  return count;
}
