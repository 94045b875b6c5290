/** What a chart draws beside its lines: bands, gaps, levels with their hysteresis, forecast, markers. Canvas only. */
import type uPlot from 'uplot';
import type { Severity } from '@muster/shared/api/rules.ts';
import type { Millis } from '@muster/shared/time.ts';
import { type Aligned, type Gap, runsOf } from './data.ts';
import { type Box, gapPlaces, isFree } from './gapPlaces.ts';
import { type ChartMarker, type ChartWindow, FOLD_PX, foldMarkers } from './markers.ts';
import type { Palette } from './palette.ts';

export type { ChartMarker } from './markers.ts';

export interface ChartLevel {
  readonly severity: Severity;
  readonly op: 'above' | 'below';
  /** In the unit of the series. */
  readonly level: number;
  readonly clear: number;
  /** The level in one line: `warning 85 %, clears below 82 %`. */
  readonly label: string;
}

/** What is expected to come: [ms, median, low, high] of the 80 % interval, in the unit of the series. */
export interface ChartForecast {
  readonly points: readonly (readonly [Millis, number, number, number])[];
  readonly colour: 1 | 2 | 3 | 4 | 5 | 6;
}

/** Everything that is painted around the lines; the words are ready. */
export interface Scene {
  readonly palette: Palette;
  readonly aligned: Aligned;
  readonly colours: readonly string[];
  readonly levels: readonly ChartLevel[];
  readonly markers: readonly ChartMarker[];
  readonly windows: readonly ChartWindow[];
  /** `missing`: something could have been there, and the gap is hatched. */
  readonly gaps: readonly (Gap & { readonly words: string; readonly missing: boolean })[];
  readonly forecast: ChartForecast | null;
  /** A line at the present moment, with its word. */
  readonly now: { readonly atMs: Millis; readonly word: string } | null;
  /** Canvas px of one CSS px. */
  readonly ratio: number;
}

const BAND_OPACITY = 0.2;
const STRIP_OPACITY = 0.13;
const WINDOW_OPACITY = 0.16;
const HATCH_STEP = 6;
const LABEL_PX = 11;
const LINE_PX = 14;
/** The words of a level near the top may reach so far above the plot. */
const OVER_TOP_PX = 5;
/** Height of the lane above the plot, in which markers stand. */
export const MARKER_LANE_PX = 22;

/** Beneath the lines: planned windows, gaps, hysteresis strips, min–max bands, the cone of a forecast. */
export function paintBeneath(plot: uPlot, scene: Scene): void {
  const { ctx, bbox } = plot;
  const { palette, aligned, ratio } = scene;
  ctx.save();
  clip(ctx, bbox);
  for (const window of scene.windows) {
    ctx.globalAlpha = WINDOW_OPACITY;
    ctx.fillStyle = palette['planned-solid'];
    const left = plot.valToPos(window.fromMs / 1000, 'x', true);
    const width = plot.valToPos(window.toMs / 1000, 'x', true) - left;
    ctx.fillRect(left, bbox.top, Math.max(ratio, width), bbox.height);
    ctx.globalAlpha = 1;
  }
  for (const level of scene.levels) paintStrip(plot, palette, level);
  aligned.averages.forEach((_, index) => paintBand(plot, aligned, index, scene.colours[index] ?? palette.c1));
  if (scene.forecast) paintCone(plot, palette, scene.forecast);
  for (const gap of scene.gaps) {
    if (!gap.missing) continue;
    const left = plot.valToPos(gap.fromMs / 1000, 'x', true);
    const width = Math.max(ratio, plot.valToPos(gap.toMs / 1000, 'x', true) - left);
    hatch(ctx, left, bbox.top, width, bbox.height, palette['unknown-solid'], ratio);
  }
  ctx.restore();
}

/** Above the lines: levels and gaps with their words, forecast, the present, markers with their lane. */
export function paintAbove(plot: uPlot, scene: Scene): void {
  const { ctx } = plot;
  ctx.save();
  const taken: Box[] = [];
  // The worst level is named first: where there is no room for all, it is the one that is read.
  const worstFirst = [...scene.levels].sort((a, b) => a.severity.localeCompare(b.severity));
  for (const level of worstFirst) paintLevelLine(plot, scene, level);
  if (scene.forecast) paintMedian(plot, scene, scene.forecast);
  if (scene.now) paintNow(plot, scene, scene.now, taken);
  for (const level of worstFirst) paintLevelWords(plot, scene, level, taken);
  paintGapWords(plot, scene, taken);
  paintLane(plot, scene);
  ctx.restore();
}

