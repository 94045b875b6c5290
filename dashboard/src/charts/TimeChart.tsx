/** A chart over time on uPlot: gaps, band, levels, markers, shared cursor, keys, table twin. */
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import type { Language } from '@muster/shared/api/access.ts';
import type { Millis } from '@muster/shared/time.ts';
import { useLanguage, useT } from '../i18n/i18n.ts';
import { quantityText, scaleFor, type Scale } from '../util/quantity.ts';
import { clockTime, dateTimeText, recordTime } from '../util/time.ts';
import { alignSeries, type ChartSeries, figuresOf, isolatedPoints } from './data.ts';
import { type ChartLevel, type ChartMarker, MARKER_LANE_PX, paintAbove, paintBeneath } from './paint.ts';
import { onThemeChange, type Palette, readPalette } from './palette.ts';
import { timeTickLabels, timeTicks, valueTicks } from './scale.ts';
import { TableTwin } from './TableTwin.tsx';

/** Wide enough for `100 Mbit/s`, the same on all charts so that their times stand in one line. */
const AXIS_PX = 68;
const TIME_AXIS_PX = 24;
/** Half of a time label, so that one at the end is not cut. */
const EDGE_PX = 17;
/** Room of one time label. */
const TICK_PX = 76;
const DASH = [5, 4];

export interface TimeChartProps {
  /** What is shown, for the spoken summary. */
  readonly title: string;
  readonly series: readonly ChartSeries[];
  /** Unit of the catalogue (or bit/s) in which the points are. */
  readonly unit: string;
  readonly fromMs: Millis;
  readonly toMs: Millis;
  /** Fixed end of the value axis, e.g. 100 or the memory installed; otherwise round above the highest. */
  readonly top?: number | undefined;
  /** Begin of the value axis; 0 unless evidence needs a closer look. */
  readonly bottom?: number | undefined;
  readonly levels?: readonly ChartLevel[];
  readonly markers?: readonly ChartMarker[];
  readonly heightPx?: number;
  /** Charts of one page share the cursor by this name. */
  readonly sync: string;
  readonly asTable?: boolean;
}

const NO_LEVELS: readonly ChartLevel[] = [];
const NO_MARKERS: readonly ChartMarker[] = [];

export function TimeChart(props: TimeChartProps) {
  const { series, fromMs, toMs, unit, title, asTable = false } = props;
  const aligned = useMemo(() => alignSeries(series, fromMs, toMs), [series, fromMs, toMs]);
  const scale = useValueScale(props);
  const summary = useSummary(props, scale);
  if (asTable) return <TableTwin title={title} series={series} unit={unit} scale={scale} aligned={aligned} />;
  return <Plot {...props} aligned={aligned} scale={scale} summary={summary} />;
}

/** One scale for the whole axis, by its upper end. */
function useValueScale({ series, unit, top, fromMs, toMs }: TimeChartProps): Scale {
  const highest = Math.max(0, ...series.map(({ points }) => figuresOf(points, fromMs, toMs).max ?? 0));
  const size = top ?? highest;
  return useMemo(() => {
    const scale = scaleFor(unit, size);
    return { ...scale, decimals: size * scale.factor >= 10 ? Math.min(1, scale.decimals) : scale.decimals };
  }, [unit, size]);
}

function useSummary({ title, series, unit, fromMs, toMs }: TimeChartProps, scale: Scale): string {
  const t = useT();
  const language = useLanguage();
  const parts = series.map((each) => {
    const { last, min, max } = figuresOf(each.points, fromMs, toMs);
    if (last === null) return t('charts.seriesNothing', { label: each.label });
    const text = (value: number | null) => quantityText(value, unit, language, scale);
    return t('charts.seriesSummary', { label: each.label, last: text(last), min: text(min), max: text(max) });
  });
  return [
    t('charts.summary', {
      title,
      from: recordTime(fromMs, toMs, language),
      to: recordTime(toMs, toMs, language),
    }),
    ...parts,
  ].join(' ');
}

