/** One chart of the live tab: title, instance, value, levels in force, what is compared, what stands behind it. */
import { useMemo, useRef, useState } from 'react';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import { type MetricName, METRICS } from '@muster/shared/metrics/catalogue.ts';
import type { Millis } from '@muster/shared/time.ts';
import { INTERVAL_MS_DEFAULT } from '@muster/shared/wire/limits.ts';
import { ChartMenu } from '../../charts/ChartMenu.tsx';
import { NO_POINTS } from '../../charts/columns.ts';
import { type ChartSeries, figuresOf, LINE_LOOKS } from '../../charts/data.ts';
import { Legend } from '../../charts/Legend.tsx';
import type { Pace } from '../../charts/rhythm.ts';
import { CHART_HEIGHT_PX, TimeChart, type TimeChartProps } from '../../charts/TimeChart.tsx';
import { useChartLevels } from '../../charts/useLevels.ts';
import type { Span } from '../../charts/zoom.ts';
import type { Translate } from '../../i18n/catalogue.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import type { LevelsOf } from '../../parts/levels.ts';
import { AgeLabel } from '../../ui/AgeLabel.tsx';
import { CardBoundary } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { Icon } from '../../ui/Icon.tsx';
import { Menu, MenuChoice } from '../../ui/Menu.tsx';
import { Quantity } from '../../ui/Quantity.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { useNow } from '../../util/clock.ts';
import { quantityText } from '../../util/quantity.ts';
import type { ChartSpec } from './chartSpecs.ts';
import type { Comparison } from './compare.ts';
import { breachMarkers, type Happenings } from './happenings.tsx';
import { InstancesPart } from './InstancesPart.tsx';
import type { LiveView, MetricSeries, Reading } from './liveSeries.ts';
import { QuantilesTable, type ReadLine } from './QuantilesTable.tsx';

export interface MetricChartProps {
  readonly ci: CiDetail;
  readonly spec: ChartSpec;
  readonly view: LiveView;
  /** The range does not end now: the value beside the title is of the range. */
  readonly fixed: boolean;
  /** Mean, percentiles and highest stand beneath. */
  readonly percentiles: boolean;
  readonly levelsOf: LevelsOf;
  readonly happenings: Happenings;
  /** Since when a machine that became known within the range has data. */
  readonly sinceMs: Millis | null;
  readonly staleAfterMs: number;
  readonly comparison: Comparison | null;
  readonly onZoom: (span: Span) => void;
  readonly onReset: () => void;
  readonly onDrag: (dragging: boolean) => void;
}