function levelY(plot: uPlot, { level }: ChartLevel): number | null {
  const y = Math.round(plot.valToPos(level, 'y', true)) + 0.5;
  return y < plot.bbox.top - 1 || y > plot.bbox.top + plot.bbox.height ? null : y;
}

const LEVEL_TONES = { critical: 'crit', warning: 'warn' } as const satisfies Record<Severity, string>;

function paintLevelLine(plot: uPlot, { palette, ratio }: Scene, level: ChartLevel): void {
  const { ctx, bbox } = plot;
  const y = levelY(plot, level);
  if (y === null) return;
  ctx.strokeStyle = palette[`${LEVEL_TONES[level.severity]}-solid`];
  ctx.lineWidth = 1.4 * ratio;
  ctx.setLineDash(level.severity === 'critical' ? [] : [5 * ratio, 4 * ratio]);
  line(ctx, bbox.left, y, bbox.left + bbox.width, y);
  ctx.setLineDash([]);
}

/** The words of a level: above its line, below it, or beside those that stand there already. */
function paintLevelWords(plot: uPlot, { palette, ratio }: Scene, level: ChartLevel, taken: Box[]): void {
  const { ctx, bbox } = plot;
  const y = levelY(plot, level);
  if (y === null) return;
  ctx.font = `500 ${LABEL_PX * ratio}px ${palette.font}`;
  const width = ctx.measureText(level.label).width;
  const starts = [bbox.left + 5 * ratio, ...taken.map(({ end }) => end + 14 * ratio)];
  const boxes = starts.flatMap((x) =>
    [y - 5 * ratio, y + (LABEL_PX + 3) * ratio].map((at) => ({ x, end: x + width, y: at })),
  );
  const box = boxes.find(
    (each) =>
      each.y - LABEL_PX * ratio > bbox.top - OVER_TOP_PX * ratio &&
      each.y < bbox.top + bbox.height &&
      each.end <= bbox.left + bbox.width &&
      isFree(each, taken, LINE_PX * ratio),
  );
  if (box === undefined) return;
  taken.push(box);
  const colour = palette[`${LEVEL_TONES[level.severity]}-fg`];
  halo(ctx, level.label, box.x, box.y, colour, palette.surface, ratio);
}

function paintGapWords(plot: uPlot, { palette, ratio, levels, gaps }: Scene, taken: readonly Box[]): void {
  const { ctx, bbox } = plot;
  ctx.font = `${LABEL_PX * ratio}px ${palette.font}`;
  const [left, right] = [bbox.left, bbox.left + bbox.width];
  const worded = gaps.map((gap) => ({
    left: Math.max(left, plot.valToPos(gap.fromMs / 1000, 'x', true)),
    right: Math.min(right, plot.valToPos(gap.toMs / 1000, 'x', true)),
    width: ctx.measureText(gap.words).width,
  }));
  const lines = levels.flatMap((level) => levelY(plot, level) ?? []);
  const places = gapPlaces(worded, { left, right, top: bbox.top, rowHeight: LINE_PX * ratio, lines }, taken);
  gaps.forEach(({ words, missing }, index) => {
    const box = places[index];
    if (box)
      halo(ctx, words, box.x, box.y, palette[missing ? 'unknown-fg' : 'text-3'], palette.surface, ratio);
  });
}

function paintNow(
  plot: uPlot,
  { palette, ratio }: Scene,
  now: NonNullable<Scene['now']>,
  taken: Box[],
): void {
  const { ctx, bbox } = plot;
  const x = plot.valToPos(now.atMs / 1000, 'x', true);
  if (x < bbox.left || x > bbox.left + bbox.width) return;
  ctx.strokeStyle = palette['text-3'];
  ctx.lineWidth = ratio;
  line(ctx, x, bbox.top, x, bbox.top + bbox.height);
  ctx.font = `500 ${LABEL_PX * ratio}px ${palette.font}`;
  const width = ctx.measureText(now.word).width;
  const start = x + 4 * ratio + width < bbox.left + bbox.width ? x + 4 * ratio : x - 4 * ratio - width;
  const box = { x: start, end: start + width, y: bbox.top + LABEL_PX * ratio };
  taken.push(box);
  halo(ctx, now.word, box.x, box.y, palette['text-2'], palette.surface, ratio);
}

