/** Cursor, drag and keys of a chart on a page. */
import uPlot from 'uplot';
import type { Millis } from '@muster/shared/time.ts';
import { nowMs } from '../util/clock.ts';
import { type Drawn, plotOptions, seriesColour } from './plotOptions.ts';
import { readOut } from './readOut.ts';
import type { TimeChartProps } from './TimeChart.tsx';
import { zoomBy, zoomTo } from './zoom.ts';

/** What uPlot's handlers call; they are made once and read what is current from here. */
export interface Current {
  drawn: Drawn;
  props: TimeChartProps;
}

const OFF_PLOT_PX = -10;

/** Moves the cursor of all charts that share it to a time, or takes it away. */
export function moveCursor(sync: string, timeMs: Millis | null): void {
  for (const plot of uPlot.sync(sync).plots) {
    const left = timeMs === null ? OFF_PLOT_PX : plot.valToPos(timeMs / 1000, 'x');
    plot.setCursor({ left, top: timeMs === null ? OFF_PLOT_PX : 0 });
  }
}

/** Arrows move by a sample, with Shift by ten, Home and End to the ends. */
export function nextIndex(event: React.KeyboardEvent, index: number, count: number): number | null {
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

const KEY_FACTORS: Readonly<Record<string, number>> = { '+': 0.5, '=': 0.5, '-': 2 };

/** Plus and minus zoom around the cursor, 0 goes back; true where the key was one of them. */
export function zoomByKey(event: React.KeyboardEvent, props: TimeChartProps, plot: uPlot | null): boolean {
  const { fromMs, toMs, onZoom, onReset } = props;
  const factor = KEY_FACTORS[event.key];
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  if (factor !== undefined && onZoom) {
    const index = plot?.cursor.idx;
    const atMs = index == null ? (fromMs + toMs) / 2 : (plot?.data[0][index] ?? 0) * 1000;
    onZoom(zoomBy({ fromMs, toMs }, factor, atMs, nowMs()));
  } else if (event.key === '0' && onReset) onReset();
  else return false;
  event.preventDefault();
  return true;
}

/** Cursor and drag of a chart on a page. */
export function pageOptions(
  width: number,
  height: number,
  sync: string,
  held: () => Current,
  readout: React.RefObject<HTMLDivElement | null>,
): uPlot.Options {
  const drawn = () => held().drawn;
  const made = plotOptions({ width, height }, drawn, () => devicePixelRatio);
  // With a shared cursor a drag selects on every chart; the one it began on says so.
  let dragging = false;
  return {
    ...made,
    cursor: {
      y: false,
      drag: { x: true, y: false, setScale: false, dist: 6 },
      sync: { key: sync, setSeries: false },
      bind: {
        mousedown: (_self, _target, handler) => (event) => {
          const { onZoom, onDrag } = held().props;
          if (event.button !== 0 || onZoom === undefined) return null;
          dragging = true;
          onDrag?.(true);
          window.addEventListener(
            'mouseup',
            () => {
              dragging = false;
              held().props.onDrag?.(false);
            },
            { once: true },
          );
          return handler(event);
        },
        dblclick: () => () => {
          held().props.onReset?.();
          return null;
        },
      },
      points: {
        size: 8,
        width: 2,
        stroke: (_, index) => seriesColour(drawn(), index - 1),
        fill: () => drawn().palette.surface,
      },
    },
    hooks: {
      ...made.hooks,
      ready: [(self) => dressCursor(self)],
      setCursor: [(self) => readOut(self, drawn(), readout.current)],
      setSelect: [
        (self) => {
          const { left, width: selected } = self.select;
          if (selected === 0) return;
          self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          if (!dragging) return;
          const timeAt = (x: number) => self.posToVal(x, 'x') * 1000;
          const { fromMs, toMs } = drawn();
          held().props.onZoom?.(zoomTo(timeAt(left), timeAt(left + selected), { fromMs, toMs }));
        },
      ],
    },
  };
}

/** uPlot's own colours are for white pages. */
function dressCursor(plot: uPlot): void {
  const select = plot.over.querySelector<HTMLElement>('.u-select');
  const line = plot.over.querySelector<HTMLElement>('.u-cursor-x');
  if (select) select.style.background = 'color-mix(in srgb, var(--accent) 18%, transparent)';
  if (line) line.style.borderColor = 'var(--text-3)';
}
