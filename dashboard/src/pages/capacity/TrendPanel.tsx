/** What stands behind a row: its daily peaks with the forecast, and the facts in words. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { z } from 'zod';
import type { CapacityRow, capacityEndpoints } from '@muster/shared/api/capacity.ts';
import { DAY_MS } from '@muster/shared/time.ts';
import { columnsOf } from '../../charts/columns.ts';
import { TimeChart } from '../../charts/TimeChart.tsx';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { capacityTrendQuery } from '../../parts/capacityQueries.ts';
import { dayAfter, daysText, growthText } from '../../parts/capacityWords.tsx';
import { useRuleName } from '../../parts/sentence.ts';
import { IconButton } from '../../ui/Button.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { useNow } from '../../util/clock.ts';
import { ABSENT, formatNumber, quantityText } from '../../util/quantity.ts';
import { dateText, dayText, millis } from '../../util/time.ts';

export function TrendPanel({ row }: { row: CapacityRow }) {
  const t = useT();
  const answer = useQuery(capacityTrendQuery(row.ciId, row.instance));
  return (
    <div className="grid gap-4 border-t border-line bg-sunken/40 p-4 @5xl:grid-cols-[minmax(0,1fr)_304px]">
      {answer.data ? (
        <Chart trend={answer.data} row={row} />
      ) : answer.error ? (
        <ErrorPanel error={answer.error} retry={() => void answer.refetch()} />
      ) : (
        <Skeleton className="h-52" />
      )}
      <div>
        <Facts row={row} horizonAt={answer.data?.horizonAt ?? null} />
        <p className="no-print mt-3 flex flex-wrap gap-x-4 gap-y-1 text-12">
          <Link
            to="/machines/$id/live"
            params={{ id: row.ciId }}
            search={{ range: '30d' }}
            className="text-accent hover:underline coarse:min-h-11"
          >
            {t('capacity.openMachine')}
          </Link>
        </p>
      </div>
    </div>
  );
}

type Trend = z.infer<(typeof capacityEndpoints)['capacityTrend']['response']>;

/** Days before the first point and after the last, so that neither sits on the edge. */
const EDGE_MS = DAY_MS;
const CHART_DAYS = 90;

function Chart({ trend, row }: { trend: Trend; row: CapacityRow }) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(60_000);
  const [asTable, setAsTable] = useState(false);
  const size = row.sizeBytes;
  const drawn = useMemo(() => {
    const percent = (bytes: number, of: number) => (of > 0 ? (100 * bytes) / of : 0);
    const points = trend.days
      .filter(([atMs]) => atMs >= now - CHART_DAYS * DAY_MS)
      .map(([atMs, used, whole]) => [Math.min(atMs + DAY_MS / 2, now), percent(used, whole)]);
    const forecast = trend.forecast.map(
      ([atMs, low, middle, high]) =>
        [atMs, percent(middle, size), percent(low, size), percent(high, size)] as const,
    );
    const lowest = Math.min(
      ...points.map(([, value = 0]) => value),
      ...forecast.map(([, , low]) => low),
      row.threshold?.percent ?? 100,
    );
    return { points, forecast, bottom: lowest > 25 ? Math.floor((lowest - 5) / 10) * 10 : 0 };
  }, [trend, size, row.threshold?.percent, now]);
  const fromMs = Math.max(now - CHART_DAYS * DAY_MS, (drawn.points[0]?.[0] ?? now) - EDGE_MS);
  const horizonMs = drawn.forecast.at(-1)?.[0] ?? now;
  const shownMs = row.full === null ? horizonMs : now + shownDays(row.full) * DAY_MS;
  const toMs = Math.min(horizonMs, shownMs) + EDGE_MS;
  const levels = row.threshold
    ? [
        {
          severity: row.threshold.severity,
          op: 'above' as const,
          level: row.threshold.percent,
          clear: row.threshold.percent,
          label: quantityText(row.threshold.percent, '%', language),
        },
      ]
    : [];
  return (
    <div className="min-w-0">
      <div className="mb-1 flex items-center gap-3">
        <h3 className="text-13 font-semibold">{t('capacity.chart.title')}</h3>
        {drawn.forecast.length > 0 && (
          <span className="flex items-center gap-1.5 text-12 text-text-2">
            <span aria-hidden="true" className="h-2.5 w-4 rounded-sm bg-c1 opacity-20" />
            {t('capacity.chart.interval')}
          </span>
        )}
        <span className="no-print ml-auto">
          <IconButton
            icon={asTable ? 'pulse' : 'table'}
            label={t(asTable ? 'capacity.chart.asChart' : 'capacity.chart.asTable')}
            onClick={() => setAsTable(!asTable)}
          />
        </span>
      </div>
      <TimeChart
        title={`${row.ciName} ${row.instance}`}
        series={[
          {
            id: 'used',
            label: t('capacity.chart.line'),
            points: columnsOf(drawn.points),
            stepMs: DAY_MS,
            colour: 1,
          },
        ]}
        unit="%"
        fromMs={fromMs}
        toMs={toMs}
        top={100}
        bottom={drawn.bottom}
        levels={levels}
        forecast={drawn.forecast.length > 0 ? { points: drawn.forecast, colour: 1 } : undefined}
        nowMs={now}
        heightPx={220}
        sync="capacity"
        asTable={asTable}
      />
    </div>
  );
}

