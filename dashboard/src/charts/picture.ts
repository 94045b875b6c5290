/** A chart as a PNG that stands for itself: title, machine, range and zone above it, the lines named below. */
import uPlot from 'uplot';
import type { Language } from '@muster/shared/api/access.ts';
import type { Translate } from '../i18n/catalogue.ts';
import { dateTimeText, zoneText } from '../util/time.ts';
import { dashOf } from './data.ts';
import { type Palette, readLightPalette } from './palette.ts';
import { type Drawn, plotData, plotOptions, seriesColour } from './plotOptions.ts';
import { drawnOf, type TimeChartProps } from './TimeChart.tsx';

const WIDTH_PX = 1_200;
const PLOT_PX = 380;
const MARGIN_PX = 24;
const HEAD_PX = 72;
const LEGEND_PX = 44;

export interface PictureInput {
  readonly chart: TimeChartProps;
  /** The machine or the incident. */
  readonly name: string;
  readonly t: Translate;
  readonly language: Language;
}

/** Light whatever the theme: it is made for documents. */
export async function chartPicture({ chart, name, t, language }: PictureInput): Promise<Blob> {
  const palette = readLightPalette();
  const drawn = drawnOf(chart, t, language, palette);
  const plot = await drawPlot(drawn);
  const ratio = uPlot.pxRatio;
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH_PX * ratio;
  canvas.height = (HEAD_PX + PLOT_PX + LEGEND_PX) * ratio;
  const ctx = canvas.getContext('2d');
  if (ctx === null) throw new Error('This browser draws no canvas.');
  ctx.scale(ratio, ratio);
  ctx.fillStyle = palette.surface;
  ctx.fillRect(0, 0, WIDTH_PX, HEAD_PX + PLOT_PX + LEGEND_PX);
  paintHead(ctx, palette, [name, chart.title], rangeLine(drawn, t, language));
  ctx.drawImage(plot.ctx.canvas, MARGIN_PX / 2, HEAD_PX, WIDTH_PX - MARGIN_PX, PLOT_PX);
  paintLegend(ctx, drawn);
  plot.destroy();
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob === null ? reject(new Error('The picture is empty.')) : resolve(blob)),
      'image/png',
    ),
  );
}

/** uPlot draws at the end of the present task. */
function drawPlot(drawn: Drawn): Promise<uPlot> {
  return new Promise((resolve) => {
    const options = plotOptions(
      { width: WIDTH_PX - MARGIN_PX, height: PLOT_PX },
      () => drawn,
      () => uPlot.pxRatio,
    );
    const draw = [...(options.hooks?.draw ?? []), (self: uPlot) => resolve(self)];
    new uPlot({ ...options, hooks: { ...options.hooks, draw } }, plotData(drawn));
  });
}

function rangeLine({ fromMs, toMs }: Drawn, t: Translate, language: Language): string {
  return t('charts.pictureRange', {
    from: dateTimeText(fromMs, language),
    to: dateTimeText(toMs, language),
    zone: zoneText(fromMs),
  });
}

function paintHead(
  ctx: CanvasRenderingContext2D,
  palette: Palette,
  title: readonly string[],
  range: string,
): void {
  ctx.fillStyle = palette.text;
  ctx.font = `600 18px ${palette.font}`;
  ctx.fillText(title.join(' · '), MARGIN_PX, 32);
  ctx.fillStyle = palette['text-2'];
  ctx.font = `13px ${palette.font}`;
  ctx.fillText(range, MARGIN_PX, 54);
}

function paintLegend(ctx: CanvasRenderingContext2D, drawn: Drawn): void {
  const y = HEAD_PX + PLOT_PX + LEGEND_PX / 2;
  let x = MARGIN_PX + 60;
  ctx.font = `13px ${drawn.palette.font}`;
  drawn.series.forEach((series, index) => {
    ctx.strokeStyle = seriesColour(drawn, index);
    ctx.lineWidth = 2;
    ctx.setLineDash([...dashOf(series)]);
    ctx.beginPath();
    ctx.moveTo(x, y);
    ctx.lineTo(x + 26, y);
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.fillStyle = drawn.palette.text;
    ctx.fillText(series.label, x + 34, y + 4.5);
    x += 34 + ctx.measureText(series.label).width + 28;
  });
}