/** The 80 % interval. */
function paintCone(plot: uPlot, palette: Palette, { points, colour }: ChartForecast): void {
  const { ctx } = plot;
  const x = (atMs: Millis) => plot.valToPos(atMs / 1000, 'x', true);
  ctx.globalAlpha = BAND_OPACITY;
  ctx.fillStyle = palette[`c${colour}`];
  ctx.beginPath();
  for (const [at, , , high] of points) ctx.lineTo(x(at), plot.valToPos(high, 'y', true));
  for (const [at, , low] of points.toReversed()) ctx.lineTo(x(at), plot.valToPos(low, 'y', true));
  ctx.fill();
  ctx.globalAlpha = 1;
}

function paintMedian(plot: uPlot, { palette, ratio }: Scene, { points, colour }: ChartForecast): void {
  const { ctx, bbox } = plot;
  ctx.save();
  clip(ctx, bbox);
  ctx.strokeStyle = palette[`c${colour}`];
  ctx.lineWidth = 1.6 * ratio;
  ctx.setLineDash([1.6 * ratio, 3 * ratio]);
  ctx.beginPath();
  for (const [at, median] of points)
    ctx.lineTo(plot.valToPos(at / 1000, 'x', true), plot.valToPos(median, 'y', true));
  ctx.stroke();
  ctx.restore();
}

/** Lines through the plot at each marker; in the lane its shape, once for those that stand close, and its words. */
function paintLane(plot: uPlot, scene: Scene): void {
  const { ctx, bbox } = plot;
  const { palette, ratio } = scene;
  const laneY = bbox.top - 9 * ratio;
  const xOf = (atMs: Millis) => plot.valToPos(atMs / 1000, 'x', true);
  const inside = scene.markers.filter(({ atMs }) => {
    const x = xOf(atMs);
    return x >= bbox.left && x <= bbox.left + bbox.width;
  });
  for (const marker of inside) paintMarkerLine(plot, scene, marker, xOf(marker.atMs));
  const folded = foldMarkers(inside, xOf, FOLD_PX * ratio);
  let taken = bbox.left;
  folded.forEach(({ x, shown, markers }, index) => {
    markerShape(ctx, shown, x, laneY, 5 * ratio, palette);
    const label = markers.length > 1 ? `×${markers.length}` : shown.label;
    ctx.font = `${LABEL_PX * ratio}px ${palette.font}`;
    const width = ctx.measureText(label).width;
    // Right of the mark where there is room up to the next one, else left of it, else only on the mark itself.
    const next = (folded[index + 1]?.x ?? bbox.left + bbox.width + 9 * ratio) - 9 * ratio;
    const fitsRight = x + 9 * ratio + width < next;
    const start = fitsRight ? x + 9 * ratio : x - 9 * ratio - width;
    if (fitsRight || start >= taken)
      halo(ctx, label, start, laneY + 4 * ratio, palette['text-2'], palette.surface, ratio);
    taken = fitsRight ? start + width + 4 * ratio : x + 8 * ratio;
  });
  for (const window of scene.windows) paintWindowWords(plot, scene, window, folded.length === 0);
}

function paintMarkerLine(plot: uPlot, { palette, ratio }: Scene, marker: ChartMarker, x: number): void {
  const { ctx, bbox } = plot;
  const dashes = { change: [2, 3], breach: [4, 3], opened: [] } as const;
  ctx.strokeStyle = markerColour(marker, palette);
  ctx.lineWidth = 1.4 * ratio;
  ctx.setLineDash(dashes[marker.kind].map((px) => px * ratio));
  line(ctx, x, bbox.top, x, bbox.top + bbox.height);
  ctx.setLineDash([]);
}

function markerColour({ kind, severity }: ChartMarker, palette: Palette): string {
  if (kind === 'change') return palette['unknown-fg'];
  return palette[severity === 'warning' ? 'warn-solid' : 'crit-solid'];
}

/** In the lane where no marker stands in it, else at the foot of the span. */
function paintWindowWords(
  plot: uPlot,
  { palette, ratio }: Scene,
  window: ChartWindow,
  inLane: boolean,
): void {
  const { ctx, bbox } = plot;
  const left = Math.max(bbox.left, plot.valToPos(window.fromMs / 1000, 'x', true));
  const right = Math.min(bbox.left + bbox.width, plot.valToPos(window.toMs / 1000, 'x', true));
  ctx.font = `${LABEL_PX * ratio}px ${palette.font}`;
  const width = ctx.measureText(window.label).width;
  const fits = inLane ? left + width < bbox.left + bbox.width : width + 8 * ratio < right - left;
  if (right <= left || !fits) return;
  const y = inLane ? bbox.top - 5 * ratio : bbox.top + bbox.height - 5 * ratio;
  halo(ctx, window.label, left + 2 * ratio, y, palette['planned-fg'], palette.surface, ratio);
}

