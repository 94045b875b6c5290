/** Endpoints of the metrics slice: catalogue, latest values, ranges, highest consumers, top processes. */
import type { z } from 'zod';
import { GROUPED_MACHINES_MAX, metricsEndpoints, RANGE_STREAM_TYPE } from '@muster/shared/api/metrics.ts';
import {
  defaultIntervalMs,
  isMetricName,
  METRIC_NAMES,
  type MetricName,
  metricDefinition,
  metricRollup,
  shownUnit,
} from '@muster/shared/metrics/catalogue.ts';
import { isGone } from '@muster/shared/presence/state.ts';
import { type Millis, toIso } from '@muster/shared/time.ts';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import { AppError } from '../errors.ts';
import { ByteAnswer } from '../http/byte-answer.ts';
import type { ByteRoutes } from '../http/routes.ts';
import { highestMean, highestNow, shownValue } from './highest.ts';
import { joinedLatest } from './joined-ranges.ts';
import { Pace } from './pace.ts';
import { seriesOfGroups, seriesOfMachines } from './range-answers.ts';
import { ColumnForm, JsonForm, writtenRanges } from './range-writer.ts';
import type { InstanceFilter } from './range-reader.ts';
import type { LatestSample, MetricStore } from './store.ts';

/** Top processes of a machine as it last reported them. */
export type ProcessesReport = z.input<typeof metricsEndpoints.topProcesses.response>;

interface MetricsRouteDeps {
  readonly store: MetricStore;
  readonly ciDirectory: CiDirectory;
  /** CIs that turned out to be this one. */
  readonly mergedIn: (ciId: string) => readonly string[];
  /** Its agent was taken off the machine: what it sent last is past. */
  readonly isUninstalled: (ciId: string) => boolean;
  /** Undefined while the machine has not reported any. */
  readonly processes: (ciId: string) => ProcessesReport | undefined;
  /** How often the agent of this machine reads samples. */
  readonly intervalMsOf: (ciId: string) => Millis;
  /** Gives way to what waits. */
  readonly pause: () => Promise<void>;
  readonly monotonicMs: () => number;
}

/** How far the middle of a histogram's bucket may be from what it stands for. */
const PERCENTAGE_WITHIN = { value: 1, unit: 'points' } as const;
const RATE_WITHIN = { value: 5, unit: '%' } as const;

