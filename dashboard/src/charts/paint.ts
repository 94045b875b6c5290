/** What a chart draws beside its lines: bands, gaps, levels with their hysteresis, markers. Canvas only. */
import type uPlot from 'uplot';
import type { Severity } from '@muster/shared/api/rules.ts';
import type { Millis } from '@muster/shared/time.ts';
import { type Aligned, runsOf } from './data.ts';
import type { Palette } from './palette.ts';

export interface ChartLevel {
  readonly severity: Severity;
  readonly op: 'above' | 'below';
  /** In the unit of the series. */
  readonly level: number;
  readonly clear: number;
  /** The level in one line: `warning 85 %, clears below 82 %`. */
  readonly label: string;
}

export interface ChartMarker {
  readonly atMs: Millis;
  readonly kind: 'change' | 'breach' | 'opened';
  readonly label: string;
}

const BAND_OPACITY = 0.2;
const STRIP_OPACITY = 0.13;
const HATCH_STEP = 6;
const LABEL_PX = 11;
/** Height of the lane above the plot, in which markers stand. */
export const MARKER_LANE_PX = 22;

/** Beneath the lines: gaps, hysteresis strips, min–max bands. */
export function paintBeneath(
  plot: uPlot,
  palette: Palette,
  aligned: Aligned,
  levels: readonly ChartLevel[],
  colours: readonly string[],
  gapWords: string,
): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  clip(ctx, bbox);
  for (const level of levels) paintStrip(plot, palette, level);
  aligned.averages.forEach((_, index) => paintBand(plot, aligned, index, colours[index] ?? palette.c1));
  for (const gap of aligned.gaps) {
    const left = plot.valToPos(gap.fromMs / 1000, 'x', true);
    const width = Math.max(ratio, plot.valToPos(gap.toMs / 1000, 'x', true) - left);
    hatch(ctx, left, bbox.top, width, bbox.height, palette['unknown-solid'], ratio);
    ctx.font = `${LABEL_PX * ratio}px ${palette.font}`;
    if (ctx.measureText(gapWords).width + 12 * ratio < width) {
      halo(
        ctx,
        gapWords,
        left + width / 2,
        bbox.top + 14 * ratio,
        palette['unknown-fg'],
        palette.surface,
        'center',
        ratio,
      );
    }
  }
  ctx.restore();
}

/** Above the lines: levels with their words, markers with their lane. */
export function paintAbove(
  plot: uPlot,
  palette: Palette,
  levels: readonly ChartLevel[],
  markers: readonly ChartMarker[],
): void {
  const { ctx } = plot;
  ctx.save();
  const labels: { y: number; end: number }[] = [];
  // The worst level is named first: where there is no room for all, it is the one that is read.
  const worstFirst = [...levels].sort((a, b) => a.severity.localeCompare(b.severity));
  for (const level of worstFirst) paintLevelLine(plot, palette, level);
  for (const level of worstFirst) paintLevelWords(plot, palette, level, labels);
  paintMarkers(plot, palette, markers);
  ctx.restore();
}

function levelY(plot: uPlot, { level }: ChartLevel): number | null {
  const y = Math.round(plot.valToPos(level, 'y', true)) + 0.5;
  return y < plot.bbox.top - 1 || y > plot.bbox.top + plot.bbox.height ? null : y;
}

const LEVEL_TONES = { critical: 'crit', warning: 'warn' } as const satisfies Record<Severity, string>;

function paintLevelLine(plot: uPlot, palette: Palette, level: ChartLevel): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const y = levelY(plot, level);
  if (y === null) return;
  ctx.strokeStyle = palette[`${LEVEL_TONES[level.severity]}-solid`];
  ctx.lineWidth = 1.4 * ratio;
  ctx.setLineDash(level.severity === 'critical' ? [] : [5 * ratio, 4 * ratio]);
  line(ctx, bbox.left, y, bbox.left + bbox.width, y);
  ctx.setLineDash([]);
}