interface PlotProps extends TimeChartProps {
  readonly aligned: ReturnType<typeof alignSeries>;
  readonly scale: Scale;
  readonly summary: string;
}

function Plot(props: PlotProps) {
  const { series, aligned, fromMs, toMs, heightPx = 168, sync, scale, summary, unit, title } = props;
  const t = useT();
  const language = useLanguage();
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const readout = useRef<HTMLDivElement>(null);
  const id = useId();
  const [spoken, setSpoken] = useState('');
  // uPlot keeps the functions it was made with; they read what is current from here.
  const current = useRef<Drawn>({ ...props, palette: readPalette(), language, gapWords: t('ui.noData') });
  current.current = { ...props, palette: current.current.palette, language, gapWords: t('ui.noData') };
  const structure = `${series.map((each) => `${each.id}${each.colour}${each.dashed}`).join()}|${sync}|${props.markers !== undefined}`;

  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null || element.clientWidth === 0) return;
    const made = new uPlot(
      options(element.clientWidth, heightPx, sync, current, readout),
      plotData(current.current),
      element,
    );
    plot.current = made;
    const resize = new ResizeObserver(() => {
      if (element.clientWidth > 0 && element.clientWidth !== made.width)
        made.setSize({ width: element.clientWidth, height: heightPx });
    });
    resize.observe(element);
    const stopTheme = onThemeChange(() => {
      current.current = { ...current.current, palette: readPalette() };
      made.redraw(false, true);
    });
    return () => {
      resize.disconnect();
      stopTheme();
      made.destroy();
      plot.current = null;
    };
    // A chart of another structure is another chart; data and range are set below.
  }, [structure, sync, heightPx]);

  useEffect(() => {
    const made = plot.current;
    if (made === null) return;
    made.batch(() => {
      made.setData(plotData(current.current), false);
      made.setScale('x', { min: fromMs / 1000, max: toMs / 1000 });
    });
  }, [aligned, fromMs, toMs, language, scale, props.levels, props.markers, props.top, props.bottom]);

  const onKeyDown = (event: React.KeyboardEvent) => {
    const made = plot.current;
    const count = aligned.times.length;
    if (made === null || count === 0) return;
    const index = made.cursor.idx ?? count - 1;
    const next = nextIndex(event, index, count);
    if (next === null) return;
    event.preventDefault();
    const time = aligned.times[next] ?? toMs;
    moveCursor(sync, time);
    setSpoken(
      [
        dateTimeText(time, language),
        ...series.map(
          (each, at) => `${each.label} ${quantityText(aligned.averages[at]?.[next], unit, language, scale)}`,
        ),
      ].join(', '),
    );
  };

  return (
    <div
      role="group"
      aria-roledescription={t('charts.role')}
      aria-label={title}
      aria-describedby={id}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onBlur={() => moveCursor(sync, null)}
      className="relative rounded-sm"
    >
      <p id={id} className="sr-only">
        {summary}
      </p>
      <div ref={frame} style={{ height: heightPx }} aria-hidden="true" />
      <div
        ref={readout}
        aria-hidden="true"
        className="pointer-events-none absolute inset-0 overflow-hidden"
      />
      <p aria-live="polite" className="sr-only">
        {spoken}
      </p>
    </div>
  );
}

const OFF_PLOT_PX = -10;

/** Moves the cursor of all charts that share it to a time, or takes it away. */
function moveCursor(sync: string, timeMs: Millis | null): void {
  for (const plot of uPlot.sync(sync).plots) {
    const left = timeMs === null ? OFF_PLOT_PX : plot.valToPos(timeMs / 1000, 'x');
    plot.setCursor({ left, top: timeMs === null ? OFF_PLOT_PX : 0 });
  }
}

