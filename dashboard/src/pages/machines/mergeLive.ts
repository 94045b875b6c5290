/** Stored samples and the seconds that came while somebody watched, as one line. Pure. */
import type { Millis } from '@muster/shared/time.ts';
import type { Point } from '../../charts/data.ts';

/**
 * Seconds stand in the place of the stored samples of their time; elsewhere history is as it is. Both in order of
 * time; only what lies up to `untilMs` of `live` is taken. `reachMs`: a stored sample this near to a second is the same.
 */
export function mergeLive(
  history: readonly Point[],
  live: readonly Point[],
  untilMs: Millis,
  reachMs: number,
): Point[] {
  const merged: Point[] = [];
  let next = 0;
  const seconds = live.filter(([at = 0]) => at <= untilMs);
  for (const point of history) {
    const [at = 0] = point;
    for (; next < seconds.length && (seconds[next]?.[0] ?? 0) <= at; next++)
      merged.push(seconds[next] as Point);
    const before = seconds[next - 1]?.[0] ?? Number.NEGATIVE_INFINITY;
    const after = seconds[next]?.[0] ?? Number.POSITIVE_INFINITY;
    if (at - before > reachMs && after - at > reachMs) merged.push(point);
  }
  merged.push(...seconds.slice(next));
  return merged;
}
