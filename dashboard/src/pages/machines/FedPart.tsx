/** What senders tell of the machine: who does, charts of it, and the newest values. */
import { useMemo, useState } from 'react';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import type { LatestValue } from '@muster/shared/api/metrics.ts';
import { isMetricName, METRICS } from '@muster/shared/metrics/catalogue.ts';
import type { Millis } from '@muster/shared/time.ts';
import { type ChartSeries, LINE_LOOKS } from '../../charts/data.ts';
import { Legend } from '../../charts/Legend.tsx';
import { CHART_HEIGHT_PX, TimeChart } from '../../charts/TimeChart.tsx';
import type { Span } from '../../charts/zoom.ts';
import { useT, useWords } from '../../i18n/i18n.ts';
import { FedCard } from '../../parts/ForeignSeriesCard.tsx';
import { FED_STALE_MS, type Fed } from '../../parts/foreignSeries.ts';
import { AgeLabel } from '../../ui/AgeLabel.tsx';
import { Button } from '../../ui/Button.tsx';
import { Card, CardBoundary } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { Quantity } from '../../ui/Quantity.tsx';
import { Skeleton, SkeletonRows } from '../../ui/Skeleton.tsx';
import { displayUnit } from '../../util/quantity.ts';
import { millis } from '../../util/time.ts';
import { type FedGroup, highestLines } from './fedGroups.ts';
import type { FedLine, FedView } from './fedSeries.ts';
import { lastOf, type Reading } from './liveSeries.ts';
import { HighestInRange, Newest } from './MetricChart.tsx';

/** Rows of the newest values before somebody asks for all; each counts its own age. */
const VALUE_ROWS_FIRST = 100;

interface FedPartProps {
  readonly ci: CiDetail;
  readonly fed: Fed;
  readonly groups: readonly FedGroup[];
  /** Charts that wait until somebody asks for them. */
  readonly groupsLeft: number;
  readonly onAllGroups: () => void;
  readonly view: FedView;
  /** The range does not end now: the value beside a title is of the range. */
  readonly fixed: boolean;
  /** Since when a machine that became known within the range has data. */
  readonly sinceMs: Millis | null;
  /** The newest values of the machine. */
  readonly latest: Asked<readonly LatestValue[]>;
  readonly onZoom: (span: Span) => void;
  readonly onReset: () => void;
  readonly onDrag: (dragging: boolean) => void;
}

interface Asked<T> {
  readonly data: T | undefined;
  readonly error: Error | null;
  readonly refetch: () => unknown;
}

export function FedPart(props: FedPartProps) {
  const { fed, groups, groupsLeft, view } = props;
  const t = useT();
  return (
    <>
      <FedCard fed={fed} />
      <div
        aria-busy={view.changing}
        className={cx(
          'grid gap-4 transition-opacity tablet:grid-cols-2',
          view.changing && 'opacity-60 delay-200',
        )}
      >
        {groups.map((group) => (
          <FedChart key={group.metrics.join()} group={group} {...props} />
        ))}
      </div>
      {groupsLeft > 0 && (
        <div className="no-print">
          <Button onClick={props.onAllGroups}>
            {t('exchange.foreign.allCharts', { count: groups.length + groupsLeft })}
          </Button>
        </div>
      )}
      <ValuesCard {...props} />
    </>
  );
}

