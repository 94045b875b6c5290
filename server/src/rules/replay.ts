/** Catches one watch up with stored samples that no engine has seen: between its last write and a crash. */
import { invariant } from '@muster/shared/invariant.ts';
import { isMetricName } from '@muster/shared/metrics/catalogue.ts';
import type { Millis } from '@muster/shared/time.ts';
import { pointRows } from '../metrics/range-points.ts';
import type { MetricStore, RangeQuery, RangeSeries } from '../metrics/store.ts';
import { evaluate } from './evaluate.ts';
import type { Track } from './evaluate.ts';
import type { Watch } from './series-watch.ts';
import { coveredMs } from './signals/covered.ts';
import type { PointTimes } from './signals/covered.ts';

/** A day at ten seconds: no hold is longer. */
const POINTS_MAX = 10_000;

interface Caught {
  readonly tracks: readonly Track[];
  readonly lastAtMs: Millis;
  readonly lastValue: number | null;
}

/** Late by definition: the samples lengthen and break runs, and raise and clear nothing. */
export async function replay(
  metrics: Pick<MetricStore, 'range'>,
  watch: Watch,
  options: { gapMs: Millis; floorAgeMsMax: Millis; nowMs: Millis },
): Promise<Caught> {
  const { condition } = watch.threshold;
  const { gapMs, floorAgeMsMax, nowMs } = options;
  // Older samples cannot be part of a run that still decides anything.
  const fromMs = Math.max(
    watch.lastAtMs + 1,
    nowMs - Math.max(condition.forMs, condition.keepForMs) - 2 * gapMs,
  );
  const points = await pointsOf(metrics, watch, condition.metric, fromMs, nowMs);
  const floors = condition.floor
    ? await pointsOf(metrics, watch, condition.floor.metric, fromMs - floorAgeMsMax, nowMs)
    : [];
  let { tracks, lastAtMs, lastValue } = watch;
  let floorAt = -1;
  for (const [atMs, value] of points) {
    while ((floors[floorAt + 1]?.[0] ?? Infinity) <= atMs) floorAt += 1;
    const floor = floors[floorAt];
    tracks = evaluate(condition, tracks, {
      atMs,
      value,
      floor: floor && atMs - floor[0] <= floorAgeMsMax ? floor[1] : null,
      fresh: false,
      afterGap: atMs - lastAtMs > gapMs,
    });
    lastAtMs = atMs;
    lastValue = value;
  }
  return { tracks, lastAtMs, lastValue };
}

export interface PastPoint {
  readonly atMs: Millis;
  readonly value: number;
  /** The time that it stands for. NaN where there is none. */
  readonly sinceMs: number;
  readonly afterGap: boolean;
}

/** Narrower points are not asked for: a signal cuts long windows into buckets anyway. */
const HISTORY_POINTS_MAX = 10_000;

/** Asks for what a signal must be told so that it knows all that it would know had it listened, of all instances; null: nothing. */
export function historyQuery({ signal, threshold, ciId, lastAtMs }: Watch, nowMs: Millis): RangeQuery | null {
  const { metric } = threshold.condition;
  invariant(isMetricName(metric), 'rules name metrics of the catalogue');
  if (signal === null) return null;
  const startMs = Math.min(nowMs, lastAtMs === -Infinity ? nowMs : lastAtMs);
  const fromMs = startMs - signal.historyMs;
  const spanMs = nowMs + 1 - fromMs;
  const points =
    signal.historyStepMs === 0
      ? HISTORY_POINTS_MAX
      : Math.min(HISTORY_POINTS_MAX, Math.ceil(spanMs / signal.historyStepMs));
  return { ciId, metric, fromMs, toMs: nowMs + 1, points };
}

/** What came of that question for a series, ascending. */
export function pastPoints(
  series: RangeSeries | undefined,
  { isCounter, stepMs, gapMs, intervalMs }: PointTimes,
  nowMs: Millis,
): readonly PastPoint[] {
  if (series === undefined) return [];
  const { times, averages } = series.points;
  let beforeMs = -Infinity;
  return Array.from(times, (startOfMs, i) => {
    // A bucket's average stands at its end, when it was known.
    const atMs = stepMs === 0 ? startOfMs : Math.min(startOfMs + stepMs - 1, nowMs);
    const distanceMs = atMs - beforeMs;
    const sinceMs = coveredMs(distanceMs, { isCounter, stepMs, gapMs, intervalMs });
    const afterGap = distanceMs > Math.max(gapMs, stepMs) && beforeMs !== -Infinity;
    beforeMs = atMs;
    return { atMs, value: averages[i] as number, sinceMs, afterGap };
  });
}

async function pointsOf(
  metrics: Pick<MetricStore, 'range'>,
  watch: Watch,
  metric: string,
  fromMs: Millis,
  nowMs: Millis,
): Promise<readonly (readonly [Millis, number])[]> {
  invariant(isMetricName(metric), 'rules name metrics of the catalogue');
  const { ciId, instance } = watch;
  const query = { ciId, metric, instance, fromMs, toMs: nowMs + 1, points: POINTS_MAX };
  const { stepMs, series } = await metrics.range(query, nowMs);
  // Averages are no samples.
  if (stepMs !== 0) return [];
  return rowsOf(series).map((point) => [point[0] ?? 0, point[1] ?? Number.NaN] as const);
}

function rowsOf([first]: readonly RangeSeries[]): number[][] {
  return first === undefined ? [] : pointRows(first.points);
}