/** Arrows move by a sample, with Shift by ten, Home and End to the ends. */
function nextIndex(event: React.KeyboardEvent, index: number, count: number): number | null {
  const step = event.shiftKey ? 10 : 1;
  const moves: Readonly<Record<string, number>> = {
    ArrowLeft: index - step,
    ArrowRight: index + step,
    Home: 0,
    End: count - 1,
  };
  const next = moves[event.key];
  return next === undefined ? null : Math.min(count - 1, Math.max(0, next));
}

interface Drawn extends PlotProps {
  readonly palette: Palette;
  readonly language: Language;
  readonly gapWords: string;
}

function plotData({ aligned }: Drawn): uPlot.AlignedData {
  return [aligned.times.map((time) => time / 1000), ...aligned.averages];
}

function seriesColour({ palette, series }: Drawn, index: number): string {
  return palette[`c${series[index]?.colour ?? 1}`];
}

/** Ends and ticks of the value axis in the catalogue's unit. */
function valueAxis({ scale, series, top, bottom, levels = NO_LEVELS, fromMs, toMs }: Drawn): number[] {
  const low = (bottom ?? 0) * scale.factor;
  if (top !== undefined) {
    return [low / scale.factor, (low / scale.factor + top) / 2, top];
  }
  const highest = Math.max(0, ...series.map(({ points }) => figuresOf(points, fromMs, toMs).max ?? 0));
  // A level is drawn where the values come near it, not to squash a quiet chart.
  const near = levels.map(({ level }) => level).filter((level) => level <= highest * 4);
  const head = Math.max(highest * 1.05, ...near.map((level) => level * 1.1)) * scale.factor;
  return valueTicks(low, head).map((tick) => tick / scale.factor);
}

function options(
  width: number,
  height: number,
  sync: string,
  current: React.RefObject<Drawn>,
  readout: React.RefObject<HTMLDivElement | null>,
): uPlot.Options {
  const drawn = () => current.current;
  const font = () => `11px ${drawn().palette.font}`;
  return {
    width,
    height,
    ms: 1e-3,
    padding: [drawn().markers === undefined ? 10 : MARKER_LANE_PX, EDGE_PX, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: false, y: false },
      sync: { key: sync, setSeries: false },
      points: {
        size: 8,
        width: 2,
        stroke: (_, index) => seriesColour(drawn(), index - 1),
        fill: () => drawn().palette.surface,
      },
    },
    scales: {
      x: { time: true, range: () => [drawn().fromMs / 1000, drawn().toMs / 1000] },
      y: {
        range: () => {
          const ticks = valueAxis(drawn());
          return [ticks[0] ?? 0, ticks.at(-1) ?? 1];
        },
      },
    },
    axes: [
      {
        size: TIME_AXIS_PX,
        font: font(),
        gap: 6,
        stroke: () => drawn().palette.axis,
        grid: { show: false },
        ticks: { show: false },
        splits: (self) =>
          timeTicks(
            drawn().fromMs,
            drawn().toMs,
            Math.max(2, Math.floor(self.bbox.width / devicePixelRatio / TICK_PX)),
          ).map((tick) => tick / 1000),
        values: (_, splits) =>
          timeTickLabels(
            splits.map((split) => split * 1000),
            drawn().language,
          ),
      },
      {
        size: AXIS_PX,
        font: font(),
        gap: 4,
        stroke: () => drawn().palette.axis,
        grid: { stroke: () => drawn().palette.grid, width: 1 },
        ticks: { show: false },
        splits: () => valueAxis(drawn()),
        values: (_, splits) => axisLabels(splits, drawn()),
      },
    ],
    series: [
      {},
      ...drawn().series.map(
        (each, index): uPlot.Series => ({
          stroke: () => seriesColour(drawn(), index),
          width: 1.6,
          spanGaps: false,
          ...(each.dashed ? { dash: DASH } : {}),
          points: { show: true, size: 4, filter: (self, at) => isolatedPoints([...(self.data[at] ?? [])]) },
        }),
      ),
    ],
    hooks: {
      drawAxes: [
        (self) => {
          const now = drawn();
          paintBeneath(
            self,
            now.palette,
            now.aligned,
            now.levels ?? NO_LEVELS,
            now.series.map((_, index) => seriesColour(now, index)),
            now.gapWords,
          );
        },
      ],
      draw: [
        (self) =>
          paintAbove(self, drawn().palette, drawn().levels ?? NO_LEVELS, drawn().markers ?? NO_MARKERS),
      ],
      setCursor: [(self) => readOut(self, drawn(), readout.current)],
    },
  };
}

