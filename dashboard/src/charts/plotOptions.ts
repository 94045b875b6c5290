/** How uPlot is told to draw one of our charts; what is drawn is read anew at each drawing. */
import type uPlot from 'uplot';
import type { Language } from '@muster/shared/api/access.ts';
import type { Millis } from '@muster/shared/time.ts';
import { formatNumber, type Scale } from '../util/quantity.ts';
import { type Aligned, type ChartSeries, dashOf, figuresOf, isolatedPoints } from './data.ts';
import type { ChartMarker, ChartWindow } from './markers.ts';
import {
  type ChartForecast,
  type ChartLevel,
  MARKER_LANE_PX,
  paintAbove,
  paintBeneath,
  type Scene,
} from './paint.ts';
import type { Palette } from './palette.ts';
import { timeTickLabels, timeTicks, valueTicks } from './scale.ts';

/** Wide enough for `100 Mbit/s`, the same on all charts so that their times stand in one line. */
export const AXIS_PX = 68;
export const TIME_AXIS_PX = 24;
/** Half of a time label, so that one at the end is not cut. */
export const EDGE_PX = 17;
/** Above the plot where no lane of markers is: half of the top tick. */
const HEAD_PX = 10;
/** Room of one time label. */
const TICK_PX = 76;
const LINE_PX = 1.6;

/** All that one drawing needs, with its words. */
export interface Drawn {
  readonly series: readonly ChartSeries[];
  readonly aligned: Aligned;
  readonly scale: Scale;
  readonly unit: string;
  readonly fromMs: Millis;
  readonly toMs: Millis;
  readonly top: number | undefined;
  readonly bottom: number | undefined;
  readonly levels: readonly ChartLevel[];
  readonly markers: readonly ChartMarker[];
  readonly windows: readonly ChartWindow[];
  /** Room for markers is kept even while there are none. */
  readonly lane: boolean;
  readonly gaps: Scene['gaps'];
  readonly forecast: ChartForecast | null;
  readonly now: Scene['now'];
  readonly palette: Palette;
  readonly language: Language;
}

export function headPx({ lane }: Pick<Drawn, 'lane'>): number {
  return lane ? MARKER_LANE_PX : HEAD_PX;
}

/** `ratio`: canvas px of one CSS px. Cursor and hooks of a chart on the page come on top. */
export function plotOptions(
  size: { readonly width: number; readonly height: number },
  drawn: () => Drawn,
  ratio: () => number,
): uPlot.Options {
  const font = () => `11px ${drawn().palette.font}`;
  const scene = (): Scene => ({
    ...drawn(),
    colours: drawn().series.map((_, index) => seriesColour(drawn(), index)),
    ratio: ratio(),
  });
  return {
    ...size,
    ms: 1e-3,
    padding: [() => headPx(drawn()), EDGE_PX, 0, 0],
    legend: { show: false },
    cursor: { show: false },
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
            Math.max(2, Math.floor(self.bbox.width / ratio() / TICK_PX)),
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
          width: LINE_PX,
          spanGaps: false,
          dash: [...dashOf(each)],
          points: { show: true, size: 4, filter: (self, at) => isolatedPoints(self.data[at] ?? []) },
        }),
      ),
    ],
    hooks: {
      drawAxes: [(self) => paintBeneath(self, scene())],
      draw: [(self) => paintAbove(self, scene())],
    },
  };
}

export function plotData({ aligned }: Drawn): uPlot.AlignedData {
  return [aligned.times.map((time) => time / 1000), ...aligned.averages];
}

export function seriesColour({ palette, series }: Pick<Drawn, 'palette' | 'series'>, index: number): string {
  return palette[`c${series[index]?.colour ?? 1}`];
}

/** Ends and ticks of the value axis in the catalogue's unit. */
export function valueAxis(
  drawn: Pick<
    Drawn,
    'series' | 'scale' | 'unit' | 'top' | 'bottom' | 'levels' | 'forecast' | 'fromMs' | 'toMs'
  >,
): number[] {
  const { scale, series, unit, top, levels, forecast, fromMs, toMs } = drawn;
  const bottom = drawn.bottom ?? 0;
  if (top !== undefined) return [bottom, (bottom + top) / 2, top];
  const highest = Math.max(
    0,
    ...series.map(({ points }) => figuresOf(points, fromMs, toMs).max ?? 0),
    ...(forecast?.points ?? []).map(([, median]) => median),
  );
  // A level is drawn where the values come near it, not to squash a quiet chart.
  const near = levels.map(({ level }) => level).filter((level) => level <= highest * 4);
  const head = Math.max(highest * 1.05, ...near.map((level) => level * 1.1)) * scale.factor;
  const ticks = valueTicks(bottom * scale.factor, head).map((tick) => tick / scale.factor);
  // A share ends at the whole: 150 % is not a round number but a wrong one.
  return unit === '%' && highest <= 100 && (ticks.at(-1) ?? 0) > 100
    ? [bottom, (bottom + 100) / 2, 100]
    : ticks;
}

/** As many decimals as the finest tick needs, the same for all; the unit stands at the top tick only. */
export function axisLabels(
  splits: readonly number[],
  { scale, language }: Pick<Drawn, 'scale' | 'language'>,
): string[] {
  const shown = splits.map((split) => Number((split * scale.factor).toPrecision(6)));
  const exact = [0, 1].find((digits) => shown.every((value) => Number(value.toFixed(digits)) === value));
  const decimals = exact ?? (Math.max(...shown) >= 10 ? 1 : 2);
  return shown.map((value, index) => {
    const number = value === 0 ? '0' : formatNumber(value, decimals, language);
    if (index < shown.length - 1 || scale.unit === '') return number;
    return scale.unit === '%' && language === 'zh' ? `${number}%` : `${number} ${scale.unit}`;
  });
}
