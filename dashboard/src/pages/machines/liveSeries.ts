/** History and live seconds of one machine, joined. */
import { queryOptions, useQueries, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { type MetricName, metricDefinition, shownUnit } from '@muster/shared/metrics/catalogue.ts';
import { MINUTE_MS, SECOND_MS, type Millis } from '@muster/shared/time.ts';
import type { TopProcess } from '@muster/shared/wire/top-process.ts';
import { readRange } from '../../api/queries.ts';
import { useLive, useLiveState } from '../../app/live.ts';
import { NO_POINTS, type Point, type PointColumns, shownAs } from '../../charts/columns.ts';
import type { Pace } from '../../charts/rhythm.ts';
import type { Span } from '../../charts/zoom.ts';
import { INTERVAL_MS_DEFAULT } from '@muster/shared/wire/limits.ts';
import { nowMs, useNow } from '../../util/clock.ts';
import { displayUnit } from '../../util/quantity.ts';
import { mergeLive } from './mergeLive.ts';
import { FIXED_POINTS, RANGE_SPECS, spanOf, type TimeWindow } from './timeWindow.ts';
import { useTold, withTold } from './toldIntervals.ts';
import { useKept } from './useKept.ts';

/** The window of the short range, in which seconds are shown. */
const LIVE_SPAN_MS = RANGE_SPECS['15m'].spanMs;

export interface MetricSeries extends Pace {
  readonly unit: string;
  readonly tier: string;
  /** By instance. */
  readonly points: ReadonlyMap<string, PointColumns>;
}

/** What is read: a range that ends whenever it is read, or a fixed one; part of the query's key. */
export interface RangeRequest {
  /** null: ends now. */
  readonly toMs: Millis | null;
  readonly spanMs: number;
  readonly points: number;
  /** 0: never again. */
  readonly refreshMs: number;
  /** Read so much earlier, shown at the time of the range. */
  readonly shiftMs: number;
  /** Read so much beyond the end, so that a moving range need not ask again at once. */
  readonly aheadMs: number;
}

const FIXED_REFRESH_MS = 30 * SECOND_MS;
const UNWATCHED_REFRESH_MS = 10 * SECOND_MS;

/** `endMs`: end of the range of a machine that is silent; null while it is heard. */
export function requestOf(window: TimeWindow, endMs: Millis | null): RangeRequest {
  const { range, fixed } = window;
  const { points, refreshMs } = RANGE_SPECS[range];
  const spanMs = spanOf(window);
  if (fixed === null) return { toMs: endMs, spanMs, points, refreshMs, shiftMs: 0, aheadMs: 0 };
  // Its end may still be filling.
  const settled = fixed.toMs < nowMs() - 5 * MINUTE_MS;
  return {
    toMs: fixed.toMs,
    spanMs,
    points: FIXED_POINTS,
    refreshMs: settled ? 0 : FIXED_REFRESH_MS,
    shiftMs: 0,
    aheadMs: 0,
  };
}

/** What no live seconds come of is read often enough for a range that moves. */
export function unwatched(request: RangeRequest): RangeRequest {
  return request.toMs === null
    ? { ...request, refreshMs: Math.max(request.refreshMs, UNWATCHED_REFRESH_MS) }
    : request;
}

export const rangeQuery = (ci: string, metric: MetricName, request: RangeRequest) =>
  queryOptions({
    queryKey: ['range', ci, metric, request],
    queryFn: async ({ signal }): Promise<MetricSeries> => {
      const { spanMs, points, shiftMs, aheadMs } = request;
      const endMs = request.toMs ?? nowMs();
      const toMs = endMs - shiftMs + aheadMs;
      const fromMs = endMs - spanMs - shiftMs;
      const answer = await readRange({ ci, metric, fromMs, toMs, points }, signal);
      const shown = displayUnit(metric, answer.unit);
      return {
        unit: shown.unit,
        // 0 where samples come as they are; and no tick is a gap only because buckets are finer than the agent's interval.
        stepMs: Math.max(answer.stepMs, INTERVAL_MS_DEFAULT),
        tier: answer.series[0]?.tier ?? 'raw',
        isRate: metricDefinition(metric).kind === 'counter',
        points: new Map(
          answer.series.map(({ instance, points: read }) => [instance, shownAs(read, shown.factor, shiftMs)]),
        ),
      };
    },
    staleTime: request.refreshMs || Number.POSITIVE_INFINITY,
    refetchInterval: request.refreshMs || false,
    refetchOnWindowFocus: request.refreshMs > 0 || request.toMs === null,
    gcTime: MINUTE_MS,
  });

/** A value and when it was so. */
export interface Reading {
  readonly value: number;
  readonly atMs: Millis;
}

export interface LiveView {
  readonly series: ReadonlyMap<MetricName, MetricSeries>;
  /** What was asked of history, so that the same can be asked of another time or machine. */
  readonly request: RangeRequest;
  /** There is nothing to show yet. */
  readonly loading: boolean;
  /** Another range is read; until it is there the one before it is shown, whole. */
  readonly changing: boolean;
  readonly error: Error | null;
  readonly retry: () => void;
  readonly fromMs: Millis;
  readonly toMs: Millis;
  /** Time and interval of the newest live samples; null until some have come. */
  readonly live: { readonly atMs: Millis; readonly interval: 'live' | 'regular' } | null;
  /** The newest value of a series, live or from history. */
  readonly latest: (metric: MetricName, instance: string) => Reading | null;
  readonly processes: { readonly atMs: Millis; readonly items: readonly TopProcess[] } | null;
}

export interface LiveViewInput {
  readonly ci: string;
  readonly metrics: readonly MetricName[];
  readonly window: TimeWindow;
  /** Ask for samples each second, which holds a lease on the agent. */
  readonly watch: boolean;
  /** Without a watch the short range stands still unless new samples come by another way. */
  readonly moves: boolean;
  /** Last sign of a machine that is not heard; null while it is. */
  readonly silentSinceMs: Millis | null;
  /** Something is being dragged over the charts: they stand still. */
  readonly hold: boolean;
}

export function useLiveView(input: LiveViewInput): LiveView {
  const { ci, metrics, window, watch, moves, silentSinceMs, hold } = input;
  const queries = useQueryClient();
  const silentEndMs = useSilentEnd(window, silentSinceMs);
  const endMs = window.fixed?.toMs ?? silentEndMs;
  // Whether a fixed range is settled is asked once: reading it some more does no harm.
  const request = useMemo(() => requestOf(window, silentEndMs), [window, silentEndMs]);
  const history = useQueries({
    queries: metrics.map((metric) => rangeQuery(ci, metric, request)),
    combine: combineHistory,
  });
  const told = useTold(metrics.length === 0 ? [] : [{ ci, request }]);
  const loading = history.loading || told.loading;
  const [intervals] = told.data;
  const buffer = useRef(new Map<string, Point[]>());
  const [heard, setHeard] = useState<LiveView['live']>(null);
  const [processes, setProcesses] = useState<LiveView['processes']>(null);
  const isLive = window.range === '15m' && window.fixed === null;
  const ticking = useNow(isLive && watch ? SECOND_MS : 10 * SECOND_MS);
  const frozen = useRef(ticking);
  // Without a connection the charts stand still; nothing is cleared.
  const connected = useLiveState().state !== 'lost';
  if (connected && !hold && (watch || moves || !isLive)) frozen.current = ticking;

  useEffect(() => {
    buffer.current.clear();
    setHeard(null);
    setProcesses(null);
  }, [ci]);

  useLive(watch ? { name: 'machine', ciId: ci } : null, (message) => {
    if (message.type === 'processes') setProcesses({ atMs: message.atMs, items: message.items });
    if (message.type !== 'samples') return;
    for (const [metric, instance, value] of message.points)
      append(buffer.current, `${metric}\0${instance}`, [message.atMs, value]);
    setHeard({ atMs: message.atMs, interval: message.interval });
  });

  // What came while nobody watched is read from history when watching begins again.
  const watched = useRef(watch);
  useEffect(() => {
    if (watch && !watched.current) void queries.invalidateQueries({ queryKey: ['range', ci] });
    watched.current = watch;
  }, [watch, queries, ci]);

  const untilMs = isLive ? (heard?.atMs ?? 0) : Math.min(window.fixed?.toMs ?? 0, heard?.atMs ?? 0);
  const series = useMemo(() => {
    const joined = new Map<MetricName, MetricSeries>();
    metrics.forEach((metric, index) => {
      const read = history.data[index];
      if (read === undefined) return;
      const stored = withTold(read, intervals, 0);
      // Seconds belong to a range of samples, not among averages.
      const finely = stored.stepMs <= INTERVAL_MS_DEFAULT;
      joined.set(metric, finely ? withLive(metric, stored, buffer.current, untilMs) : stored);
    });
    return joined;
  }, [metrics, history.data, intervals, untilMs]);

  const shown = useRef<Span>({ fromMs: 0, toMs: 0 });
  const newestMs =
    isLive && heard !== null && watch ? Math.max(heard.atMs, frozen.current - 3 * SECOND_MS) : frozen.current;
  const toMs = endMs ?? newestMs;
  if (!hold || shown.current.toMs === 0)
    shown.current = window.fixed ?? { fromMs: toMs - spanOf(window), toMs };
  const kept = useKept({ series, ...shown.current }, !loading, ci);
  const keptSeries = kept.series;
  const latest = useCallback(
    (metric: MetricName, instance: string) => {
      const live = buffer.current.get(`${metric}\0${instance}`)?.at(-1);
      if (live !== undefined) {
        const [atMs = 0, value = 0] = live;
        return { atMs, value: value * displayUnit(metric, shownUnit(metric)).factor };
      }
      const data = keptSeries.get(metric);
      const stored = data?.points.get(instance);
      return data === undefined || stored === undefined ? null : lastOf(stored, data.stepMs);
    },
    [keptSeries],
  );
  const isNew = loading && keptSeries.size < metrics.length;
  return {
    ...kept,
    request,
    loading: isNew,
    changing: loading && !isNew,
    error: history.error,
    retry: () => void queries.invalidateQueries({ queryKey: ['range', ci] }),
    live: heard,
    latest,
    processes,
  };
}

export function lastOf({ times, averages, mins }: PointColumns, stepMs: number): Reading | null {
  const value = averages.at(-1);
  const atMs = times.at(-1);
  if (value === undefined || atMs === undefined) return null;
  // An average is of the step that begins at its time.
  return { atMs: mins ? atMs + stepMs : atMs, value };
}

/** A range that would hold nothing but silence ends a little after the last sign instead. */
function useSilentEnd(window: TimeWindow, silentSinceMs: Millis | null): Millis | null {
  const now = useNow(MINUTE_MS);
  const { spanMs } = RANGE_SPECS[window.range];
  if (silentSinceMs === null || window.fixed !== null || now - silentSinceMs < spanMs / 2) return null;
  return silentSinceMs + spanMs / 8;
}

function append(buffer: Map<string, Point[]>, key: string, point: Point): void {
  const held = buffer.get(key);
  if (held === undefined) {
    buffer.set(key, [point]);
    return;
  }
  if ((held.at(-1)?.[0] ?? 0) < (point[0] ?? 0)) held.push(point);
  const oldest = (point[0] ?? 0) - LIVE_SPAN_MS;
  if ((held[0]?.[0] ?? 0) < oldest - MINUTE_MS)
    held.splice(
      0,
      held.findIndex(([at = 0]) => at >= oldest),
    );
}

/** What all ranges together say; the same answers give the same array, so that nothing is joined twice. */
function combineHistory(
  answers: readonly { data: MetricSeries | undefined; isPending: boolean; error: Error | null }[],
) {
  return {
    data: answers.map((answer) => answer.data),
    loading: answers.some((answer) => answer.isPending),
    error: answers.find((answer) => answer.error !== null && answer.data === undefined)?.error ?? null,
  };
}

/** History, and the seconds of this page up to `untilMs` in the place of its samples. */
function withLive(
  metric: MetricName,
  history: MetricSeries,
  buffer: ReadonlyMap<string, readonly Point[]>,
  untilMs: Millis,
): MetricSeries {
  const { factor } = displayUnit(metric, shownUnit(metric));
  const points = new Map(history.points);
  for (const [key, live] of buffer) {
    const [name, instance = ''] = key.split('\0');
    if (name !== metric) continue;
    const seconds = live.map(([at = 0, value = 0]) => [at, value * factor]);
    points.set(
      instance,
      mergeLive(history.points.get(instance) ?? NO_POINTS, seconds, untilMs, INTERVAL_MS_DEFAULT / 2),
    );
  }
  return { ...history, points };
}