function paintStrip(plot: uPlot, palette: Palette, level: ChartLevel): void {
  const { ctx, bbox } = plot;
  const a = plot.valToPos(level.level, 'y', true);
  const b = plot.valToPos(level.clear, 'y', true);
  ctx.globalAlpha = STRIP_OPACITY;
  ctx.fillStyle = palette[level.severity === 'critical' ? 'crit-solid' : 'warn-solid'];
  ctx.fillRect(bbox.left, Math.min(a, b), bbox.width, Math.abs(a - b));
  ctx.globalAlpha = 1;
}

function paintBand(plot: uPlot, aligned: Aligned, index: number, colour: string): void {
  const { ctx } = plot;
  const lows = aligned.lows[index] ?? [];
  if (lows === aligned.averages[index]) return;
  const highs = aligned.highs[index] ?? [];
  const x = (at: number) => plot.valToPos((aligned.times[at] ?? 0) / 1000, 'x', true);
  ctx.globalAlpha = BAND_OPACITY;
  ctx.fillStyle = colour;
  for (const { from, to } of runsOf(lows)) {
    ctx.beginPath();
    for (let at = from; at <= to; at++) ctx.lineTo(x(at), plot.valToPos(highs[at] ?? 0, 'y', true));
    for (let at = to; at >= from; at--) ctx.lineTo(x(at), plot.valToPos(lows[at] ?? 0, 'y', true));
    ctx.fill();
  }
  ctx.globalAlpha = 1;
}

function markerShape(
  ctx: CanvasRenderingContext2D,
  marker: ChartMarker,
  x: number,
  y: number,
  size: number,
  palette: Palette,
): void {
  const { kind } = marker;
  ctx.strokeStyle = markerColour(marker, palette);
  ctx.fillStyle = markerColour(marker, palette);
  ctx.beginPath();
  if (kind === 'change') {
    ctx.moveTo(x, y - size);
    ctx.lineTo(x + size, y);
    ctx.lineTo(x, y + size);
    ctx.lineTo(x - size, y);
    ctx.closePath();
    ctx.stroke();
  } else if (kind === 'breach') {
    ctx.moveTo(x, y - size);
    ctx.lineTo(x + size, y + size * 0.8);
    ctx.lineTo(x - size, y + size * 0.8);
    ctx.closePath();
    ctx.stroke();
  } else {
    ctx.rect(x - size * 0.9, y - size * 0.9, size * 1.8, size * 1.8);
    ctx.fill();
    ctx.strokeStyle = palette.surface;
    line(ctx, x - size * 0.4, y - size * 0.4, x + size * 0.4, y + size * 0.4);
    line(ctx, x + size * 0.4, y - size * 0.4, x - size * 0.4, y + size * 0.4);
  }
}

function hatch(
  ctx: CanvasRenderingContext2D,
  left: number,
  top: number,
  width: number,
  height: number,
  colour: string,
  ratio: number,
): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.strokeStyle = colour;
  ctx.globalAlpha = 0.45;
  ctx.lineWidth = 1.2 * ratio;
  ctx.beginPath();
  for (let x = left - height; x < left + width; x += HATCH_STEP * ratio) {
    ctx.moveTo(x, top + height);
    ctx.lineTo(x + height, top);
  }
  ctx.stroke();
  ctx.restore();
}

function halo(
  ctx: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  colour: string,
  surface: string,
  ratio: number,
): void {
  ctx.textAlign = 'left';
  ctx.textBaseline = 'alphabetic';
  ctx.lineJoin = 'round';
  ctx.strokeStyle = surface;
  ctx.lineWidth = 3.5 * ratio;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = colour;
  ctx.fillText(text, x, y);
}

function line(ctx: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  ctx.beginPath();
  ctx.moveTo(x1, y1);
  ctx.lineTo(x2, y2);
  ctx.stroke();
}

function clip(ctx: CanvasRenderingContext2D, { left, top, width, height }: uPlot.BBox): void {
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
}