/** The words of a level: above its line, below it, or beside those that stand there already. */
function paintLevelWords(
  plot: uPlot,
  palette: Palette,
  level: ChartLevel,
  labels: { y: number; end: number }[],
): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const y = levelY(plot, level);
  if (y === null) return;
  ctx.font = `500 ${LABEL_PX * ratio}px ${palette.font}`;
  const heightPx = 13 * ratio;
  const above = y - 5 * ratio;
  const below = y + (LABEL_PX + 3) * ratio;
  const fits = (at: number) => at - LABEL_PX * ratio > bbox.top && at < bbox.top + bbox.height;
  const others = (at: number) => labels.filter((other) => Math.abs(other.y - at) < heightPx);
  const places = [above, below].filter(fits);
  const labelY = places.find((at) => others(at).length === 0) ?? places[0];
  if (labelY === undefined) return;
  const labelX = Math.max(bbox.left + 5 * ratio, ...others(labelY).map((other) => other.end + 14 * ratio));
  const end = labelX + ctx.measureText(level.label).width;
  if (end > bbox.left + bbox.width) return;
  labels.push({ y: labelY, end });
  const colour = palette[`${LEVEL_TONES[level.severity]}-fg`];
  halo(ctx, level.label, labelX, labelY, colour, palette.surface, 'left', ratio);
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

/** Markers that would cover one another are folded to one with their number. */
function paintMarkers(plot: uPlot, palette: Palette, markers: readonly ChartMarker[]): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const laneY = bbox.top - 9 * ratio;
  const folded = foldMarkers(plot, markers);
  let taken = bbox.left;
  folded.forEach(({ x, marker, count }, index) => {
    if (x < bbox.left || x > bbox.left + bbox.width) return;
    const colour = marker.kind === 'change' ? palette['unknown-fg'] : palette['crit-solid'];
    ctx.strokeStyle = colour;
    ctx.fillStyle = colour;
    ctx.lineWidth = 1.4 * ratio;
    ctx.setLineDash(
      marker.kind === 'change'
        ? [2 * ratio, 3 * ratio]
        : marker.kind === 'breach'
          ? [4 * ratio, 3 * ratio]
          : [],
    );
    line(ctx, x, bbox.top, x, bbox.top + bbox.height);
    ctx.setLineDash([]);
    markerShape(ctx, marker.kind, x, laneY, 5 * ratio, palette);
    const label = count > 1 ? `${marker.label} ×${count}` : marker.label;
    ctx.font = `${LABEL_PX * ratio}px ${palette.font}`;
    const width = ctx.measureText(label).width;
    // Right of the mark where there is room up to the next one, else left of it, else only in the table.
    const next = (folded[index + 1]?.x ?? bbox.left + bbox.width + 9 * ratio) - 9 * ratio;
    const fitsRight = x + 9 * ratio + width < next;
    const start = fitsRight ? x + 9 * ratio : x - 9 * ratio - width;
    if (start >= taken)
      halo(ctx, label, start, laneY + 4 * ratio, palette['text-2'], palette.surface, 'left', ratio);
    taken = fitsRight ? start + width + 4 * ratio : x + 8 * ratio;
  });
}

function foldMarkers(plot: uPlot, markers: readonly ChartMarker[]) {
  const folded: { x: number; marker: ChartMarker; count: number }[] = [];
  for (const marker of [...markers].sort((a, b) => a.atMs - b.atMs)) {
    const x = plot.valToPos(marker.atMs / 1000, 'x', true);
    const last = folded.at(-1);
    if (last && last.marker.kind === marker.kind && x - last.x < 12 * devicePixelRatio) last.count += 1;
    else folded.push({ x, marker, count: 1 });
  }
  return folded;
}

function markerShape(
  ctx: CanvasRenderingContext2D,
  kind: ChartMarker['kind'],
  x: number,
  y: number,
  size: number,
  palette: Palette,
): void {
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
  align: CanvasTextAlign,
  ratio: number,
): void {
  ctx.textAlign = align;
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
