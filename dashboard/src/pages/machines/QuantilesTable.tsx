/** Beneath a chart: mean, percentiles and highest of each of its lines, over the range shown. */
import { queryOptions, useQueries, type UseQueryResult } from '@tanstack/react-query';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { type MetricName, metricRollup } from '@muster/shared/metrics/catalogue.ts';
import { MINUTE_MS, toIso } from '@muster/shared/time.ts';
import { call } from '../../api/client.ts';
import { type ChartSeries, figuresOf, meanOf } from '../../charts/data.ts';
import { LineMark } from '../../charts/Legend.tsx';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { useErrorWords } from '../../ui/ErrorPanel.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { nowMs } from '../../util/clock.ts';
import { displayUnit, quantity, scaleFor } from '../../util/quantity.ts';
import { boundedQuantiles } from './boundedQuantiles.ts';
import type { LiveView, RangeRequest } from './liveSeries.ts';

/** A line of a chart, and what it was read from. */
export interface ReadLine extends ChartSeries {
  readonly of: {
    readonly ci: string;
    readonly metric: MetricName;
    readonly instance: string;
    readonly request: RangeRequest;
  };
}

/** In the order of the columns. */
const SHARES = [0.5, 0.95, 0.99] as const;

interface Quantiles {
  readonly within: { readonly value: number; readonly unit: 'points' | '%' };
  /** In the order of `SHARES`, in the unit of the chart; empty where no hour has values. */
  readonly values: readonly number[];
}

const quantilesQuery = ({ of: { ci, metric, instance, request } }: ReadLine) =>
  queryOptions({
    queryKey: ['quantiles', ci, metric, instance, request],
    queryFn: async ({ signal }): Promise<Quantiles> => {
      const { spanMs, shiftMs } = request;
      const endMs = request.toMs ?? nowMs();
      const answer = await call(
        ENDPOINTS.metricQuantiles,
        {
          query: {
            ci,
            metric,
            instance,
            from: toIso(endMs - spanMs - shiftMs),
            to: toIso(endMs - shiftMs),
            q: SHARES.join(','),
          },
        },
        signal,
      );
      const { factor } = displayUnit(metric, answer.unit);
      const [series] = answer.series;
      return {
        within: answer.within,
        values:
          series === undefined || series.count === 0 ? [] : series.values.map((value) => value * factor),
      };
    },
    staleTime: request.refreshMs || Number.POSITIVE_INFINITY,
    refetchInterval: request.refreshMs || false,
    gcTime: MINUTE_MS,
  });

export interface QuantilesTableProps {
  readonly title: string;
  readonly lines: readonly ReadLine[];
  readonly unit: string;
  readonly view: Pick<LiveView, 'fromMs' | 'toMs'>;
}

export function QuantilesTable({ title, lines, unit, view }: QuantilesTableProps) {
  const t = useT();
  const language = useLanguage();
  const counted = lines.filter(({ of }) => metricRollup(of.metric).histogram !== null);
  const answers = useQueries({ queries: counted.map(quantilesQuery) });
  const rows = lines.map((line) => ({
    line,
    answer: answers[counted.indexOf(line)],
    mean: meanOf(line.points, view.fromMs, view.toMs),
    figures: figuresOf(line.points, view.fromMs, view.toMs),
  }));
  const scale = scaleFor(unit, Math.max(0, ...rows.map(({ figures }) => figures.max ?? 0)));
  const number = (value: number | null | undefined) => quantity(value, unit, language, scale).text;
  return (
    <div className="border-t border-line px-4 pt-1 pb-2.5 text-12">
      <table aria-label={t('machines.quantiles.of', { title })} className="w-full border-collapse">
        <thead>
          <tr className="text-11 text-text-3 [&>th]:h-6 [&>th]:font-medium">
            <th scope="col" className="text-left">
              {scale.unit}
            </th>
            <th scope="col" className="text-right">
              {t('machines.quantiles.mean')}
            </th>
            {SHARES.map((share) => (
              <th key={share} scope="col" className="text-right">
                {`p${share * 100}`}
              </th>
            ))}
            <th scope="col" className="text-right">
              {t('machines.quantiles.highest')}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ line, answer, mean, figures }) => (
            <tr key={line.id} className="[&>td]:h-6 [&>td]:min-w-11 [&>td]:pl-2 [&>td]:text-right">
              <th scope="row" className="max-w-32 text-left font-normal text-text-2">
                <span className="flex items-center gap-1.5">
                  <LineMark series={line} />
                  <span className="truncate">{line.label}</span>
                </span>
              </th>
              <td>{number(mean)}</td>
              {SHARES.map((share, index) => (
                <td key={share} className="font-medium">
                  {answer?.isPending ? (
                    <Skeleton className="ml-auto h-3 w-8" />
                  ) : (
                    number(boundedQuantiles(answer?.data?.values ?? [], figures)[index])
                  )}
                </td>
              ))}
              <td>{number(figures.max)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Hint answers={answers} />
    </div>
  );
}

/** How far off the percentiles may be, or why there are none. */
function Hint({ answers }: { answers: readonly UseQueryResult<Quantiles>[] }) {
  const t = useT();
  const words = useErrorWords();
  const failed = answers.find(({ error, data }) => error !== null && data === undefined);
  if (failed)
    return (
      <p role="alert" className="mt-1 flex flex-wrap items-center gap-2 text-warn-fg">
        {words(failed.error)}
        <Button size="small" onClick={() => void failed.refetch()}>
          {t('ui.tryAgain')}
        </Button>
      </p>
    );
  const within = answers.find(({ data }) => data !== undefined)?.data?.within;
  const hint = () => {
    if (answers.length === 0) return t('machines.quantiles.notKept');
    if (within === undefined) return t('ui.loading');
    if (answers.every(({ data }) => data?.values.length === 0)) return t('machines.quantiles.none');
    return within.unit === '%'
      ? t('machines.quantiles.withinShare', { value: within.value })
      : t('machines.quantiles.withinPoints', { count: within.value });
  };
  return <p className="mt-1 text-11 text-text-3">{hint()}</p>;
}
