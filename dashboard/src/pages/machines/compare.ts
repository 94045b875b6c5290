/** The same charts of another time or of other machines, as lines beside the machine's own. */
import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import type { MetricName } from '@muster/shared/metrics/catalogue.ts';
import { HOUR_MS, SECOND_MS } from '@muster/shared/time.ts';
import { ciQuery } from '../../api/queries.ts';
import { type ChartSeries, type Dash, LINE_LOOKS } from '../../charts/data.ts';
import { useT } from '../../i18n/i18n.ts';
import { nowMs } from '../../util/clock.ts';
import { type MetricSeries, type RangeRequest, rangeQuery, unwatched } from './liveSeries.ts';
import type { PeriodName } from './search.ts';
import { periodShiftMs } from './timeWindow.ts';
import { useTold, withTold } from './toldIntervals.ts';
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

const PERIOD_LOOK = { colour: 6, dash: 'dashed' } as const;
/** Read ahead of what is shown, so that a moving range does not ask each second. */
const AHEAD_MS = 60 * SECOND_MS;

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
    if (others.length > 0) return others.map((id) => ({ ci: id, request: unwatched(request) }));
    return against === undefined ? [] : [{ ci: ci.id, request: earlier(request, against) }];
  }, [others, against, request, ci.id]);
  const answers = useQueries({
    queries: wanted.flatMap((each) => metrics.map((metric) => rangeQuery(each.ci, metric, each.request))),
    combine: (results) => ({
      data: results.map((result) => result.data),
      error: results.find((result) => result.error !== null)?.error ?? null,
    }),
  });
  const told = useTold(wanted);
  const names = machines.map((machine) => machine.data);
  const series = useMemo(
    () =>
      wanted.map(
        (each, index) =>
          new Map(
            metrics.flatMap((metric, at) => {
              const data = answers.data[index * metrics.length + at];
              return data === undefined
                ? []
                : [[metric, withTold(data, told.data[index], each.request.shiftMs)] as const];
            }),
          ),
      ),
    [wanted, metrics, answers.data, told.data],
  );
  const lines =
    others.length > 0
      ? others.map((id, index): ComparedLine => {
          // The machine itself has the first; the others keep theirs by the order of the address.
          const look = LINE_LOOKS[index + 1] ?? LINE_LOOKS[1];
          const other = names[index] ?? null;
          return {
            id,
            label: other?.name ?? id,
            ...look,
            ci: other,
            series: series[index] ?? new Map(),
            request: wanted[index]?.request ?? request,
          };
        })
      : [
          {
            id: `${ci.id} ${against}`,
            label: t(`machines.compare.${against ?? 'before'}`),
            ...PERIOD_LOOK,
            ci,
            series: series[0] ?? new Map(),
            request: wanted[0]?.request ?? request,
          },
        ];
  const kind = others.length > 0 ? 'machines' : 'period';
  const comparison = wanted.length === 0 ? null : ({ kind, lines, error: answers.error } as const);
  const isWhole =
    answers.error !== null || (!told.loading && answers.data.every((data) => data !== undefined));
  return useKept(comparison, isWhole, JSON.stringify([ci.id, against, others]));
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
