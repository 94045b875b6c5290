/** Endpoints of the metrics slice: catalogue, latest values, ranges, highest consumers, top processes. */
import type { z } from 'zod';
import { metricsEndpoints } from '@muster/shared/api/metrics.ts';
import {
  isMetricName,
  METRIC_NAMES,
  type MetricName,
  metricDefinition,
  shownUnit,
} from '@muster/shared/metrics/catalogue.ts';
import { HOUR_MS, toIso } from '@muster/shared/time.ts';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import { AppError } from '../errors.ts';
import type { Routes } from '../http/routes.ts';
import { joinedLatest, joinedRanges } from './joined-ranges.ts';
import { pointRows } from './range-points.ts';
import type { LatestSample, MetricStore } from './store.ts';

/** Top processes of a machine as it last reported them. */
export type ProcessesReport = z.input<typeof metricsEndpoints.topProcesses.response>;

interface MetricsRouteDeps {
  readonly store: MetricStore;
  readonly ciDirectory: CiDirectory;
  /** CIs that turned out to be this one. */
  readonly mergedIn: (ciId: string) => readonly string[];
  /** Undefined while the machine has not reported any. */
  readonly processes: (ciId: string) => ProcessesReport | undefined;
}

/** A machine that has been silent longer is not among the highest consumers. */
const TOP_AGE_MS_MAX = HOUR_MS;

export function addMetricsRoutes(
  routes: Routes,
  { store, ciDirectory, mergedIn, processes }: MetricsRouteDeps,
): void {
  routes.add(metricsEndpoints.metricCatalogue, async () => ({ items: METRIC_NAMES.map(catalogueEntry) }));

  routes.add(metricsEndpoints.latestMetrics, async ({ params }) => {
    const ci = machine(ciDirectory, params.id);
    return {
      items: joinedLatest([ci.id, ...mergedIn(ci.id)].flatMap((id) => [...store.latest(id)])).flatMap(
        (sample) => latestValue(sample) ?? [],
      ),
    };
  });

  routes.add(metricsEndpoints.metricRange, async ({ query }, { nowMs }) => {
    const metric = metricNamed(query.metric);
    const fromMs = Date.parse(query.from);
    const toMs = Date.parse(query.to);
    if (!(fromMs < toMs)) throw new AppError('range-invalid', `from ${query.from} to ${query.to}`);
    const ci = machine(ciDirectory, query.ci);
    const { points, instance } = query;
    const asked = { metric, fromMs, toMs, points, ...(instance === undefined ? {} : { instance }) };
    const rangeOf = (ciId: string) => store.range({ ...asked, ciId }, nowMs);
    const result = joinedRanges(await rangeOf(ci.id), await Promise.all(mergedIn(ci.id).map(rangeOf)));
    const series = result.series.map((one) => ({
      ...one,
      points: pointRows(one.points).filter((point) => point.every(Number.isFinite)),
    }));
    return { unit: shownUnit(metric), stepMs: result.stepMs, series };
  });

  routes.add(metricsEndpoints.topMetrics, async ({ query }, { nowMs }) => {
    const metric = metricNamed(query.metric);
    const { site } = query;
    const atSite = (ciId: string) => (ciDirectory.get(ciId)?.site ?? '') === site;
    const highest = store.top(
      metric,
      query.n,
      nowMs - TOP_AGE_MS_MAX,
      site === undefined ? undefined : atSite,
    );
    const items = highest.flatMap((sample) => {
      const { ciId, instance } = sample.identity;
      const value = shownValue(sample);
      if (value === undefined) return [];
      const ci = ciDirectory.get(ciId);
      return [
        {
          ciId,
          ciName: ci?.name ?? ciId,
          ciClass: ci?.class ?? '',
          tags: [...(ci?.tags ?? [])],
          instance,
          value,
          at: toIso(sample.atMs),
        },
      ];
    });
    return { unit: shownUnit(metric), items };
  });

  routes.add(metricsEndpoints.topProcesses, async ({ params }) => {
    const ci = machine(ciDirectory, params.id);
    return processes(ci.id) ?? { at: null, items: [] };
  });
}

function catalogueEntry(metric: MetricName) {
  const { kind, decimals, instance, title } = metricDefinition(metric);
  return { metric, unit: shownUnit(metric), kind, decimals, instance, title };
}

/** Undefined where there is nothing to show: a counter without a rate yet, a value that is not a number. */
function shownValue({ identity, value, rate }: LatestSample): number | undefined {
  const shown = metricDefinition(identity.metric).kind === 'counter' ? rate : value;
  return shown !== null && Number.isFinite(shown) ? shown : undefined;
}

function latestValue(sample: LatestSample) {
  const value = shownValue(sample);
  if (value === undefined) return undefined;
  const { metric, instance } = sample.identity;
  return { metric, instance, value, unit: shownUnit(metric), at: toIso(sample.atMs) };
}

function metricNamed(name: string): MetricName {
  if (!isMetricName(name)) throw new AppError('metric-unknown', `metric ${name}`);
  return name;
}

function machine(directory: CiDirectory, id: string): CiEntry {
  const ci = directory.get(id);
  if (ci === undefined) throw new AppError('not-found', `configuration item ${id}`);
  return ci;
}
