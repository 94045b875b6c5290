/** The metric store in plain maps, for tests and the simulator: same contract, nothing on disk. */
import { metricDefinition } from '@muster/shared/metrics/catalogue.ts';
import { invariant } from '@muster/shared/invariant.ts';
import { HOUR_MS, type Millis } from '@muster/shared/time.ts';
import { Buckets, addSamples } from '../../metrics/buckets.ts';
import { DeliveryMarks } from '../../metrics/delivery-marks.ts';
import { NO_DURATION } from '../../metrics/durations.ts';
import { planRange } from '../../metrics/range-plan.ts';
import { bucketPoints, samplePoints } from '../../metrics/range-points.ts';
import { toRates } from '../../metrics/rates.ts';
import { SampleList } from '../../metrics/sample-list.ts';
import type {
  LatestSample,
  MetricPace,
  MetricStore,
  RangePoints,
  SeriesId,
  SeriesIdentity,
} from '../../metrics/store.ts';
import { Throughput } from '../../metrics/throughput.ts';
import { RAW_RETENTION_MS, TIERS } from '../../metrics/tiers.ts';
import { Histogram, histogramScale } from '../engine/histogram.ts';

interface Series {
  readonly identity: SeriesIdentity;
  readonly samples: SampleList;
  readonly times: Set<number>;
}

const RATE_SAMPLES = 4;
const LONGEST_RETENTION_MS = Math.max(...TIERS.map((tier) => tier.retentionMs));

