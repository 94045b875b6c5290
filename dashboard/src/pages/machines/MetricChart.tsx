/** One chart of the live tab: title, instance, present value, levels in force, what stands behind it, table twin. */
import { useMemo, useRef, useState } from 'react';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import type { Rule } from '@muster/shared/api/rules.ts';
import { METRICS } from '@muster/shared/metrics/catalogue.ts';
import type { Millis } from '@muster/shared/time.ts';
import { type ChartSeries, figuresOf } from '../../charts/data.ts';
import type { ChartMarker } from '../../charts/paint.ts';
import { TimeChart } from '../../charts/TimeChart.tsx';
import { useChartLevels } from '../../charts/useLevels.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { IconButton } from '../../ui/Button.tsx';
import { CardBoundary } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { Icon } from '../../ui/Icon.tsx';
import { Menu, MenuChoice } from '../../ui/Menu.tsx';
import { Quantity } from '../../ui/Quantity.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { Sparkline } from '../../ui/Sparkline.tsx';
import { quantityText } from '../../util/quantity.ts';
import type { ChartSpec } from './chartSpecs.ts';
import { levelsInForce } from '../../parts/levels.ts';
import type { LiveView } from './liveSeries.ts';

const CHART_PX = 168;
/** Points of a sparkline. */
const SPARK_POINTS = 40;

export interface MetricChartProps {
  readonly ci: CiDetail;
  readonly spec: ChartSpec;
  readonly view: LiveView;
  readonly rules: readonly Rule[];
  readonly markers: readonly ChartMarker[];
  /** The machine is not heard: the value shown is the last known one. */
  readonly stale: boolean;
}

export function MetricChart({ ci, spec, view, rules, markers, stale }: MetricChartProps) {
  const t = useT();
  const [asTable, setAsTable] = useState(false);
  const [unfolded, setUnfolded] = useState(false);
  const [first] = spec.lines;
  const metric = first?.metric ?? 'cpu.utilisation';
  const instances = [...(view.series.get(metric)?.points.keys() ?? [])];
  const [chosen, setChosen] = useState<string | null>(null);
  // The first choice stays, or the chart would jump from disk to disk.
  const preferred = useRef('');
  if (!instances.includes(preferred.current))
    preferred.current = busiest(view, metric, ownInstances(ci, instances));
  const instance = chosen !== null && instances.includes(chosen) ? chosen : preferred.current;
  const unit = view.series.get(metric)?.unit ?? METRICS[metric].unit;
  const levels = useMemo(() => levelsInForce(rules, ci, metric, instance), [rules, ci, metric, instance]);
  const chartLevels = useChartLevels(metric, METRICS[metric].unit, levels);
  const series = spec.lines.map(
    (line): ChartSeries => ({
      id: line.metric,
      label: t(line.label),
      points: view.series.get(line.metric)?.points.get(instance) ?? [],
      stepMs: view.series.get(line.metric)?.stepMs ?? 10_000,
      colour: line.colour,
      dashed: line.dashed ?? false,
    }),
  );
  const top = spec.topMetric ? (view.latest(spec.topMetric, '') ?? undefined) : spec.top;
  return (
    <section className={cx('card', unfolded && 'self-start')} aria-label={t(spec.title)}>
      <div className="flex min-h-12 items-center gap-x-2 px-4 pt-2">
        <h2 className="text-14 font-semibold">
          {spec.behind ? (
            <button
              type="button"
              aria-expanded={unfolded}
              title={t(spec.behind.word)}
              onClick={() => setUnfolded(!unfolded)}
              className="inline-flex items-center gap-1 hover:text-accent coarse:min-h-11"
            >
              {t(spec.title)}
              <Icon name="chevron" size={12} className={cx('text-text-3', unfolded && 'rotate-180')} />
            </button>
          ) : (
            t(spec.title)
          )}
        </h2>
        <span className="min-w-0 truncate text-12 text-text-3">
          {spec.note === 'instance' && instances.length > 1 ? (
            <InstanceMenu title={t(spec.title)} instances={instances} value={instance} onChange={setChosen} />
          ) : (
            <Note ci={ci} spec={spec} view={view} instance={instance} />
          )}
        </span>
        <span className={cx('ml-auto text-16 font-semibold whitespace-nowrap', stale && 'text-text-3')}>
          <Quantity value={view.latest(metric, instance)} unit={unit} />
        </span>
        <IconButton
          icon={asTable ? 'pulse' : 'table'}
          label={t(asTable ? 'charts.asChart' : 'charts.asTable')}
          aria-pressed={asTable}
          className="-mr-2 text-text-3"
          onClick={() => setAsTable(!asTable)}
        />
      </div>
      <CardBoundary>
        <div className="px-2 pb-2">
          {view.loading && series.every(({ points }) => points.length === 0) ? (
            <div className="grid place-items-stretch px-2" style={{ height: CHART_PX }}>
              <Skeleton className="h-full" />
            </div>
          ) : (
            <TimeChart
              title={t(spec.title)}
              series={series}
              unit={unit}
              fromMs={view.fromMs}
              toMs={view.toMs}
              top={top}
              levels={chartLevels}
              {...(markers.length > 0 ? { markers } : {})}
              heightPx={CHART_PX}
              sync={`machine ${ci.id}`}
              asTable={asTable}
            />
          )}
          {series.length > 1 && <Legend series={series} />}
        </div>
        {unfolded && spec.behind && (
          <Behind view={view} metric={spec.behind.metric} fromMs={view.fromMs} toMs={view.toMs} />
        )}
      </CardBoundary>
    </section>
  );
}

