/** Values beside the points under the cursor and the time on the axis; never a box over the data. */
import type uPlot from 'uplot';
import { HOUR_MS } from '@muster/shared/time.ts';
import { quantityText } from '../util/quantity.ts';
import { clockTime, recordTime } from '../util/time.ts';
import { type Drawn, seriesColour } from './plotOptions.ts';

/** Longer ranges say the day too. */
const CLOCK_ALONE_MS_MAX = 36 * HOUR_MS;
/** Below this, seconds are told apart. */
const SECONDS_MS_MAX = 6 * HOUR_MS;
const LINE_PX = 14;
const ABOVE_POINT_PX = 16;

export function readOut(plot: uPlot, drawn: Drawn, element: HTMLElement | null): void {
  if (element === null) return;
  const index = plot.cursor.idx;
  if (index == null || (plot.cursor.left ?? -1) < 0) {
    element.replaceChildren();
    return;
  }
  const time = (plot.data[0][index] ?? 0) * 1000;
  const ratio = devicePixelRatio;
  const offsetLeft = plot.bbox.left / ratio;
  const offsetTop = plot.bbox.top / ratio;
  const plotWidth = plot.bbox.width / ratio;
  const plotHeight = plot.bbox.height / ratio;
  const x = plot.valToPos(time / 1000, 'x');
  const lengthMs = drawn.toMs - drawn.fromMs;
  const pill = label(
    'rounded-sm bg-text-2 px-1.5 text-11 leading-[18px] text-surface',
    lengthMs > CLOCK_ALONE_MS_MAX
      ? recordTime(time, drawn.toMs, drawn.language)
      : clockTime(time, lengthMs <= SECONDS_MS_MAX),
  );
  const nodes: HTMLElement[] = [pill];
  const shown = drawn.series.flatMap((_, at) => {
    const value = plot.data[at + 1]?.[index];
    return value == null ? [] : [{ at, value, y: plot.valToPos(value, 'y') - ABOVE_POINT_PX }];
  });
  const places = spread(
    shown.map(({ y }) => y),
    -8,
    plotHeight - ABOVE_POINT_PX,
  );
  shown.forEach(({ at, value }, row) => {
    const node = label(
      'rounded-sm bg-surface/85 px-0.5 text-11 leading-4 font-medium',
      quantityText(value, drawn.unit, drawn.language, drawn.scale),
    );
    node.style.color = seriesColour(drawn, at);
    node.style.top = `${offsetTop + (places[row] ?? 0)}px`;
    if (x > plotWidth - 70) node.style.right = `${plot.width - offsetLeft - x + 8}px`;
    else node.style.left = `${offsetLeft + x + 8}px`;
    nodes.push(node);
  });
  element.replaceChildren(...nodes);
  const width = pill.offsetWidth;
  pill.style.top = `${offsetTop + plotHeight + 4}px`;
  pill.style.left = `${Math.min(plot.width - width, Math.max(0, offsetLeft + x - width / 2))}px`;
}

/** Places near the wished ones, in [low, high] as far as there is room, `LINE_PX` apart, in the order of the wishes. */
export function spread(wishes: readonly number[], low: number, high: number): number[] {
  const order = wishes.map((_, index) => index).sort((a, b) => (wishes[a] ?? 0) - (wishes[b] ?? 0));
  const places = wishes.map((wish) => Math.min(high, Math.max(low, wish)));
  for (let at = 1; at < order.length; at++) {
    const [before = 0, now = 0] = [order[at - 1], order[at]];
    places[now] = Math.max(places[now] ?? 0, (places[before] ?? 0) + LINE_PX);
  }
  let ceiling = high;
  for (const now of order.toReversed()) {
    places[now] = Math.min(places[now] ?? 0, ceiling);
    ceiling = (places[now] ?? 0) - LINE_PX;
  }
  return places;
}

function label(className: string, text: string): HTMLElement {
  const element = document.createElement('span');
  element.className = `absolute whitespace-nowrap ${className}`;
  element.textContent = text;
  return element;
}