/** As many decimals as the finest tick needs, the same for all; the unit stands at the top tick only. */
function axisLabels(splits: readonly number[], { scale, language }: Drawn): string[] {
  const shown = splits.map((split) => Number((split * scale.factor).toPrecision(6)));
  const exact = [0, 1].find((digits) => shown.every((value) => Number(value.toFixed(digits)) === value));
  const decimals = exact ?? (Math.max(...shown) >= 10 ? 1 : 2);
  return shown.map((value, index) => {
    const number = value === 0 ? '0' : value.toFixed(decimals);
    if (index < shown.length - 1 || scale.unit === '') return number;
    return scale.unit === '%' && language === 'zh' ? `${number}%` : `${number} ${scale.unit}`;
  });
}

/** Values beside the points and the time on the axis; never a box over the data. */
function readOut(plot: uPlot, drawn: Drawn, element: HTMLDivElement | null): void {
  if (element === null) return;
  const index = plot.cursor.idx;
  if (index == null || (plot.cursor.left ?? -1) < 0) {
    element.replaceChildren();
    return;
  }
  const time = (plot.data[0][index] ?? 0) * 1000;
  const offsetLeft = plot.bbox.left / devicePixelRatio;
  const offsetTop = plot.bbox.top / devicePixelRatio;
  const plotWidth = plot.bbox.width / devicePixelRatio;
  const plotHeight = plot.bbox.height / devicePixelRatio;
  const x = plot.valToPos(time / 1000, 'x');
  const spans = Math.abs(drawn.toMs - drawn.fromMs) > 36 * 3_600_000;
  const pill = label(
    'rounded-sm bg-text-2 px-1.5 text-11 leading-[18px] text-surface',
    spans ? recordTime(time, drawn.toMs, drawn.language) : clockTime(time, true),
  );
  const nodes: HTMLElement[] = [pill];
  const taken: number[] = [];
  drawn.series.forEach((_, at) => {
    const value = plot.data[at + 1]?.[index];
    if (value == null) return;
    let y = plot.valToPos(value, 'y') - 16;
    while (taken.some((other) => Math.abs(other - y) < 14)) y += 14;
    taken.push(y);
    const node = label(
      'rounded-sm bg-surface/85 px-0.5 text-11 leading-4 font-medium',
      quantityText(value, drawn.unit, drawn.language, drawn.scale),
    );
    node.style.color = seriesColour(drawn, at);
    node.style.top = `${Math.min(offsetTop + plotHeight - 16, Math.max(offsetTop - 8, offsetTop + y))}px`;
    if (x > plotWidth - 70) node.style.right = `${plot.width - offsetLeft - x + 8}px`;
    else node.style.left = `${offsetLeft + x + 8}px`;
    nodes.push(node);
  });
  element.replaceChildren(...nodes);
  const width = pill.offsetWidth;
  pill.style.top = `${offsetTop + plotHeight + 4}px`;
  pill.style.left = `${Math.min(plot.width - width, Math.max(0, offsetLeft + x - width / 2))}px`;
}

function label(className: string, text: string): HTMLElement {
  const element = document.createElement('span');
  element.className = `absolute whitespace-nowrap ${className}`;
  element.textContent = text;
  return element;
}
