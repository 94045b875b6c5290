/** One machine's 30 days with the draft's levels on them, which can be moved there. */
import { useQuery } from '@tanstack/react-query';
import { useMemo, useRef, useState } from 'react';
import type { Backtest, Severity } from '@muster/shared/api/rules.ts';
import { isMetricName, METRICS, shownUnit } from '@muster/shared/metrics/catalogue.ts';
import { MINUTE_MS, type Millis } from '@muster/shared/time.ts';
import { ciQuery } from '../../api/queries.ts';
import { NO_POINTS, type PointColumns, shownAs } from '../../charts/columns.ts';
import { type ChartSeries, figuresOf } from '../../charts/data.ts';
import type { ChartMarker } from '../../charts/markers.ts';
import { valueTicks } from '../../charts/scale.ts';
import { TimeChart } from '../../charts/TimeChart.tsx';
import { type LevelInput, useChartLevels } from '../../charts/useLevels.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { globMatches } from '../../parts/levels.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { SEVERITY_LOOKS } from '../../ui/states.ts';
import { displayUnit, scaleFor } from '../../util/quantity.ts';
import { millis } from '../../util/time.ts';
import { ChoiceControl, type Choice } from './controls.tsx';
import type { Draft } from './draft.ts';
import { isCountingFn } from './windowFns.ts';
import { inputScale, keyStep, roundTyped } from './inputScale.ts';
import { LevelHandles, type LevelHandle } from './LevelHandles.tsx';
import { chartRangeQuery } from './queries.ts';

import { levelText } from './ruleWords.ts';
import { MachineControl } from './WherePart.tsx';

const CHART_PX = 260;
/** Shortest range of the chart. */
const SPAN_MS_MIN = 15 * MINUTE_MS;
/** Room above the highest of data and levels. */
const HEADROOM = 1.12;
/** More of them would hide the data; the strip of days shows them all. */
const MARKERS_MAX = 12;
const SEVERITIES = ['warning', 'critical'] as const;

export interface LevelChartProps {
  readonly draft: Draft;
  readonly past: Backtest | undefined;
  readonly fromMs: Millis;
  readonly toMs: Millis;
  readonly machine: string | null;
  readonly instance: string | null;
  readonly readOnly: boolean;
  readonly onMachine: (ciId: string | null) => void;
  readonly onInstance: (instance: string) => void;
  /** In the catalogue's unit. */
  readonly onLevel: (severity: Severity, part: 'level' | 'clear', value: number) => void;
}

export function LevelChart(props: LevelChartProps) {
  const t = useT();
  const language = useLanguage();
  const { draft, past, toMs, machine } = props;
  const movable = !props.readOnly && hasLevels(draft);
  const createdAt = useQuery({ ...ciQuery(machine ?? ''), enabled: machine !== null }).data?.createdAt;
  // A young machine fills the range that it has.
  const fromMs = Math.max(props.fromMs, Math.min(millis(createdAt) ?? props.fromMs, toMs - SPAN_MS_MIN));
  const { metric } = draft;
  const [asTable, setAsTable] = useState(false);
  const known = isMetricName(metric) ? metric : null;
  const range = useQuery({
    ...chartRangeQuery(machine ?? '', known ?? 'cpu.utilisation', fromMs, toMs),
    enabled: machine !== null && known !== null,
  });
  const instances = range.data?.series.map((each) => each.instance) ?? [];
  const instance =
    props.instance !== null && instances.includes(props.instance)
      ? props.instance
      : (instances.find((each) => draft.instance === '' || globMatches(draft.instance.trim(), each)) ??
        instances[0] ??
        '');
  const points = range.data?.series.find((each) => each.instance === instance)?.points;
  const title = known === null ? metric : METRICS[known].title[language];
  const ranked: Choice[] = (past?.ranked ?? []).map(({ ciId, ciName, count }) => ({
    value: ciId,
    label: ciName,
    ...(count === 0 ? {} : { note: t('rules.past.timesPart', { count }) }),
  }));
  return (
    <Card
      title={title}
      action={
        <>
          {instances.length > 1 && (
            <ChoiceControl
              label={t('rules.chart.instance')}
              value={instance}
              options={instances.map((each) => ({ value: each, label: each }))}
              onChange={props.onInstance}
            />
          )}
          <MachineControl
            ciId={machine}
            label={t('rules.chart.machine')}
            choices={ranked}
            onChange={props.onMachine}
          />
          <IconButton
            icon={asTable ? 'pulse' : 'table'}
            label={t(asTable ? 'charts.asChart' : 'charts.asTable')}
            aria-pressed={asTable}
            className="-mr-2 text-text-3"
            onClick={() => setAsTable(!asTable)}
          />
        </>
      }
    >
      {machine === null ? (
        <p className="text-text-2">{t('rules.chart.none')}</p>
      ) : range.error !== null && range.data === undefined ? (
        <ErrorPanel error={range.error} retry={() => void range.refetch()} />
      ) : range.data === undefined ? (
        <div className="grid items-stretch" style={{ height: CHART_PX }}>
          <Skeleton className="h-full" />
        </div>
      ) : points === undefined || points.times.length === 0 ? (
        <p className="text-text-2">{t('rules.chart.noData')}</p>
      ) : (
        <Plot
          {...props}
          readOnly={!movable}
          fromMs={fromMs}
          title={title}
          points={points}
          stepMs={range.data.stepMs}
          instance={instance}
          asTable={asTable}
        />
      )}
      {machine !== null && movable && (points?.times.length ?? 0) > 0 && !asTable && (
        <p className="pt-1 text-12 text-text-3">{t('rules.chart.help')}</p>
      )}
    </Card>
  );
}