/** As far ahead as the interval reaches and a bit, two weeks at the least: beyond lies only a full disk. */
function shownDays({ days, late }: NonNullable<CapacityRow['full']>): number {
  return Math.max(14, 1.4 * (late ?? days));
}

function Facts({ row, horizonAt }: { row: CapacityRow; horizonAt: string | null }) {
  const t = useT();
  const language = useLanguage();
  const ruleName = useRuleName();
  const facts: [string, React.ReactNode][] = [
    [t('capacity.fact.size'), quantityText(row.sizeBytes, 'B', language)],
    [t('capacity.fact.free'), quantityText(row.freeBytes, 'B', language)],
    [t('capacity.fact.growth'), growthText(row, language)],
  ];
  if (row.threshold)
    facts.push([
      t('capacity.fact.threshold', { percent: shortPercent(row.threshold.percent, language) }),
      crossingText(row, row.reachesThreshold),
    ]);
  facts.push([t('capacity.fact.full'), crossingText(row, row.full)]);
  if (row.since !== null)
    facts.push([
      t('capacity.fact.method'),
      t('capacity.fact.since', { day: dayText(millis(row.since), language) }),
    ]);
  facts.push([t('capacity.fact.history'), t('capacity.fact.historyDays', { count: row.historyDays })]);
  if (row.growthBytesPerDay !== null)
    facts.push([
      t('capacity.fact.backTest'),
      row.backTestDays === null
        ? t('capacity.fact.backTestNone')
        : t('capacity.fact.backTestDays', { days: daysText(row.backTestDays, language) }),
    ]);
  if (horizonAt !== null) facts.push([t('capacity.fact.horizon'), dateText(millis(horizonAt), language)]);
  facts.push([
    t('capacity.fact.rule'),
    row.threshold === null ? (
      t('capacity.fact.noRule')
    ) : (
      <Link
        key="rule"
        to="/rules/$id"
        params={{ id: row.threshold.ruleId }}
        className="text-accent hover:underline"
      >
        {ruleName({ name: row.threshold.ruleName, nameWords: row.threshold.ruleNameWords })}
      </Link>
    ),
  ]);
  return (
    <dl className="grid max-w-sm grid-cols-[max-content_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-12 @5xl:max-w-none">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-text-3">{name}</dt>
          <dd className="text-right">{value}</dd>
        </div>
      ))}
    </dl>
  );

  function crossingText(of: CapacityRow, crossing: CapacityRow['full']): string {
    if (crossing === null)
      return of.notBefore === null
        ? ABSENT
        : t('capacity.fact.beyond', { day: dayText(millis(of.notBefore), language) });
    if (crossing.days === 0) return t('capacity.fact.reached');
    const day = (days: number) => dayText(dayAfter(of, days), language);
    return crossing.late === null
      ? t('capacity.fact.rangeOpen', { day: day(crossing.days), from: day(crossing.early) })
      : t('capacity.fact.range', {
          day: day(crossing.days),
          from: day(crossing.early),
          to: day(crossing.late),
        });
  }
}

/** `95 %`; a level that its floor moved has a digit. */
function shortPercent(value: number, language: 'en' | 'zh'): string {
  const text = formatNumber(value, Number.isInteger(value) ? 0 : 1, language);
  return language === 'zh' ? `${text}%` : `${text} %`;
}
