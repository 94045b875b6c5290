/** History and live seconds of one machine, joined. */
import { keepPreviousData, queryOptions, useQueries, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { type MetricName, shownUnit } from '@muster/shared/metrics/catalogue.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Millis } from '@muster/shared/time.ts';
import type { TopProcess } from '@muster/shared/wire/control.ts';
import { readRange } from '../../api/queries.ts';
import { useLive, useLiveState } from '../../app/live.ts';
import type { Point } from '../../charts/data.ts';
import { INTERVAL_MS_DEFAULT } from '@muster/shared/wire/limits.ts';
import { nowMs, useNow } from '../../util/clock.ts';
import { displayUnit } from '../../util/quantity.ts';
import type { RangeName } from './search.ts';

/** Length of each range, the points asked for, and how often its history is read again. */
export const RANGE_SPECS = {
  '15m': { spanMs: 15 * MINUTE_MS, points: 900, refreshMs: 0 },
  '1h': { spanMs: HOUR_MS, points: 360, refreshMs: 10 * SECOND_MS },
  '24h': { spanMs: DAY_MS, points: 360, refreshMs: MINUTE_MS },
  '7d': { spanMs: 7 * DAY_MS, points: 360, refreshMs: 5 * MINUTE_MS },
  '30d': { spanMs: 30 * DAY_MS, points: 360, refreshMs: 10 * MINUTE_MS },
  '1y': { spanMs: 365 * DAY_MS, points: 365, refreshMs: HOUR_MS },
} as const satisfies Record<RangeName, { spanMs: number; points: number; refreshMs: number }>;

/** The window of the short range, in which seconds are shown. */
const LIVE_SPAN_MS = RANGE_SPECS['15m'].spanMs;

export interface MetricSeries {
  readonly unit: string;
  readonly stepMs: number;
  readonly tier: string;
  /** By instance. */
  readonly points: ReadonlyMap<string, readonly Point[]>;
}

const rangeQuery = (ci: string, metric: MetricName, range: RangeName, endMs: Millis | null) =>
  queryOptions({
    queryKey: ['range', ci, metric, range, endMs],
    queryFn: async ({ signal }): Promise<MetricSeries & { toMs: Millis }> => {
      const { spanMs, points } = RANGE_SPECS[range];
      const toMs = endMs ?? nowMs();
      const answer = await readRange({ ci, metric, fromMs: toMs - spanMs, toMs, points }, signal);
      const shown = displayUnit(metric, answer.unit);
      return {
        unit: shown.unit,
        // 0 where samples come as they are; and no tick is a gap only because buckets are finer than the agent's interval.
        stepMs: Math.max(answer.stepMs, INTERVAL_MS_DEFAULT),
        tier: answer.series[0]?.tier ?? 'raw',
        toMs,
        points: new Map(
          answer.series.map((series) => [
            series.instance,
            series.points.map((point) => scaled(point, shown.factor)),
          ]),
        ),
      };
    },
    staleTime: RANGE_SPECS[range].refreshMs || Number.POSITIVE_INFINITY,
    refetchInterval: RANGE_SPECS[range].refreshMs || false,
    refetchOnWindowFocus: true,
    gcTime: MINUTE_MS,
    placeholderData: keepPreviousData,
  });

function scaled(point: Point, factor: number): Point {
  return factor === 1 ? point : point.map((value, index) => (index === 0 ? value : value * factor));
}

export interface LiveView {
  readonly series: ReadonlyMap<MetricName, MetricSeries>;
  readonly loading: boolean;
  readonly error: Error | null;
  readonly retry: () => void;
  readonly fromMs: Millis;
  readonly toMs: Millis;
  /** Time and interval of the newest live samples; null until some have come. */
  readonly live: { readonly atMs: Millis; readonly interval: 'live' | 'regular' } | null;
  /** The newest value of a series, live or from history. */
  readonly latest: (metric: MetricName, instance: string) => number | null;
  readonly processes: { readonly atMs: Millis; readonly items: readonly TopProcess[] } | null;
}

export interface LiveViewInput {
  readonly ci: string;
  readonly metrics: readonly MetricName[];
  readonly range: RangeName;
  /** Ask for samples each second, which holds a lease on the agent. Without it the view stands still. */
  readonly watch: boolean;
  /** Last sign of a machine that is not heard; null while it is. */
  readonly silentSinceMs: Millis | null;
  /** Since when the machine is known; before that nothing is missing. */
  readonly bornMs: Millis;
}

export function useLiveView({ ci, metrics, range, watch, silentSinceMs, bornMs }: LiveViewInput): LiveView {
  const queries = useQueryClient();
  const endMs = useSilentEnd(range, silentSinceMs);
  const history = useQueries({
    queries: metrics.map((metric) => rangeQuery(ci, metric, range, endMs)),
    combine: combineHistory,
  });
  const buffer = useRef(new Map<string, Point[]>());
  const [heard, setHeard] = useState<LiveView['live']>(null);
  const [processes, setProcesses] = useState<LiveView['processes']>(null);
  const ticking = useNow(range === '15m' ? SECOND_MS : 10 * SECOND_MS);
  const frozen = useRef(ticking);
  const isLive = range === '15m';
  // Without a connection the charts stand still; nothing is cleared.
  const connected = useLiveState().state !== 'lost';
  if (connected && (watch || !isLive)) frozen.current = ticking;

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

  const heardMs = heard?.atMs ?? 0;
  const series = useMemo(() => {
    const joined = new Map<MetricName, MetricSeries>();
    metrics.forEach((metric, index) => {
      const stored = history.data[index];
      if (stored) joined.set(metric, isLive ? withLive(metric, stored, buffer.current, heardMs) : stored);
    });
    return joined;
  }, [metrics, history.data, isLive, heardMs]);

  const latest = useCallback(
    (metric: MetricName, instance: string) => {
      const live = buffer.current.get(`${metric}\0${instance}`)?.at(-1)?.[1];
      const value = live === undefined ? undefined : live * displayUnit(metric, shownUnit(metric)).factor;
      return value ?? series.get(metric)?.points.get(instance)?.at(-1)?.[1] ?? null;
    },
    [series],
  );

  const newestMs =
    endMs !== null
      ? endMs
      : isLive && heard !== null && watch
        ? Math.max(heard.atMs, frozen.current - 3 * SECOND_MS)
        : frozen.current;
  return {
    series,
    loading: history.loading,
    error: history.error,
    retry: () => void queries.invalidateQueries({ queryKey: ['range', ci] }),
    fromMs: rangeStart(newestMs, RANGE_SPECS[range].spanMs, bornMs),
    toMs: newestMs,
    live: heard,
    latest,
    processes,
  };
}

/** A young machine fills the range it has; a short part of the full range at least. */
function rangeStart(endMs: Millis, spanMs: number, bornMs: Millis): Millis {
  return Math.max(endMs - spanMs, Math.min(bornMs, endMs - spanMs / 8));
}

/** A range that would hold nothing but silence ends a little after the last sign instead. */
function useSilentEnd(range: RangeName, silentSinceMs: Millis | null): Millis | null {
  const now = useNow(MINUTE_MS);
  const { spanMs } = RANGE_SPECS[range];
  if (silentSinceMs === null || now - silentSinceMs < spanMs / 2) return null;
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

/** History first; live points up to `untilMs` where they are newer than it. */
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
    const before = history.points.get(instance) ?? [];
    const lastMs = before.at(-1)?.[0] ?? 0;
    points.set(instance, [
      ...before,
      ...live.filter(([at = 0]) => at > lastMs && at <= untilMs).map((point) => scaled(point, factor)),
    ]);
  }
  return { ...history, points };
}
