/** Highest consumers: by the latest value, or by the mean over a range. */
import { type MetricName, metricDefinition } from '@muster/shared/metrics/catalogue.ts';
import { HOUR_MS, type Millis } from '@muster/shared/time.ts';
import type { CiEntry } from '../cmdb/directory.ts';
import { instanceMatcher } from './instance-matcher.ts';
import type { Pace } from './pace.ts';
import {
  type AskedRange,
  type InstanceFilter,
  type RangeReaderDeps,
  type ReadSeries,
  readRanges,
} from './range-reader.ts';
import type { LatestSample, MetricStore } from './store.ts';

/** A machine that has been silent longer is not among the highest consumers. */
const TOP_AGE_MS_MAX = HOUR_MS;
/** A mean is made of so many points at the most. */
const MEAN_POINTS = 100;

export interface Consumer {
  readonly ciId: string;
  readonly instance: string;
  readonly value: number;
  readonly atMs: Millis;
}

/** Highest first; those of `only`. */
export function highestNow(
  store: Pick<MetricStore, 'top' | 'latestOfMetric'>,
  metric: MetricName,
  n: number,
  nowMs: Millis,
  filter: InstanceFilter,
  only: (ciId: string) => boolean,
): readonly Consumer[] {
  const sinceMs = nowMs - TOP_AGE_MS_MAX;
  if (filter.instance === undefined && filter.instancePattern === undefined)
    return store.top(metric, n, sinceMs, only).flatMap((sample) => consumerOf(sample) ?? []);
  const matches = matcherOf(filter);
  return store
    .latestOfMetric(metric)
    .filter(({ atMs, identity }) => atMs >= sinceMs && matches(identity.instance))
    .filter(({ identity }) => only(identity.ciId))
    .flatMap((sample) => consumerOf(sample) ?? [])
    .sort((a, b) => b.value - a.value)
    .slice(0, n);
}

/** Highest mean first. Points at the ends of the range count where they lie wholly within it. */
export async function highestMean(
  cis: Iterable<CiEntry>,
  n: number,
  asked: Omit<AskedRange, 'points'>,
  nowMs: Millis,
  reader: RangeReaderDeps,
  pace: Pace,
): Promise<readonly Consumer[]> {
  const range = { ...asked, points: MEAN_POINTS };
  const means: Consumer[] = [];
  for (const { id } of cis) {
    for await (const one of readRanges(id, range, nowMs, reader, pace)) {
      const mean = meanOf(one, asked);
      if (mean !== undefined) means.push({ ciId: id, instance: one.instance, ...mean });
    }
    await pace.step();
  }
  return means.sort((a, b) => b.value - a.value).slice(0, n);
}

/** Undefined where there is nothing to show: a counter without a rate yet, a value that is not a number. */
export function shownValue({ identity, value, rate }: LatestSample): number | undefined {
  const shown = metricDefinition(identity.metric).kind === 'counter' ? rate : value;
  return shown !== null && Number.isFinite(shown) ? shown : undefined;
}

function consumerOf(sample: LatestSample): Consumer | undefined {
  const value = shownValue(sample);
  const { ciId, instance } = sample.identity;
  return value === undefined ? undefined : { ciId, instance, value, atMs: sample.atMs };
}

function matcherOf({ instance, instancePattern }: InstanceFilter): (instance: string) => boolean {
  return instance === undefined ? instanceMatcher(instancePattern ?? null) : (one) => one === instance;
}

function meanOf(
  { points: { times, averages }, stepMs }: ReadSeries,
  { fromMs, toMs }: { fromMs: Millis; toMs: Millis },
): { value: number; atMs: Millis } | undefined {
  const all = [...times.keys()];
  const inside = all.filter((i) => (times[i] as number) >= fromMs && (times[i] as number) + stepMs <= toMs);
  const counted = inside.length > 0 ? inside : all;
  const last = counted.at(-1);
  if (last === undefined) return undefined;
  const value = counted.reduce((sum, i) => sum + (averages[i] as number), 0) / counted.length;
  return { value, atMs: times[last] as number };
}