export function createMemoryMetricStore(): MetricStore {
  const all: Series[] = [];
  const byCi = new Map<string, Series[]>();
  const ids = new Map<string, number>();
  const marks = new DeliveryMarks();
  const throughput = new Throughput();
  const totals = { samples: 0, duplicates: 0, late: 0, refused: 0 };
  const pace = (nowMs: Millis): MetricPace => ({
    samplesTotal: totals.samples,
    samplesPerSecond: throughput.perSecond(nowMs),
  });
  let closed = false;

  const seriesOf = (ciId: string): readonly Series[] => byCi.get(ciId) ?? [];
  const latestOf = (series: readonly Series[]) => series.flatMap((one) => latestSample(one) ?? []);

  function store(id: number, atMs: number, value: number, nowMs: number): void {
    const series = all[id];
    invariant(series !== undefined, `series ${id} was resolved`);
    if (atMs < nowMs - RAW_RETENTION_MS) totals.refused += 1;
    else if (series.times.has(atMs)) totals.duplicates += 1;
    else {
      const { samples } = series;
      if (samples.length > 0 && atMs < (samples.times[samples.length - 1] as number)) totals.late += 1;
      series.times.add(atMs);
      samples.push(atMs, value);
      samples.settle();
      totals.samples += 1;
      throughput.add(nowMs, 1);
    }
  }

  function keyOf({ ciId, metric, instance }: SeriesIdentity): string {
    return JSON.stringify([ciId, metric, instance]);
  }

  function resolve(identity: SeriesIdentity): SeriesId {
    const key = keyOf(identity);
    const known = ids.get(key);
    if (known !== undefined) return known;
    const id = all.length;
    ids.set(key, id);
    const series = { identity: { ...identity }, samples: new SampleList(), times: new Set<number>() };
    all.push(series);
    const ofCi = byCi.get(identity.ciId);
    if (ofCi === undefined) byCi.set(identity.ciId, [series]);
    else ofCi.push(series);
    return id;
  }

  return {
    resolve,
    resolveWithin(identity, perMachineMax) {
      const isNew = !ids.has(keyOf(identity));
      return isNew && seriesOf(identity.ciId).length >= perMachineMax ? null : resolve(identity);
    },
    identity(id) {
      const series = all[id];
      invariant(series !== undefined, `series ${id} was resolved`);
      return series.identity;
    },
    async append(delivery, ticks, nowMs) {
      invariant(!closed, 'the metric store is open');
      for (const tick of ticks) {
        invariant(tick.series.length === tick.values.length, 'a tick has one value per series');
        for (let i = 0; i < tick.series.length; i++) {
          store(tick.series[i] as number, tick.atMs, tick.values[i] as number, nowMs);
        }
      }
      marks.record(delivery);
    },
    delivered: (agentId, epoch) => marks.delivered(agentId, epoch),
    latest: (ciId) => latestOf(seriesOf(ciId)),
    top(metric, n, sinceMs, only = () => true) {
      const shown = ({ value, rate }: LatestSample) =>
        metricDefinition(metric).kind === 'counter' ? (rate ?? Number.NaN) : value;
      return latestOf(all.filter(({ identity }) => identity.metric === metric && only(identity.ciId)))
        .filter((sample) => sample.atMs >= sinceMs && Number.isFinite(shown(sample)))
        .sort((a, b) => shown(b) - shown(a))
        .slice(0, n);
    },
    latestOfMetric: (metric) => latestOf(all.filter(({ identity }) => identity.metric === metric)),
    bornAtMs: () => Number.NEGATIVE_INFINITY,
    async range(query, nowMs) {
      const wanted = seriesOf(query.ciId)
        .filter(({ identity }) => identity.metric === query.metric)
        .filter(({ identity }) => query.instance === undefined || identity.instance === query.instance);
      const kind = metricDefinition(query.metric).kind;
      const plan = planRange(query, nowMs);
      const plain = wanted.map(({ samples }) => samplePoints(samples, kind, query.fromMs, query.toMs));
      const few = plan.tier === 'raw' && plain.every(({ times }) => times.length <= query.points);
      const widthMs = TIERS.find(({ tier }) => tier === plan.tier)?.widthMs || plan.stepMs;
      const joined = (samples: SampleList) => {
        const fine = new Buckets(widthMs);
        addSamples(fine, samples, kind, plan.fromMs, plan.toMs);
        const coarse = new Buckets(plan.stepMs);
        coarse.addAll(fine, plan.fromMs, plan.toMs);
        return bucketPoints(coarse);
      };
      const series = wanted.map(({ identity, samples }, index) => ({
        instance: identity.instance,
        tier: plan.tier,
        points: few ? (plain[index] as RangePoints) : joined(samples),
      }));
      return {
        stepMs: few ? 0 : plan.stepMs,
        series: series.filter(({ points }) => points.times.length > 0),
      };
    },
    async quantiles(query, shares) {
      const scale = histogramScale(query.metric);
      if (scale === undefined) return [];
      const fromMs = Math.floor(query.fromMs / HOUR_MS) * HOUR_MS;
      const toMs = Math.ceil(query.toMs / HOUR_MS) * HOUR_MS;
      return seriesOf(query.ciId).flatMap(({ identity, samples }) => {
        const { metric, instance } = identity;
        if (metric !== query.metric || (query.instance ?? instance) !== instance) return [];
        const shown = scale === 'log' ? toRates(samples).rates : samples;
        const histogram = new Histogram(scale);
        histogram.addAll(shown.values, shown.lowerBound(fromMs), shown.lowerBound(toMs));
        if (histogram.count === 0) return [];
        const values = shares.map((share) => histogram.quantile(share) ?? Number.NaN);
        return [{ instance, count: histogram.count, values }];
      });
    },
    async maintain(nowMs) {
      for (const series of all) forget(series, nowMs - LONGEST_RETENTION_MS);
    },
    pace,
    stats: (nowMs) => ({
      ...pace(nowMs),
      seriesCount: all.length,
      duplicatesTotal: totals.duplicates,
      lateTotal: totals.late,
      refusedTotal: totals.refused,
      headBytes: 0,
      journalBytes: 0,
      journalAgeMs: null,
      pendingWindows: 0,
      chunkBytes: 0,
      partitions: [],
      bytesMax: null,
      droppedBytesTotal: 0,
      dropped: [],
      durations: { commit: NO_DURATION, sync: NO_DURATION, index: NO_DURATION, settle: NO_DURATION },
      waiting: [],
      corruptions: [],
    }),
    async backup() {},
    async close() {
      closed = true;
    },
  };
}

function latestSample({ identity, samples }: Series): LatestSample | undefined {
  const { length } = samples;
  if (length === 0) return undefined;
  const atMs = samples.times[length - 1] as number;
  const value = samples.values[length - 1] as number;
  if (metricDefinition(identity.metric).kind === 'gauge') return { identity, atMs, value, rate: null };
  const recent = new SampleList();
  for (let i = Math.max(0, length - RATE_SAMPLES); i < length; i++) {
    recent.push(samples.times[i] as number, samples.values[i] as number);
  }
  const { rates } = toRates(recent);
  const current = rates.length > 0 && rates.times[rates.length - 1] === atMs;
  return { identity, atMs, value, rate: current ? (rates.values[rates.length - 1] as number) : null };
}

/** Drops samples before `beforeMs`, except the newest, which `latest` shows. */
function forget({ samples, times }: Series, beforeMs: number): void {
  const drop = Math.min(samples.lowerBound(beforeMs), samples.length - 1);
  if (drop <= 0) return;
  for (let i = 0; i < drop; i++) times.delete(samples.times[i] as number);
  samples.times.copyWithin(0, drop, samples.length);
  samples.values.copyWithin(0, drop, samples.length);
  samples.length -= drop;
}
