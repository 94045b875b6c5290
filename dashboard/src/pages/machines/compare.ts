/** The same charts of another time or of other machines, as lines beside the machine's own. */
import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import type { MetricName } from '@muster/shared/metrics/catalogue.ts';
import { HOUR_MS, SECOND_MS } from '@muster/shared/time.ts';
import { ciQuery } from '../../api/queries.ts';
import type { ChartSeries, Dash } from '../../charts/data.ts';
import { useT } from '../../i18n/i18n.ts';
import { nowMs } from '../../util/clock.ts';
import { type MetricSeries, type RangeRequest, rangeQuery } from './liveSeries.ts';
import type { PeriodName } from './search.ts';
import { periodShiftMs } from './timeWindow.ts';
import { useKept } from './useKept.ts';

/** One line of each chart. */
export interface ComparedLine {
  readonly id: string;
  readonly label: string;
  readonly colour: ChartSeries['colour'];
  readonly dash: Dash;
  /** Of the other machine; of the machine itself where it is another time. */
  readonly ci: CiDetail | null;
  readonly series: ReadonlyMap<MetricName, MetricSeries>;
  /** What was asked for it. */
  readonly request: RangeRequest;
}

export interface Comparison {
  readonly kind: 'period' | 'machines';
  readonly lines: readonly ComparedLine[];
  readonly error: Error | null;
}

/** The machine itself is the first, then the others in the order of the address: a machine keeps its look. */
export const MACHINE_LOOKS = [
  { colour: 1, dash: 'solid' },
  { colour: 2, dash: 'dashed' },
  { colour: 4, dash: 'dotted' },
  { colour: 3, dash: 'dash-dot' },
] as const satisfies readonly { colour: ChartSeries['colour']; dash: Dash }[];

const PERIOD_LOOK = { colour: 6, dash: 'dashed' } as const;
/** Read ahead of what is shown, so that a moving range does not ask each second. */
const AHEAD_MS = 60 * SECOND_MS;
const REFRESH_MS = 10 * SECOND_MS;

export interface CompareInput {
  readonly ci: CiDetail;
  readonly metrics: readonly MetricName[];
  readonly request: RangeRequest;
  readonly against: PeriodName | undefined;
  readonly others: readonly string[];
}

/** null where nothing is compared. Other machines come first: a period of four machines would be eight lines. */
export function useComparison({ ci, metrics, request, against, others }: CompareInput): Comparison | null {
  const t = useT();
  const machines = useQueries({ queries: others.map((id) => ciQuery(id)) });
  const wanted = useMemo(() => {
    if (others.length > 0)
      return others.map((id) => ({ id, request: { ...request, refreshMs: againSoon(request) } }));
    return against === undefined ? [] : [{ id: ci.id, request: earlier(request, against) }];
  }, [others, against, request, ci.id]);
  const answers = useQueries({
    queries: wanted.flatMap((each) => metrics.map((metric) => rangeQuery(each.id, metric, each.request))),
    combine: (results) => ({
      data: results.map((result) => result.data),
      error: results.find((result) => result.error !== null)?.error ?? null,
    }),
  });
  const names = machines.map((machine) => machine.data);
  const seriesOf = (index: number) =>
    new Map(
      metrics.flatMap((metric, at) => {
        const data = answers.data[index * metrics.length + at];
        return data === undefined ? [] : [[metric, data] as const];
      }),
    );
  const lines =
    others.length > 0
      ? others.map((id, index): ComparedLine => {
          const look = MACHINE_LOOKS[index + 1] ?? MACHINE_LOOKS[1];
          const other = names[index] ?? null;
          return {
            id,
            label: other?.name ?? id,
            ...look,
            ci: other,
            series: seriesOf(index),
            request: wanted[index]?.request ?? request,
          };
        })
      : [
          {
            id: `${ci.id} ${against}`,
            label: t(`machines.compare.${against ?? 'before'}`),
            ...PERIOD_LOOK,
            ci,
            series: seriesOf(0),
            request: wanted[0]?.request ?? request,
          },
        ];
  const kind = others.length > 0 ? 'machines' : 'period';
  const comparison = wanted.length === 0 ? null : ({ kind, lines, error: answers.error } as const);
  const isWhole = answers.error !== null || answers.data.every((data) => data !== undefined);
  return useKept(comparison, isWhole, JSON.stringify([ci.id, against, others]));
}

/** Others are not watched at 1 s: what they store is read often enough for a range that moves. */
function againSoon(request: RangeRequest): number {
  return request.toMs === null ? Math.max(request.refreshMs, REFRESH_MS) : request.refreshMs;
}

/** The same question about the past; what lay ahead then is known by now. */
export function earlier(request: RangeRequest, period: PeriodName): RangeRequest {
  const endMs = request.toMs ?? nowMs();
  // A day is found from the end of the range; that must not be a new question each second.
  const hourMs = Math.floor(endMs / HOUR_MS) * HOUR_MS;
  const shiftMs = periodShiftMs(period, request.toMs ?? hourMs, request.spanMs);
  if (request.toMs !== null) return { ...request, shiftMs, refreshMs: 0 };
  return {
    ...request,
    shiftMs,
    aheadMs: AHEAD_MS,
    refreshMs: Math.max(request.refreshMs, AHEAD_MS / 2),
  };
}
