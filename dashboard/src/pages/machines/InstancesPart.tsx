/** Every core, disk or interface: up to four as lines, more as a table with sparks on one scale. */
import { useState } from 'react';
import type { Millis } from '@muster/shared/time.ts';
import { ChartMenu } from '../../charts/ChartMenu.tsx';
import type { PointColumns } from '../../charts/columns.ts';
import { type ChartSeries, figuresOf, LINE_LOOKS, LINES_MAX } from '../../charts/data.ts';
import { Legend } from '../../charts/Legend.tsx';
import { TimeChart, type TimeChartProps } from '../../charts/TimeChart.tsx';
import { useT } from '../../i18n/i18n.ts';
import { Quantity } from '../../ui/Quantity.tsx';
import { Sparkline } from '../../ui/Sparkline.tsx';
import type { MetricSeries } from './liveSeries.ts';

/** Points of a sparkline. */
const SPARK_POINTS = 40;

export interface InstancesPartProps {
  readonly title: string;
  /** Of the machine. */
  readonly name: string;
  /** The chart above: the same range, cursor and zoom. */
  readonly chart: TimeChartProps;
  readonly data: MetricSeries | undefined;
}

export function InstancesPart({ title, name, chart, data }: InstancesPartProps) {
  const [asTable, setAsTable] = useState(false);
  if (data === undefined) return null;
  const rows = [...data.points].sort(([a], [b]) => a.localeCompare(b, undefined, { numeric: true }));
  const series = rows.map(
    ([instance, points], index): ChartSeries => ({
      id: instance,
      label: instance,
      points,
      stepMs: data.stepMs,
      told: data.told,
      isRate: data.isRate,
      ...(LINE_LOOKS[index % LINES_MAX] ?? LINE_LOOKS[0]),
    }),
  );
  const { levels: _levels, markers: _markers, ...same } = chart;
  const top = data.unit === '%' ? 100 : undefined;
  const whole: TimeChartProps = { ...same, title, series, unit: data.unit, top, asTable };
  return (
    <div className="border-t border-line">
      <div className="flex min-h-10 items-center px-4">
        <h3 className="text-12 font-medium text-text-2">{title}</h3>
        <ChartMenu
          chart={whole}
          name={name}
          asTable={asTable}
          onAsTable={setAsTable}
          className="no-print -mr-2 ml-auto text-text-3"
        />
      </div>
      {rows.length <= LINES_MAX || asTable ? (
        <div className="px-2 pb-2">
          <TimeChart {...whole} />
          {!asTable && <Legend series={series} />}
        </div>
      ) : (
        <Sparks title={title} series={series} unit={data.unit} fromMs={chart.fromMs} toMs={chart.toMs} />
      )}
    </div>
  );
}

function Sparks({
  title,
  series,
  unit,
  fromMs,
  toMs,
}: {
  title: string;
  series: readonly ChartSeries[];
  unit: string;
  fromMs: Millis;
  toMs: Millis;
}) {
  const t = useT();
  const figures = series.map(({ points }) => figuresOf(points, fromMs, toMs));
  const max = unit === '%' ? 100 : Math.max(0, ...figures.map((each) => each.max ?? 0));
  return (
    <ul
      aria-label={title}
      className="grid grid-cols-[repeat(auto-fill,minmax(min(264px,100%),1fr))] gap-x-6 px-4 pb-2 text-12"
    >
      {series.map(({ id, label, points }, index) => (
        <li key={id} className="flex h-7 items-center gap-3">
          <span className="min-w-0 flex-1 truncate text-text-2">{label}</span>
          <Sparkline values={sparkValues(points, fromMs, toMs)} max={max} />
          <span className="w-16 text-right">
            <Quantity value={figures[index]?.last} unit={unit} />
          </span>
          <span className="w-16 text-right text-text-3" title={t('machines.highest')}>
            <span className="sr-only">{t('machines.highest')}</span>
            <span aria-hidden="true">↑</span> <Quantity value={figures[index]?.max} unit={unit} />
          </span>
        </li>
      ))}
    </ul>
  );
}

/** The range in `SPARK_POINTS` equal parts, the last point of each; null where there is none. */
function sparkValues({ times, averages }: PointColumns, fromMs: Millis, toMs: Millis): (number | null)[] {
  const values: (number | null)[] = Array.from({ length: SPARK_POINTS }, () => null);
  times.forEach((at, index) => {
    const slot = Math.floor(((at - fromMs) / (toMs - fromMs)) * SPARK_POINTS);
    if (slot >= 0 && slot < SPARK_POINTS) values[slot] = averages[index] ?? null;
  });
  return values;
}
