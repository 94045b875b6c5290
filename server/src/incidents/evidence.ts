/** Gathers what a person needs to see of a breach, when it happens, so that it stays true when the machine changes later. */
import type { Evidence } from '@muster/shared/api/incidents.ts';
import {
  isMetricName,
  METRIC_NAMES,
  metricDefinition,
  shownUnit,
  type MetricName,
} from '@muster/shared/metrics/catalogue.ts';
import { DAY_MS, MINUTE_MS, toIso, type Millis } from '@muster/shared/time.ts';
import type { AgentEvent } from '@muster/shared/wire/frame-bodies.ts';
import { TOP_PROCESSES_MAX } from '@muster/shared/wire/limits.ts';
import { pointRows } from '../metrics/range-points.ts';
import type { MetricStore, RangeResult } from '../metrics/store.ts';
import { causeFamily } from './cause.ts';

/** Stored history shown before and, once it has passed, after the breach. */
export const EVIDENCE_BEFORE_MS = 15 * MINUTE_MS;
export const CHANGES_BEFORE_MS = 7 * DAY_MS;
const CHANGES_MAX = 50;
/** One point per regular interval over half an hour, with room. */
const POINTS = 240;

/** Beside the breached metric, the likely drivers: what a person looks at next. */
const COMPANIONS: Readonly<Record<string, readonly MetricName[]>> = {
  cpu: ['cpu.iowait', 'load.1m', 'pressure.cpu.some'],
  load: ['cpu.utilisation', 'pressure.io.some'],
  memory: ['swap.utilisation', 'pressure.memory.some'],
  swap: ['memory.utilisation', 'pressure.memory.some'],
  pressure: ['cpu.utilisation', 'memory.utilisation', 'disk.utilisation'],
  filesystem: ['disk.written', 'disk.utilisation'],
  disk: ['disk.await', 'pressure.io.some'],
};
const AT_SILENCE: readonly MetricName[] = ['cpu.utilisation', 'memory.utilisation', 'pressure.io.some'];

export interface EvidenceRequest {
  readonly ciId: string;
  /** null: the machine fell silent. */
  readonly metric: string | null;
  readonly instance: string;
  readonly breachedAtMs: Millis;
  /** End of the charts. */
  readonly untilMs: Millis;
  readonly nowMs: Millis;
}

export interface EvidenceSources {
  readonly metrics: Pick<MetricStore, 'range'>;
  readonly changesOf: (
    ciId: string,
    fromMs: Millis,
    toMs: Millis,
    limit: number,
  ) => Promise<Evidence['changes']>;
  readonly presenceOf: (ciId: string) => Evidence['presence'];
}

export async function gatherEvidence(request: EvidenceRequest, sources: EvidenceSources): Promise<Evidence> {
  const { ciId, metric, instance, breachedAtMs, untilMs, nowMs } = request;
  const fromMs = breachedAtMs - EVIDENCE_BEFORE_MS;
  const names =
    metric !== null && isMetricName(metric)
      ? [metric, ...(COMPANIONS[metric.split('.')[0] ?? ''] ?? [])]
      : AT_SILENCE;
  const series: Evidence['series'] = [];
  for (const name of new Set(names)) {
    const only = name === metric && instance !== '' ? { instance } : {};
    const result = await sources.metrics.range(
      { ciId, metric: name, fromMs, toMs: untilMs + 1, points: POINTS, ...only },
      nowMs,
    );
    if (result.series.length > 0)
      series.push({ metric: name, unit: shownUnit(name), source: 'stored', data: dataOf(result) });
  }
  return {
    capturedAt: toIso(nowMs),
    series,
    topProcesses: null,
    changes: await sources.changesOf(ciId, breachedAtMs - CHANGES_BEFORE_MS, nowMs + 1, CHANGES_MAX),
    presence: sources.presenceOf(ciId),
    scene: null,
  };
}

/** The agent's own recording is denser: it replaces stored series of the same metric and adds the processes of the moment. */
export function withFlight(
  evidence: Evidence,
  flight: Extract<AgentEvent, { type: 'flight' }>,
  breachedMetric: string | null,
): Evidence {
  const recorded = new Map<string, Evidence['series'][number]>();
  for (const name of METRIC_NAMES) {
    const data = flight.series
      .filter((one) => one.metric === name)
      .map((one) => ({
        instance: one.instance,
        tier: 'raw' as const,
        points: pointsOf(name, flight.timesMs, one.values),
      }));
    const filled = data.filter(({ points }) => points.length > 0);
    if (filled.length > 0)
      recorded.set(name, { metric: name, unit: shownUnit(name), source: 'flight', data: filled });
  }
  // What was stored reaches further back than the recording: both are kept, the stored one first.
  const wanted = evidence.series.map(({ metric }) => metric);
  const flights = [...recorded.values()].filter(
    ({ metric }) => wanted.includes(metric) || metric === breachedMetric,
  );
  return {
    ...evidence,
    series: [...evidence.series.filter(({ source }) => source === 'stored'), ...flights],
    topProcesses:
      flight.topProcesses.length > 0
        ? { at: toIso(flight.atMs), items: heaviestFirst(flight.topProcesses, breachedMetric) }
        : evidence.topProcesses,
  };
}

type Process = NonNullable<Evidence['topProcesses']>['items'][number];

/** By what was breached: memory by memory, storage by what is read and written, anything else by CPU. */
export function heaviestFirst(processes: readonly Process[], metric: string | null): Process[] {
  const family = causeFamily(metric ?? '');
  const weight: (process: Process) => number =
    family === 'memory'
      ? ({ residentBytes }) => residentBytes
      : STORAGE.has(family)
        ? ({ readBytesPerSecond, writtenBytesPerSecond }) =>
            (readBytesPerSecond ?? 0) + (writtenBytesPerSecond ?? 0)
        : ({ cpuPercent }) => cpuPercent;
  return processes
    .toSorted((a, b) => weight(b) - weight(a) || b.residentBytes - a.residentBytes)
    .slice(0, TOP_PROCESSES_MAX);
}

const STORAGE: ReadonlySet<string> = new Set(['disk', 'filesystem', 'io']);

/** Counters of a recording become rates; a fall is a reset and gives no point. */
function pointsOf(
  metric: MetricName,
  timesMs: readonly Millis[],
  values: readonly (number | null)[],
): number[][] {
  const points: number[][] = [];
  const counter = metricDefinition(metric).kind === 'counter';
  let before: { atMs: Millis; value: number } | null = null;
  for (const [i, value] of values.entries()) {
    const atMs = timesMs[i];
    if (value === null || atMs === undefined) {
      before = null;
      continue;
    }
    if (!counter) points.push([atMs, value]);
    else if (before && value >= before.value && atMs > before.atMs)
      points.push([atMs, ((value - before.value) * 1_000) / (atMs - before.atMs)]);
    before = { atMs, value };
  }
  return points;
}

function dataOf(result: RangeResult): Evidence['series'][number]['data'] {
  return result.series.map(({ instance, tier, points }) => ({
    instance,
    tier,
    points: pointRows(points),
  }));
}
