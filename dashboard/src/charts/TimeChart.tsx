/**
 * Values over time on uPlot: gaps stay gaps, bands, levels, markers that lead to their records, shared cursor, zoom by
 * drag and keys, table twin.
 */
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import type { Language } from '@muster/shared/api/access.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Translate } from '../i18n/catalogue.ts';
import { useLanguage, useT } from '../i18n/i18n.ts';
import { quantityText, scaleFor, type Scale } from '../util/quantity.ts';
import { dateTimeText, recordTime } from '../util/time.ts';
import { alignSeries, type ChartSeries, figuresOf, type GapReason } from './data.ts';
import { gapsInWords } from './gapsInWords.ts';
import { type Current, moveCursor, nextIndex, pageOptions, zoomByKey } from './input.ts';
import { MarkerLane } from './MarkerLane.tsx';
import type { ChartMarker, ChartWindow } from './markers.ts';
import type { ChartForecast, ChartLevel } from './paint.ts';
import { onThemeChange, readPalette } from './palette.ts';
import { AXIS_PX, type Drawn, EDGE_PX, headPx, plotData, TIME_AXIS_PX, valueAxis } from './plotOptions.ts';
import { TableTwin } from './TableTwin.tsx';
import type { Span } from './zoom.ts';

export interface TimeChartProps {
  /** What is shown, for the spoken summary. */
  readonly title: string;
  /** At most four lines; more are a table. */
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
  /** Given, even if empty, a lane is kept for them above the plot. */
  readonly markers?: readonly ChartMarker[];
  /** Downtime agreed beforehand. */
  readonly windows?: readonly ChartWindow[];
  /** Why nothing was recorded, where it is known. */
  readonly gapReasons?: readonly GapReason[];
  /** Since when there is data of what became known within the range: before that nothing is missing. */
  readonly sinceMs?: Millis | null;
  readonly forecast?: ChartForecast | undefined;
  /** Draws a line at the present; for charts that reach beyond it. */
  readonly nowMs?: Millis | undefined;
  readonly heightPx?: number;
  /** Charts of one page share the cursor by this name. */
  readonly sync: string;
  readonly asTable?: boolean;
  /** A range was chosen by drag or keys; without it the chart cannot be zoomed. */
  readonly onZoom?: ((span: Span) => void) | undefined;
  /** Double click or 0: back to the range before zooming. */
  readonly onReset?: (() => void) | undefined;
  /** A drag begins or ends; what moves by itself stands still meanwhile. */
  readonly onDrag?: ((dragging: boolean) => void) | undefined;
  /** Lies over the plot, e.g. handles to move a level; placed by the geometry. */
  readonly children?: (geometry: PlotGeometry) => React.ReactNode;
}

/** Where the plot lies within the chart, in CSS px from its top left corner. */
export interface PlotGeometry {
  readonly leftPx: number;
  readonly topPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly timeToX: (atMs: Millis) => number;
  readonly valueToY: (value: number) => number;
  readonly yToValue: (y: number) => number;
}

export const CHART_HEIGHT_PX = 176;
const NONE: readonly never[] = [];

export function TimeChart(props: TimeChartProps) {
  const { series, fromMs, toMs, unit, title, asTable = false } = props;
  const drawn = useDrawn(props);
  const summary = useSummary(props, drawn.scale);
  if (asTable)
    return (
      <TableTwin
        title={title}
        series={series}
        unit={unit}
        scale={drawn.scale}
        fromMs={fromMs}
        toMs={toMs}
        heightPx={props.heightPx ?? CHART_HEIGHT_PX}
      />
    );
  return <Plot {...props} drawn={drawn} summary={summary} />;
}

/** Everything that is drawn, without the colours, which change by themselves. */
function useDrawn(props: TimeChartProps): Omit<Drawn, 'palette'> {
  const { series, fromMs } = props;
  const t = useT();
  const language = useLanguage();
  const knownMs = pastEnd(props);
  const aligned = useMemo(() => alignSeries(series, fromMs, knownMs), [series, fromMs, knownMs]);
  const scale = useValueScale(props);
  return {
    ...withDefaults(props),
    series,
    aligned,
    scale,
    gaps: gapsInWords(aligned, { ...props, toMs: pastEnd(props) }, t, language),
    now: props.nowMs === undefined ? null : { atMs: props.nowMs, word: t('charts.now') },
    language,
  };
}

export function withDefaults(props: TimeChartProps) {
  return {
    unit: props.unit,
    fromMs: props.fromMs,
    toMs: props.toMs,
    top: props.top,
    bottom: props.bottom,
    levels: props.levels ?? NONE,
    markers: props.markers ?? NONE,
    windows: props.windows ?? NONE,
    lane: props.markers !== undefined || (props.windows ?? NONE).length > 0,
    forecast: props.forecast ?? null,
  };
}

/** One scale for the whole axis, by its upper end. */
function useValueScale(props: TimeChartProps): Scale {
  const { unit } = props;
  const size = props.top ?? highestOf(props);
  return useMemo(() => axisScale(unit, size), [unit, size]);
}

function highestOf({ series, fromMs, toMs }: TimeChartProps): number {
  return Math.max(0, ...series.map(({ points }) => figuresOf(points, fromMs, toMs).max ?? 0));
}

function axisScale(unit: string, size: number): Scale {
  const scale = scaleFor(unit, size);
  return { ...scale, decimals: size * scale.factor >= 10 ? Math.min(1, scale.decimals) : scale.decimals };
}

