/** What senders tell of the machine: who does, charts of it, and the newest values. */
import { queryOptions, useQueries } from '@tanstack/react-query';
import { useState } from 'react';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import { isMetricName, type MetricName, METRICS } from '@muster/shared/metrics/catalogue.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import { INTERVAL_MS_DEFAULT } from '@muster/shared/wire/limits.ts';
import { readRange } from '../../api/queries.ts';
import { type PointColumns, shownAs } from '../../charts/columns.ts';
import type { ChartSeries, Dash } from '../../charts/data.ts';
import { Legend } from '../../charts/Legend.tsx';
import { CHART_HEIGHT_PX, TimeChart } from '../../charts/TimeChart.tsx';
import type { Span } from '../../charts/zoom.ts';
import { useT, useWords } from '../../i18n/i18n.ts';
import { FedCard } from '../../parts/ForeignSeriesCard.tsx';
import { FED_STALE_MS, type Fed } from '../../parts/foreignSeries.ts';
import { AgeLabel } from '../../ui/AgeLabel.tsx';
import { Button } from '../../ui/Button.tsx';
import { Card, CardBoundary } from '../../ui/Card.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { Quantity } from '../../ui/Quantity.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { nowMs, useNow } from '../../util/clock.ts';
import { displayUnit } from '../../util/quantity.ts';
import { millis } from '../../util/time.ts';
import { FED_LINES_MAX, type FedGroup, fedGroups, usualStep } from './fedGroups.ts';
import { FIXED_POINTS, RANGE_SPECS, spanOf, type TimeWindow } from './timeWindow.ts';

const LOOKS = [
  { colour: 1, dash: 'solid' },
  { colour: 2, dash: 'dashed' },
  { colour: 3, dash: 'dotted' },
  { colour: 4, dash: 'dash-dot' },
] as const satisfies readonly { colour: ChartSeries['colour']; dash: Dash }[];
/** As many as an agent's machine has; the others are drawn when somebody asks. */
const CHARTS_FIRST = 6;
const REFRESH_MS = 10 * SECOND_MS;

interface FedPartProps {
  readonly ci: CiDetail;
  readonly fed: Fed;
  readonly window: TimeWindow;
  readonly onZoom: (span: Span) => void;
  readonly onReset: () => void;
}

export function FedPart(props: FedPartProps) {
  const { fed } = props;
  const t = useT();
  const [all, setAll] = useState(false);
  const groups = fedGroups(fed.sources.flatMap(({ series }) => series));
  return (
    <>
      <FedCard fed={fed} />
      <div className="grid gap-4 tablet:grid-cols-2">
        {groups.slice(0, all ? undefined : CHARTS_FIRST).map((group) => (
          <FedChart key={group.metrics.join()} group={group} {...props} />
        ))}
      </div>
      {!all && groups.length > CHARTS_FIRST && (
        <div className="no-print">
          <Button onClick={() => setAll(true)}>
            {t('exchange.foreign.allCharts', { count: groups.length })}
          </Button>
        </div>
      )}
      <ValuesCard fed={fed} />
    </>
  );
}

const fedRangeQuery = (ci: string, metric: MetricName, window: TimeWindow) =>
  queryOptions({
    queryKey: ['range', ci, metric, 'fed', window],
    queryFn: async ({ signal }) => {
      const toMs = window.fixed?.toMs ?? nowMs();
      const points = window.fixed === null ? RANGE_SPECS[window.range].points : FIXED_POINTS;
      const answer = await readRange({ ci, metric, fromMs: toMs - spanOf(window), toMs, points }, signal);
      const shown = displayUnit(metric, answer.unit);
      return {
        metric,
        unit: shown.unit,
        stepMs: Math.max(answer.stepMs, INTERVAL_MS_DEFAULT),
        series: answer.series.map(({ instance, points: read }) => ({
          instance,
          points: shownAs(read, shown.factor, 0),
        })),
      };
    },
    refetchInterval: window.fixed === null && (RANGE_SPECS[window.range].refreshMs || REFRESH_MS),
  });