/** Its levels are values of the metric, which can stand on the chart. */
function hasLevels({ kind, window }: Draft): boolean {
  return kind === 'threshold' && !isCountingFn(window.fn);
}

/** What a forecast is heading for stands on the chart as a line. */
function levelInputs(draft: Draft): LevelInput[] {
  const { op, forecast } = draft;
  if (draft.kind === 'forecast' && forecast.level !== null)
    return [{ severity: 'warning', op, level: forecast.level, clear: forecast.level }];
  if (!hasLevels(draft)) return [];
  return SEVERITIES.flatMap((severity): LevelInput[] => {
    const { on, level, clear } = draft[severity];
    return on && level !== null ? [{ severity, op, level, clear: clear ?? level }] : [];
  });
}

function Plot({
  draft,
  past,
  fromMs,
  toMs,
  machine,
  instance,
  readOnly,
  onLevel,
  title,
  points,
  stepMs,
  asTable,
}: Omit<LevelChartProps, 'instance'> & {
  title: string;
  points: PointColumns;
  stepMs: number;
  instance: string;
  asTable: boolean;
}) {
  const t = useT();
  const language = useLanguage();
  const { metric, op } = draft;
  const shown = displayUnit(metric, isMetricName(metric) ? shownUnit(metric) : '1');
  const series = useMemo(
    (): ChartSeries[] => [
      {
        id: `${machine} ${instance}`,
        label: instance === '' ? title : instance,
        points: shownAs(points, shown.factor),
        stepMs: stepMs === 0 ? 10_000 : stepMs,
        colour: 1,
      },
    ],
    [machine, instance, title, points, stepMs, shown.factor],
  );
  const levels = useMemo(() => levelInputs(draft), [draft]);
  const chartLevels = useChartLevels(metric, isMetricName(metric) ? shownUnit(metric) : '1', levels);
  // The grips say the values already.
  const named = useMemo(() => chartLevels.map((level) => ({ ...level, label: '' })), [chartLevels]);
  const highest = useMemo(
    () => figuresOf(series[0]?.points ?? NO_POINTS, fromMs, toMs).max ?? 0,
    [series, fromMs, toMs],
  );
  const top = useTop(
    shown.unit,
    highest,
    chartLevels.map(({ level }) => level),
  );
  const markers = useMemo(() => {
    const own = (past?.episodes ?? []).filter(
      (episode) => episode.ciId === machine && episode.instance === instance,
    );
    if (own.length > MARKERS_MAX) return [];
    return own.map(
      ({ from, severity }): ChartMarker => ({
        atMs: millis(from),
        kind: 'breach',
        severity,
        label: t(SEVERITY_LOOKS[severity].word),
      }),
    );
  }, [past, machine, instance, t]);
  const typed = inputScale(metric);
  const step = keyStep(top.value / shown.factor, typed) * shown.factor;
  const handles = levels.flatMap(({ severity, level, clear }): LevelHandle[] =>
    (['level', 'clear'] as const).map((part) => {
      const value = part === 'level' ? level : clear;
      const severityWord = t(SEVERITY_LOOKS[severity].word);
      return {
        severity,
        part,
        value: value * shown.factor,
        label: t(part === 'level' ? 'rules.form.levelLabel' : 'rules.form.clearLabel', {
          severity: severityWord,
        }),
        text: levelText(metric, value, { t, language }),
      };
    }),
  );
  return (
    <>
      {!readOnly && levels.length === 0 && (
        <div className="flex flex-wrap items-center gap-3 pb-2">
          <span className="text-12 text-text-2">{t('rules.chart.noLevel')}</span>
          <Button
            size="small"
            onClick={() => {
              // Where nothing has happened yet the level begins at one of its unit.
              const value = roundTyped(highest > 0 ? highest / shown.factor : 1 / typed.factor, typed);
              onLevel('warning', 'clear', roundTyped(value * (op === 'above' ? 0.9 : 1.1), typed));
              onLevel('warning', 'level', value);
            }}
          >
            {t('rules.chart.placeLevel')}
          </Button>
        </div>
      )}
      <div className="-mx-2">
        <TimeChart
          title={title}
          series={series}
          unit={shown.unit}
          fromMs={fromMs}
          toMs={toMs}
          top={top.value}
          levels={readOnly && hasLevels(draft) ? chartLevels : named}
          markers={markers}
          heightPx={CHART_PX}
          sync="rule"
          asTable={asTable}
        >
          {(geometry) =>
            readOnly ? null : (
              <LevelHandles
                geometry={geometry}
                handles={handles}
                min={0}
                max={top.value}
                step={step}
                onDrag={top.hold}
                onMove={({ severity, part }, value) =>
                  onLevel(severity, part, roundTyped(value / shown.factor, typed))
                }
              />
            )
          }
        </TimeChart>
      </div>
    </>
  );
}

/** Upper end of the axis: 100 % of a share, else a round number above data and levels. It stands still during a drag. */
function useTop(
  unit: string,
  highest: number,
  levels: readonly number[],
): { value: number; hold: (dragging: boolean) => void } {
  const held = useRef<number | null>(null);
  const [, setDragging] = useState(false);
  const head = Math.max(highest, ...levels) * HEADROOM;
  const value = held.current ?? (unit === '%' && head <= 100 * HEADROOM ? 100 : roundTop(head, unit));
  return {
    value,
    hold: (dragging) => {
      held.current = dragging ? value : null;
      setDragging(dragging);
    },
  };
}

/** Round in the unit that the axis is printed in. */
function roundTop(head: number, unit: string): number {
  const { factor } = scaleFor(unit, head);
  return (valueTicks(0, Math.max(head, Number.MIN_VALUE) * factor).at(-1) ?? 1) / factor;
}