/** The future of a forecast is no gap: nothing could have been recorded there. */
function pastEnd({ toMs, nowMs: presentMs }: Pick<TimeChartProps, 'toMs' | 'nowMs'>): Millis {
  return presentMs === undefined ? toMs : Math.min(toMs, presentMs);
}

/** The same drawing outside of React, for pictures. */
export function drawnOf(
  props: TimeChartProps,
  t: Translate,
  language: Language,
  palette: Drawn['palette'],
): Drawn {
  const aligned = alignSeries(props.series, props.fromMs, pastEnd(props));
  return {
    ...withDefaults(props),
    series: props.series,
    aligned,
    scale: axisScale(props.unit, props.top ?? highestOf(props)),
    gaps: gapsInWords(aligned, { ...props, toMs: pastEnd(props) }, t, language),
    now: props.nowMs === undefined ? null : { atMs: props.nowMs, word: t('charts.now') },
    palette,
    language,
  };
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
  readonly drawn: Omit<Drawn, 'palette'>;
  readonly summary: string;
}

function Plot(props: PlotProps) {
  const { drawn, heightPx = CHART_HEIGHT_PX, sync, summary, title } = props;
  const t = useT();
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const readout = useRef<HTMLDivElement>(null);
  const id = useId();
  const [spoken, setSpoken] = useState('');
  const [widthPx, setWidthPx] = useState(0);
  const current = useRef<Current | null>(null);
  current.current = {
    drawn: { ...drawn, palette: current.current?.drawn.palette ?? readPalette() },
    props,
  };
  const structure = drawn.series
    .map((each) => [each.id, each.colour, each.dashed, each.dash].join(' '))
    .join('|');

  useLayoutEffect(() => {
    const element = frame.current;
    const held = () => current.current as Current;
    if (element === null) return;
    let made: uPlot | null = null;
    const make = (width: number) => {
      made = new uPlot(pageOptions(width, heightPx, sync, held, readout), plotData(held().drawn), element);
      plot.current = made;
    };
    const resize = () => {
      const width = element.clientWidth;
      if (width === 0) return;
      setWidthPx(width);
      if (made === null) make(width);
      else if (width !== made.width) made.setSize({ width, height: heightPx });
    };
    resize();
    const observer = new ResizeObserver(resize);
    observer.observe(element);
    const stopTheme = onThemeChange(() => {
      held().drawn = { ...held().drawn, palette: readPalette() };
      made?.redraw(false, true);
    });
    return () => {
      observer.disconnect();
      stopTheme();
      made?.destroy();
      plot.current = null;
    };
    // A chart of another structure is another chart; data and range are set below.
  }, [structure, sync, heightPx]);

  const { aligned, fromMs, toMs } = drawn;
  useEffect(() => {
    const made = plot.current;
    if (made === null || current.current === null) return;
    const now = current.current.drawn;
    made.batch(() => {
      made.setData(plotData(now), false);
      made.setScale('x', { min: fromMs / 1000, max: toMs / 1000 });
    });
  }, [
    aligned,
    fromMs,
    toMs,
    drawn.language,
    drawn.scale,
    drawn.levels,
    drawn.markers,
    drawn.windows,
    props.gapReasons,
    props.sinceMs,
    drawn.forecast,
    drawn.top,
    drawn.bottom,
  ]);

  const onKeyDown = (event: React.KeyboardEvent) => {
    // Marks and handles over the plot, and their menus, have keys of their own.
    if (event.target !== event.currentTarget) return;
    if (zoomByKey(event, props, plot.current)) return;
    const made = plot.current;
    const count = aligned.times.length;
    if (made === null || count === 0) return;
    const next = nextIndex(event, made.cursor.idx ?? count - 1, count);
    if (next === null) return;
    event.preventDefault();
    const time = aligned.times[next] ?? toMs;
    moveCursor(sync, time);
    setSpoken(spokenValues(drawn, next));
  };
  const geometry = geometryOf(drawn, widthPx, heightPx);

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
      {widthPx > 0 && drawn.markers.length > 0 && <MarkerLane markers={drawn.markers} geometry={geometry} />}
      {widthPx > 0 && props.children?.(geometry)}
      <p aria-live="polite" className="sr-only">
        {spoken}
      </p>
    </div>
  );
}

function geometryOf(drawn: Omit<Drawn, 'palette'>, widthPx: number, heightPx: number): PlotGeometry {
  const topPx = headPx(drawn);
  const plotWidth = Math.max(1, widthPx - AXIS_PX - EDGE_PX);
  const plotHeight = heightPx - topPx - TIME_AXIS_PX;
  const ticks = valueAxis(drawn);
  const [low, high] = [ticks[0] ?? 0, ticks.at(-1) ?? 1];
  return {
    leftPx: AXIS_PX,
    topPx,
    widthPx: plotWidth,
    heightPx: plotHeight,
    timeToX: (atMs) => AXIS_PX + ((atMs - drawn.fromMs) / (drawn.toMs - drawn.fromMs)) * plotWidth,
    valueToY: (value) => topPx + (1 - (value - low) / (high - low)) * plotHeight,
    yToValue: (y) => low + (1 - (y - topPx) / plotHeight) * (high - low),
  };
}

function spokenValues({ aligned, series, unit, language, scale }: Omit<Drawn, 'palette'>, index: number) {
  return [
    dateTimeText(aligned.times[index] ?? 0, language),
    ...series.map(
      (each, at) => `${each.label} ${quantityText(aligned.averages[at]?.[index], unit, language, scale)}`,
    ),
  ].join(', ');
}