function FedChart({ group, ...props }: FedPartProps & { readonly group: FedGroup }) {
  const { ci, fed, view, fixed } = props;
  const t = useT();
  const words = useWords();
  const title = group.metrics.map((metric) => words(METRICS[metric].title)).join(' · ');
  const there = useMemo(
    () => view.lines.filter(({ metric }) => group.metrics.includes(metric)),
    [view.lines, group],
  );
  const shown = useMemo(() => (group.metrics.length === 1 ? highestLines(there) : there), [there, group]);
  const series = shown.map(
    (line, index): ChartSeries => ({
      ...line,
      id: `${line.metric} ${line.instance}`,
      label:
        shown.length > 1 && group.metrics.length === 1 ? line.instance : words(METRICS[line.metric].title),
      ...(LINE_LOOKS[index] ?? LINE_LOOKS[0]),
    }),
  );
  const [first] = shown;
  const unit = first?.unit ?? '';
  const failed = group.metrics.flatMap((metric) => {
    const error = view.errorOf(metric);
    return error === null ? [] : [{ metric, error }];
  });
  return (
    <section className="card break-inside-avoid" aria-label={title}>
      <div className="flex min-h-12 items-center gap-x-2 px-4 pt-2">
        <h2 className="min-w-0 truncate text-14 font-semibold" title={title}>
          {title}
        </h2>
        {shown.length < there.length ? (
          <span className="flex-none text-12 text-text-3">
            {t('machines.fed.linesOf', { shown: shown.length, count: there.length })}
          </span>
        ) : (
          shown.length === 1 && (
            <span className="min-w-0 truncate text-12 text-text-3">{first?.instance}</span>
          )
        )}
        {first !== undefined && shown.length === 1 && (
          <span className="ml-auto whitespace-nowrap">
            {fixed ? (
              <HighestInRange series={series} view={view} unit={unit} />
            ) : (
              <Newest ci={ci} reading={readingOf(fed, first)} unit={unit} staleAfterMs={FED_STALE_MS} />
            )}
          </span>
        )}
      </div>
      <CardBoundary>
        <div className="px-2 pb-2">
          {failed[0] !== undefined ? (
            <div className="px-2" style={{ minHeight: CHART_HEIGHT_PX }}>
              <ErrorPanel
                error={failed[0].error}
                retry={() => {
                  for (const { metric } of failed) view.retry(metric);
                }}
              />
            </div>
          ) : shown.length === 0 && group.metrics.some(view.isPending) ? (
            <div className="grid px-2" style={{ height: CHART_HEIGHT_PX }}>
              <Skeleton className="h-full" />
            </div>
          ) : (
            <TimeChart
              title={title}
              series={series}
              unit={unit}
              fromMs={view.fromMs}
              toMs={view.toMs}
              sinceMs={props.sinceMs}
              sync={`machine ${ci.id}`}
              onZoom={props.onZoom}
              onReset={props.onReset}
              onDrag={props.onDrag}
            />
          )}
          {failed.length === 0 && series.length > 1 && <Legend series={series} />}
        </div>
      </CardBoundary>
    </section>
  );
}

/** The present value; until it is there, the last one of the range. */
function readingOf(fed: Fed, { metric, instance, points, stepMs }: FedLine): Reading | null {
  const now = fed.latest.find((each) => each.metric === metric && each.instance === instance);
  if (now === undefined) return lastOf(points, stepMs);
  return { value: now.value * displayUnit(metric, now.unit).factor, atMs: millis(now.at) };
}

function ValuesCard({ fed, latest }: FedPartProps) {
  const t = useT();
  const words = useWords();
  const [all, setAll] = useState(false);
  const values = useMemo(() => fed.latest.filter(({ metric }) => isMetricName(metric)), [fed]);
  const rows = all ? values : values.slice(0, VALUE_ROWS_FIRST);
  const title = t('exchange.foreign.values');
  if (latest.data === undefined)
    return (
      <Card title={title} flush={latest.error === null}>
        {latest.error ? (
          <ErrorPanel error={latest.error} retry={() => void latest.refetch()} />
        ) : (
          <SkeletonRows rows={Math.min(fed.keys.size, VALUE_ROWS_FIRST)} />
        )}
      </Card>
    );
  return (
    <Card title={title} note={values.length} flush>
      <PlainTable
        label={title}
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
      {rows.length < values.length && (
        <div className="no-print border-t border-line px-4 py-3">
          <Button onClick={() => setAll(true)}>
            {t('machines.fed.allValues', { count: values.length })}
          </Button>
        </div>
      )}
    </Card>
  );
}

function NewestValue({ metric, value, unit }: { metric: string; value: number; unit: string }) {
  const shown = displayUnit(metric, unit);
  return <Quantity value={value * shown.factor} unit={shown.unit} />;
}