function FedChart({ ci, group, window, onZoom, onReset }: FedPartProps & { readonly group: FedGroup }) {
  const words = useWords();
  const now = useNow(REFRESH_MS);
  const answers = useQueries({
    queries: group.metrics.map((metric) => fedRangeQuery(ci.id, metric, window)),
  });
  const isOne = group.metrics.length === 1;
  const title = group.metrics.map((metric) => words(METRICS[metric].title)).join(' · ');
  const lines = answers.flatMap(({ data }) =>
    (data?.series ?? []).map(({ instance, points }) => ({
      id: `${data?.metric ?? ''} ${instance}`,
      label:
        isOne && instance !== '' ? instance : data === undefined ? '' : words(METRICS[data.metric].title),
      points,
      stepMs: usualStep(points.times, data?.stepMs ?? INTERVAL_MS_DEFAULT),
      unit: data?.unit ?? '',
    })),
  );
  const shown = lines
    .toSorted((a, b) => (isOne ? weight(b.points) - weight(a.points) : 0))
    .slice(0, FED_LINES_MAX);
  const series = shown.map((line, i): ChartSeries => ({ ...line, ...(LOOKS[i] ?? LOOKS[0]) }));
  const toMs = window.fixed?.toMs ?? now;
  const isWaiting = answers.some(({ isPending }) => isPending);
  const newest = shown[0]?.points.averages.at(-1) ?? null;
  return (
    <section className="card break-inside-avoid" aria-label={title}>
      <div className="flex min-h-12 items-center gap-x-2 px-4 pt-2">
        <h2 className="min-w-0 truncate text-14 font-semibold" title={title}>
          {title}
        </h2>
        {shown.length === 1 && (
          <span className="ml-auto text-16 font-semibold whitespace-nowrap">
            <Quantity value={newest} unit={shown[0]?.unit ?? ''} />
          </span>
        )}
      </div>
      <CardBoundary>
        <div className="px-2 pb-2">
          {isWaiting && shown.length === 0 ? (
            <div className="grid px-2" style={{ height: CHART_HEIGHT_PX }}>
              <Skeleton className="h-full" />
            </div>
          ) : (
            <TimeChart
              title={title}
              series={series}
              unit={shown[0]?.unit ?? ''}
              fromMs={toMs - spanOf(window)}
              toMs={toMs}
              sync={`machine ${ci.id}`}
              onZoom={onZoom}
              onReset={onReset}
            />
          )}
          {series.length > 1 && <Legend series={series} />}
        </div>
      </CardBoundary>
    </section>
  );
}

function weight({ averages }: PointColumns): number {
  return averages.reduce((sum, value) => sum + value, 0);
}

function ValuesCard({ fed }: { fed: Fed }) {
  const t = useT();
  const words = useWords();
  const rows = fed.latest.filter(({ metric }) => isMetricName(metric));
  return (
    <Card title={t('exchange.foreign.values')} note={rows.length} flush>
      <PlainTable
        label={t('exchange.foreign.values')}
        head={[
          { id: 'metric', label: t('exchange.keptOut.metric') },
          { id: 'instance', label: t('exchange.foreign.instance'), className: 'max-tablet:hidden' },
          { id: 'value', label: t('exchange.foreign.value'), align: 'right' },
          { id: 'age', label: t('exchange.foreign.age'), align: 'right' },
        ]}
      >
        {rows.map(({ metric, instance, value, unit, at }) => (
          <tr key={`${metric} ${instance}`}>
            <td className="py-1.5">
              {isMetricName(metric) ? words(METRICS[metric].title) : metric}
              {instance !== '' && <span className="block text-12 text-text-3 tablet:hidden">{instance}</span>}
            </td>
            <td className="font-mono text-12 max-tablet:hidden">{instance}</td>
            <td className="text-right whitespace-nowrap">
              <NewestValue metric={metric} value={value} unit={unit} />
            </td>
            <td className="text-right text-12 whitespace-nowrap text-text-3">
              <AgeLabel atMs={millis(at)} staleAfterMs={FED_STALE_MS} />
            </td>
          </tr>
        ))}
      </PlainTable>
    </Card>
  );
}

function NewestValue({ metric, value, unit }: { metric: string; value: number; unit: string }) {
  const shown = displayUnit(metric, unit);
  return <Quantity value={value * shown.factor} unit={shown.unit} />;
}
