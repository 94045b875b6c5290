/** Stored samples and the seconds that came while somebody watched, as one line. Pure. */
import type { Millis } from '@muster/shared/time.ts';
import { columnsOf, type Point, type PointColumns, tripleAt } from '../../charts/columns.ts';

/**
 * Seconds stand in the place of the stored samples of their time; elsewhere history is as it is. Both in order of
 * time; only what lies up to `untilMs` of `live` is taken. `reachMs`: a stored sample this near to a second is the same.
 */
export function mergeLive(
  history: PointColumns,
  live: readonly Point[],
  untilMs: Millis,
  reachMs: number,
): PointColumns {
  const merged: Point[] = [];
  let next = 0;
  const seconds = live.filter(([at = 0]) => at <= untilMs);
  history.times.forEach((at, index) => {
    for (; next < seconds.length && (seconds[next]?.[0] ?? 0) <= at; next++)
      merged.push(seconds[next] as Point);
    const before = seconds[next - 1]?.[0] ?? Number.NEGATIVE_INFINITY;
    const after = seconds[next]?.[0] ?? Number.POSITIVE_INFINITY;
    if (at - before <= reachMs || after - at <= reachMs) return;
    merged.push(history.mins ? [at, ...tripleAt(history, index)] : [at, history.averages[index] ?? 0]);
  });
  merged.push(...seconds.slice(next));
  return columnsOf(merged);
}