export function addMetricsRoutes(
  routes: ByteRoutes,
  {
    store,
    ciDirectory,
    mergedIn,
    isUninstalled,
    processes,
    intervalMsOf,
    pause,
    monotonicMs,
  }: MetricsRouteDeps,
): void {
  const reader = { store, mergedIn };
  const paceOf = (signal: AbortSignal) => new Pace(signal, pause, monotonicMs);

  routes.add(metricsEndpoints.metricCatalogue, async () => ({ items: METRIC_NAMES.map(catalogueEntry) }));

  routes.add(metricsEndpoints.latestMetrics, async ({ params }) => {
    const ci = machine(ciDirectory, params.id);
    const isoOf = lastIso();
    return {
      items: joinedLatest([ci.id, ...mergedIn(ci.id)].flatMap((id) => [...store.latest(id)])).flatMap(
        (sample) => latestValue(sample, isoOf) ?? [],
      ),
    };
  });

  routes.addBytes(metricsEndpoints.metricRange, async ({ query }, { nowMs, signal }, { accepts }) => {
    const metric = metricNamed(query.metric);
    const { points, instance, instancePattern, group, aggregate = 'avg' } = query;
    const asked = { metric, ...spanOf(query.from, query.to), points, instance, instancePattern };
    refuseUnless(
      query.ci !== undefined || group !== undefined,
      'ci',
      'Send `ci` once or more often, or `group`.',
    );
    refuseUnless(query.aggregate === undefined || group !== undefined, 'aggregate', 'It goes with `group`.');
    refuseUnless(isOneFilter(query), 'instancePattern', 'Send `instance` or `instancePattern`, not both.');
    const answering = { asked, nowMs, reader, pace: paceOf(signal) };
    const named = query.ci?.map((id) => machine(ciDirectory, id));
    const series =
      group === undefined
        ? seriesOfMachines(named ?? [], answering)
        : seriesOfGroups(named ?? allMachines(ciDirectory), { group, aggregate }, answering);
    const form = accepts(RANGE_STREAM_TYPE) ? new ColumnForm() : new JsonForm();
    return new ByteAnswer(form.mediaType, writtenRanges(series, shownUnit(metric), form));
  });

  routes.add(metricsEndpoints.metricQuantiles, async ({ query }) => {
    const metric = metricNamed(query.metric);
    const { kind, unit } = metricDefinition(metric);
    const isCounted = kind === 'counter' || unit === '%';
    refuseUnless(isCounted, 'metric', 'Only percentages and counters have quantiles.');
    const ci = machine(ciDirectory, query.ci);
    const only = query.instance === undefined ? {} : { instance: query.instance };
    const asked = { ciId: ci.id, metric, ...spanOf(query.from, query.to), ...only };
    const series = await store.quantiles(asked, query.q);
    return {
      unit: shownUnit(metric),
      tier: '1h',
      within: kind === 'counter' ? RATE_WITHIN : PERCENTAGE_WITHIN,
      q: query.q,
      series: series.map(({ instance, count, values }) => ({ instance, count, values: [...values] })),
    };
  });

  routes.add(metricsEndpoints.topMetrics, async ({ query }, context) => {
    const { nowMs } = context;
    const metric = metricNamed(query.metric);
    const { site, n, from, to, instance, instancePattern } = query;
    refuseUnless((from === undefined) === (to === undefined), 'to', 'Send `from` and `to`, or neither.');
    refuseUnless(isOneFilter(query), 'instancePattern', 'Send `instance` or `instancePattern`, not both.');
    const filter = { instance, instancePattern };
    const isAsked = ({ site: of, lifecycle }: Pick<CiEntry, 'site' | 'lifecycle'>) =>
      !isGone(lifecycle) && (site === undefined || (of ?? '') === site);
    const only = (ciId: string) =>
      isAsked(ciDirectory.get(ciId) ?? { site: null, lifecycle: 'in_use' }) && !isUninstalled(ciId);
    const highest =
      from === undefined || to === undefined
        ? highestNow(store, metric, n, nowMs, filter, only)
        : await highestMean(
            allMachines(ciDirectory).filter(isAsked),
            n,
            { metric, ...spanOf(from, to), ...filter },
            nowMs,
            reader,
            paceOf(context.signal),
          );
    const isoOf = lastIso();
    const items = highest.map(({ ciId, instance: of, value, atMs }) => {
      const ci = ciDirectory.get(ciId);
      return {
        ciId,
        ciName: ci?.name ?? ciId,
        ciClass: ci?.class ?? '',
        tags: ci?.tags.slice() ?? [],
        instance: of,
        value,
        at: isoOf(atMs),
        intervalMs: intervalMsOf(ciId),
      };
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
  const { keeps, ...rollup } = metricRollup(metric);
  return {
    metric,
    unit: shownUnit(metric),
    kind,
    decimals,
    instance,
    intervalMs: defaultIntervalMs(metric),
    rollup: { ...rollup, keeps: [...keeps] },
    title,
  };
}

function latestValue(sample: LatestSample, isoOf: (atMs: Millis) => string) {
  const value = shownValue(sample);
  if (value === undefined) return undefined;
  const { metric, instance } = sample.identity;
  return { metric, instance, value, unit: shownUnit(metric), at: isoOf(sample.atMs) };
}

/** Most samples are of the same time, and writing it costs more than the rest of an item. */
function lastIso(): (atMs: Millis) => string {
  let lastMs = Number.NaN;
  let text = '';
  return (atMs) => {
    if (atMs !== lastMs) text = toIso(atMs);
    lastMs = atMs;
    return text;
  };
}

/** Parameters that do not go together. */
function refuseUnless(isSo: boolean, name: string, message: string): void {
  if (isSo) return;
  const path = `query.${name}`;
  throw new AppError('input-invalid', `${path}: ${message}`, { issues: [{ path, message }] });
}

function isOneFilter({ instance, instancePattern }: InstanceFilter): boolean {
  return instance === undefined || instancePattern === undefined;
}

function spanOf(from: string, to: string): { fromMs: Millis; toMs: Millis } {
  const span = { fromMs: Date.parse(from), toMs: Date.parse(to) };
  if (!(span.fromMs < span.toMs)) throw new AppError('range-invalid', `from ${from} to ${to}`);
  return span;
}

function allMachines(directory: CiDirectory): readonly CiEntry[] {
  const all = [...directory.all()];
  if (all.length <= GROUPED_MACHINES_MAX) return all;
  throw new AppError(
    'question-too-large',
    `${all.length} machines; at most ${GROUPED_MACHINES_MAX} are read for one answer.`,
  );
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