/** Dash and colour of each line, as they are drawn. */
function Legend({ series }: { series: readonly ChartSeries[] }) {
  const stroke = {
    1: 'stroke-c1',
    2: 'stroke-c2',
    3: 'stroke-c3',
    4: 'stroke-c4',
    5: 'stroke-c5',
    6: 'stroke-c6',
  } as const;
  return (
    <ul className="flex flex-wrap gap-x-4 pt-1 pl-[68px] text-11 text-text-2">
      {series.map((each) => (
        <li key={each.id} className="flex items-center gap-1.5">
          <svg width="18" height="6" aria-hidden="true">
            <path
              d="M0 3h18"
              strokeWidth="2"
              className={stroke[each.colour]}
              strokeDasharray={each.dashed ? '5 4' : undefined}
            />
          </svg>
          {each.label}
        </li>
      ))}
    </ul>
  );
}

function Note({
  ci,
  spec,
  view,
  instance,
}: {
  ci: CiDetail;
  spec: ChartSpec;
  view: LiveView;
  instance: string;
}) {
  const t = useT();
  const language = useLanguage();
  if (spec.note === undefined) return null;
  if (spec.note === 'instance') return instance;
  if (spec.note === 'cores') {
    const threads = ci.parts
      .flatMap((part) => part.details)
      .filter(({ name, value }) => name === 'threads' && typeof value === 'number')
      .reduce((sum, { value }) => sum + Number(value), 0);
    return threads === 0 ? null : t('machines.chart.threads', { count: threads });
  }
  if (spec.note === 'memory') {
    const total = view.latest('memory.total', '');
    const used = view.latest('memory.used', '');
    if (total === null || used === null || total === 0) return null;
    return t('machines.chart.memoryNote', {
      share: quantityText((used / total) * 100, '%', language),
      total: quantityText(total, 'B', language).replace('.0 ', ' '),
    });
  }
  return t(spec.note);
}

function InstanceMenu({
  title,
  instances,
  value,
  onChange,
}: {
  title: string;
  instances: readonly string[];
  value: string;
  onChange: (instance: string) => void;
}) {
  return (
    <Menu
      align="start"
      trigger={
        <button type="button" className="inline-flex items-center gap-1 hover:text-text coarse:min-h-11">
          {value}
          <Icon name="chevron" size={12} />
        </button>
      }
    >
      <MenuChoice
        label={title}
        value={value}
        options={instances.map((each) => ({ value: each, label: each }))}
        onChange={onChange}
      />
    </Menu>
  );
}

/** Every instance with its present value, on one scale. */
function Behind({
  view,
  metric,
  fromMs,
  toMs,
}: {
  view: LiveView;
  metric: ChartSpec['lines'][number]['metric'];
  fromMs: Millis;
  toMs: Millis;
}) {
  const data = view.series.get(metric);
  if (data === undefined) return null;
  const rows = [...data.points].sort(([a], [b]) => a.localeCompare(b, undefined, { numeric: true }));
  const max =
    data.unit === '%'
      ? 100
      : Math.max(0, ...rows.map(([, points]) => figuresOf(points, fromMs, toMs).max ?? 0));
  return (
    <ul className="grid grid-cols-[repeat(auto-fill,minmax(200px,1fr))] gap-x-6 border-t border-line px-4 py-2 text-12">
      {rows.map(([instance, points]) => (
        <li key={instance} className="flex h-7 items-center gap-3">
          <span className="min-w-0 flex-1 truncate text-text-2">{instance}</span>
          <Sparkline values={sparkValues(points, fromMs, toMs)} max={max} />
          <span className="w-20 text-right">
            <Quantity value={points.at(-1)?.[1]} unit={data.unit} />
          </span>
        </li>
      ))}
    </ul>
  );
}

/** The range in `SPARK_POINTS` equal parts, the last point of each; null where there is none. */
function sparkValues(
  points: readonly (readonly number[])[],
  fromMs: Millis,
  toMs: Millis,
): (number | null)[] {
  const values: (number | null)[] = Array.from({ length: SPARK_POINTS }, () => null);
  for (const [at = 0, value = 0] of points) {
    const slot = Math.floor(((at - fromMs) / (toMs - fromMs)) * SPARK_POINTS);
    if (slot >= 0 && slot < SPARK_POINTS) values[slot] = value;
  }
  return values;
}

/** Names of devices that are none of the machine's own: loop and RAM disks, optical drives, loopback. */
const NOT_OWN = /^(lo|(loop|ram|zram|sr|fd)\d+)$/;

/** Ports and disks of the machine itself where there are any; bridges, tunnels and containers come and go. */
function ownInstances(ci: CiDetail, instances: readonly string[]): readonly string[] {
  const virtual = new Set(
    ci.parts
      .filter((part) => part.details.some(({ name, value }) => name === 'virtual' && value === true))
      .map((part) => part.name),
  );
  const known = new Set(ci.parts.map((part) => part.name));
  const own = instances.filter((instance) => known.has(instance) && !virtual.has(instance));
  if (own.length > 0) return own;
  const others = instances.filter((instance) => !NOT_OWN.test(instance));
  return others.length > 0 ? others : instances;
}

function busiest(
  view: LiveView,
  metric: ChartSpec['lines'][number]['metric'],
  instances: readonly string[],
): string {
  const points = view.series.get(metric)?.points;
  const weight = (instance: string) =>
    (points?.get(instance) ?? []).reduce((sum, [, value = 0]) => sum + value, 0);
  return instances.reduce((best, each) => (best === '' || weight(each) > weight(best) ? each : best), '');
}