export function MetricChart(props: MetricChartProps) {
  const { ci, spec, view, fixed, percentiles, levelsOf, happenings, comparison } = props;
  const t = useT();
  const [asTable, setAsTable] = useState(false);
  const [unfolded, setUnfolded] = useState(false);
  const [first] = spec.lines;
  const metric = first?.metric ?? 'cpu.utilisation';
  const instances = [...(view.series.get(metric)?.points.keys() ?? [])];
  const language = useLanguage();
  const [chosen, setChosen] = useState<string | null>(null);
  // The first choice stays, or the chart would jump from disk to disk.
  const preferred = useRef('');
  if (!instances.includes(preferred.current))
    preferred.current = busiest(view.series, metric, ownInstances(ci, instances));
  const instance = chosen !== null && instances.includes(chosen) ? chosen : preferred.current;
  const unit = view.series.get(metric)?.unit ?? METRICS[metric].unit;
  const levels = useMemo(() => levelsOf(metric, instance), [levelsOf, metric, instance]);
  const chartLevels = useChartLevels(metric, METRICS[metric].unit, levels);
  const series = comparison
    ? comparedSeries(props, comparison, metric, instance, t)
    : ownSeries(props, instance, t);
  const markers = useMemo(
    () => [...happenings.markers, ...breachMarkers(happenings.alerts, spec, instance, language)],
    [happenings, spec, instance, language],
  );
  const ownTop = spec.topMetric ? view.latest(spec.topMetric, '')?.value : spec.top;
  const chart: TimeChartProps = {
    title: t(spec.title),
    series,
    unit,
    fromMs: view.fromMs,
    toMs: view.toMs,
    // Another machine may have more of it than this one.
    top: spec.topMetric && comparison?.kind === 'machines' ? undefined : ownTop,
    levels: chartLevels,
    markers,
    windows: happenings.windows,
    gapReasons: happenings.gapReasons,
    sinceMs: props.sinceMs,
    sync: `machine ${ci.id}`,
    asTable,
    onZoom: props.onZoom,
    onReset: props.onReset,
    onDrag: props.onDrag,
  };
  return (
    <section className={cx('card break-inside-avoid', unfolded && 'self-start')} aria-label={t(spec.title)}>
      <div className="flex min-h-12 items-center gap-x-2 px-4 pt-2">
        <h2 className="text-14 font-semibold">
          {spec.behind ? (
            <button
              type="button"
              aria-expanded={unfolded}
              title={t(spec.behind.word)}
              onClick={() => setUnfolded(!unfolded)}
              className="inline-flex items-center gap-1 whitespace-nowrap hover:text-accent coarse:min-h-11"
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
        <span className="ml-auto whitespace-nowrap">
          {fixed ? (
            <HighestInRange series={series} view={view} unit={unit} />
          ) : (
            <Newest
              ci={ci}
              reading={view.latest(metric, instance)}
              unit={unit}
              staleAfterMs={props.staleAfterMs}
            />
          )}
        </span>
        <ChartMenu
          chart={chart}
          name={ci.name}
          asTable={asTable}
          onAsTable={setAsTable}
          className="no-print -mr-2 text-text-3"
        />
      </div>
      <CardBoundary>
        <div className="px-2 pb-2">
          {view.loading && series.every(({ points }) => points.times.length === 0) ? (
            <div className="grid place-items-stretch px-2" style={{ height: CHART_HEIGHT_PX }}>
              <Skeleton className="h-full" />
            </div>
          ) : (
            <TimeChart {...chart} />
          )}
          {series.length > 1 && <Legend series={series} />}
        </div>
        {percentiles && <QuantilesTable title={t(spec.title)} lines={series} unit={unit} view={view} />}
        {unfolded && spec.behind && (
          <InstancesPart
            title={t(spec.behind.word)}
            name={ci.name}
            chart={chart}
            data={view.series.get(spec.behind.metric)}
          />
        )}
      </CardBoundary>
    </section>
  );
}

function ownSeries({ ci, spec, view }: MetricChartProps, instance: string, t: Translate): ReadLine[] {
  return spec.lines.map((line) => {
    const data = view.series.get(line.metric);
    return {
      id: line.metric,
      label: t(line.label),
      points: data?.points.get(instance) ?? NO_POINTS,
      ...paceOf(data),
      colour: line.colour,
      dashed: line.dashed ?? false,
      of: { ci: ci.id, metric: line.metric, instance, request: view.request },
    };
  });
}

function paceOf(data: MetricSeries | undefined): Pace {
  return { stepMs: data?.stepMs ?? INTERVAL_MS_DEFAULT, told: data?.told, isRate: data?.isRate };
}

/** The first line of the chart, beside the same of another time or of other machines. */
function comparedSeries(
  { ci, view }: MetricChartProps,
  comparison: Comparison,
  metric: MetricName,
  instance: string,
  t: Translate,
): ReadLine[] {
  const own = view.series.get(metric);
  return [
    {
      id: metric,
      label: comparison.kind === 'period' ? t('machines.compare.shown') : ci.name,
      points: own?.points.get(instance) ?? NO_POINTS,
      ...paceOf(own),
      ...LINE_LOOKS[0],
      of: { ci: ci.id, metric, instance, request: view.request },
    },
    ...comparison.lines.map((line): ReadLine => {
      const data = line.series.get(metric);
      const there = [...(data?.points.keys() ?? [])];
      // Another machine has other disks: the one that does most is compared.
      const which =
        comparison.kind === 'period' || there.includes(instance)
          ? instance
          : busiest(line.series, metric, line.ci ? ownInstances(line.ci, there) : there);
      return {
        id: line.id,
        label: line.label,
        points: data?.points.get(which) ?? NO_POINTS,
        ...paceOf(data),
        colour: line.colour,
        dash: line.dash,
        of: {
          ci: comparison.kind === 'period' ? ci.id : line.id,
          metric,
          instance: which,
          request: line.request,
        },
      };
    }),
  ];
}

/** The newest value, with its age once it is not of now. */
export function Newest({
  ci,
  reading,
  unit,
  staleAfterMs,
}: {
  ci: CiDetail;
  reading: Reading | null;
  unit: string;
  staleAfterMs: number;
}) {
  const now = useNow();
  const ageMs = reading === null ? 0 : now - reading.atMs;
  const stale = ageMs > staleAfterMs;
  const missed = ci.state === 'up' || ci.state === 'silent' || ci.state === 'unknown';
  return (
    <span className="flex flex-col items-end">
      <span className={cx('text-16 font-semibold', stale && 'leading-5 text-text-3')}>
        <Quantity value={reading?.value} unit={unit} />
      </span>
      {stale && reading !== null && (
        <AgeLabel
          atMs={reading.atMs}
          staleAfterMs={missed ? 0 : undefined}
          className={cx('text-11 leading-4', !missed && 'text-text-3')}
        />
      )}
    </span>
  );
}

/** Of a range in the past no value is the present one. */
export function HighestInRange({
  series,
  view,
  unit,
}: {
  series: readonly ChartSeries[];
  view: Span;
  unit: string;
}) {
  const t = useT();
  const [first] = series;
  const max = first === undefined ? null : figuresOf(first.points, view.fromMs, view.toMs).max;
  return (
    <>
      <span className="mr-1.5 text-12 text-text-3">{t('machines.highest')}</span>
      <span className="text-16 font-semibold">
        <Quantity value={max} unit={unit} />
      </span>
    </>
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
    const total = view.latest('memory.total', '')?.value ?? 0;
    const used = view.latest('memory.used', '')?.value;
    if (total === 0 || used === undefined) return null;
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

function busiest(series: LiveView['series'], metric: MetricName, instances: readonly string[]): string {
  const points = series.get(metric)?.points;
  const weight = (instance: string) =>
    (points?.get(instance) ?? NO_POINTS).averages.reduce((sum, value) => sum + value, 0);
  return instances.reduce((best, each) => (best === '' || weight(each) > weight(best) ? each : best), '');
}
