/** Reads the ranges of machines, one series after the other, in pieces that do not hold others up. */
import { INTERVAL_MS_DEFAULT } from '@muster/shared/wire/limits.ts';
import { type MetricName, metricDefinition } from '@muster/shared/metrics/catalogue.ts';
import type { Millis } from '@muster/shared/time.ts';
import { instanceMatcher } from './instance-matcher.ts';
import { joinedRanges } from './joined-ranges.ts';
import type { Pace } from './pace.ts';
import { planRange } from './range-plan.ts';
import type { MetricStore, RangePoints, RangeResult, Tier } from './store.ts';
import { TIERS } from './tiers.ts';

/** Points read in one piece: some milliseconds. */
const PIECE_POINTS_MAX = 200_000;

export interface InstanceFilter {
  /** Exactly this one. */
  readonly instance?: string | undefined;
  /** All that fit. */
  readonly instancePattern?: string | undefined;
}

export interface AskedRange extends InstanceFilter {
  readonly metric: MetricName;
  /** Half-open: [fromMs, toMs). */
  readonly fromMs: Millis;
  readonly toMs: Millis;
  readonly points: number;
}

export interface ReadSeries {
  readonly instance: string;
  readonly tier: Tier;
  readonly stepMs: number;
  /** Finite ones only. */
  readonly points: RangePoints;
}

export interface RangeReaderDeps {
  readonly store: Pick<MetricStore, 'range' | 'latest'>;
  /** CIs that turned out to be this one. */
  readonly mergedIn: (ciId: string) => readonly string[];
}

/** The series of one machine under all ids that it ever had; returns the widest step. */
export async function* readRanges(
  ciId: string,
  asked: AskedRange,
  nowMs: Millis,
  { store, mergedIn }: RangeReaderDeps,
  pace: Pace,
): AsyncGenerator<ReadSeries, number> {
  const ids = [ciId, ...mergedIn(ciId)];
  const { metric, fromMs, toMs, points } = asked;
  let stepMs = 0;
  for (const instance of piecesOf(ids, asked, nowMs, store)) {
    const only = instance === undefined ? {} : { instance };
    const read = (id: string) => store.range({ ciId: id, metric, fromMs, toMs, points, ...only }, nowMs);
    const result = await readJoined(ids, read);
    stepMs = Math.max(stepMs, result.stepMs);
    for (const one of result.series) {
      const finite = finitePoints(one.points);
      if (finite.times.length > 0) yield { ...one, stepMs: result.stepMs, points: finite };
    }
    await pace.step();
  }
  return stepMs;
}

async function readJoined(
  ids: readonly string[],
  read: (id: string) => Promise<RangeResult>,
): Promise<RangeResult> {
  const [own, ...former] = await Promise.all(ids.map(read));
  return joinedRanges(own as RangeResult, former);
}

/** The instances to ask for one by one; undefined: all at once, which reads what several of them share only once. */
function piecesOf(
  ids: readonly string[],
  asked: AskedRange,
  nowMs: Millis,
  store: Pick<MetricStore, 'latest'>,
): readonly (string | undefined)[] {
  const { metric, instance, instancePattern } = asked;
  if (instance !== undefined) return [instance];
  if (metricDefinition(metric).instance === 'none' && instancePattern === undefined) return [undefined];
  const matches = instanceMatcher(instancePattern ?? null);
  const all = new Set(
    ids.flatMap((id) =>
      store.latest(id).flatMap(({ identity }) => (identity.metric === metric ? identity.instance : [])),
    ),
  );
  const wanted = [...all].filter(matches);
  const few = wanted.length * pointsPerSeries(asked, nowMs) <= PIECE_POINTS_MAX;
  return few && wanted.length === all.size ? [undefined] : wanted;
}

/** Points that are read to answer for one series. */
function pointsPerSeries({ fromMs, toMs, points }: AskedRange, nowMs: Millis): number {
  const { tier } = planRange({ fromMs, toMs, points }, nowMs);
  const widthMs = TIERS.find((one) => one.tier === tier)?.widthMs || INTERVAL_MS_DEFAULT;
  return (toMs - fromMs) / widthMs;
}

/** The same points where all are finite. */
export function finitePoints(points: RangePoints): RangePoints {
  const { times, averages, mins, maxs } = points;
  if (areFinite(averages)) return points;
  const kept = times.map((_, i) => i).filter((i) => Number.isFinite(averages[i]));
  const column = (values: Float64Array) => kept.map((i) => values[i] as number);
  const plain = { times: column(times), averages: column(averages) };
  return mins === undefined || maxs === undefined
    ? plain
    : { ...plain, mins: column(mins), maxs: column(maxs) };
}

/** A call for each of ten thousand values would be felt. */
function areFinite(values: Float64Array): boolean {
  for (const value of values) if (value - value !== 0) return false;
  return true;
}
