/** One small cell for each machine, its shape and colour the state; drawn on one canvas, so that 5,000 cost nothing. */
import { useEffect, useRef, useState } from 'react';
import { onThemeChange } from '../charts/palette.ts';
import { cx } from './cx.ts';
import type { ShownPresence } from './states.ts';

const GAP_PX = 2;
const ROLL_CELL_PX = 7;

/** Id, name and state of a machine. */
type RollCell = readonly [id: string, name: string, state: ShownPresence];

export interface RollGridProps {
  readonly cells: readonly RollCell[];
  /** What it shows, in one sentence. */
  readonly label: string;
  /** What is said of one cell. */
  readonly describe?: (cell: RollCell) => string;
  readonly onOpen?: (id: string) => void;
  readonly cellPx?: number;
  readonly className?: string;
}

export function RollGrid({
  cells,
  label,
  describe,
  onOpen,
  cellPx = ROLL_CELL_PX,
  className,
}: RollGridProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [theme, setTheme] = useState(0);
  const pitch = cellPx + GAP_PX;
  const perRow = Math.max(1, Math.floor((width + GAP_PX) / pitch));
  const height = Math.max(0, Math.ceil(cells.length / perRow) * pitch - GAP_PX);
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => onThemeChange(() => setTheme((before) => before + 1)), []);
  useEffect(() => {
    const element = canvas.current;
    const pen = element?.getContext('2d');
    if (!element || !pen || width === 0) return;
    const ratio = window.devicePixelRatio;
    element.width = Math.round(width * ratio);
    element.height = Math.round(height * ratio);
    pen.scale(ratio, ratio);
    const colours = readColours();
    for (const [index, [, , state]] of cells.entries()) {
      pen.save();
      pen.translate((index % perRow) * pitch, Math.floor(index / perRow) * pitch);
      SHAPES[state](pen, cellPx, colours);
      pen.restore();
    }
  }, [cells, width, height, perRow, pitch, cellPx, theme]);
  const cellAt = (event: React.MouseEvent<HTMLCanvasElement>): RollCell | undefined => {
    const { offsetX, offsetY } = event.nativeEvent;
    const column = Math.floor(offsetX / pitch);
    return column < perRow ? cells[Math.floor(offsetY / pitch) * perRow + column] : undefined;
  };
  return (
    <div ref={frame} className={className}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={label}
        style={{ width, height }}
        className={cx('block', onOpen && 'cursor-pointer')}
        onMouseMove={(event) => {
          const cell = describe && cellAt(event);
          event.currentTarget.title = cell ? describe(cell) : '';
        }}
        onClick={(event) => {
          const cell = cellAt(event);
          if (cell) onOpen?.(cell[0]);
        }}
      />
    </div>
  );
}

type Colours = Readonly<Record<(typeof NAMES)[number], string>>;
const NAMES = [
  'up-quiet',
  'idle-solid',
  'planned-solid',
  'crit-solid',
  'unknown-solid',
  'unknown-weak',
  'surface',
] as const;

function readColours(): Colours {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(
    NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]),
  ) as Colours;
}

type Draw = (pen: CanvasRenderingContext2D, size: number, colours: Colours) => void;

/** Told apart without colour: full, low, hollow, barred, crossed, hatched. */
const SHAPES: Readonly<Record<ShownPresence, Draw>> = {
  up: (pen, size, colours) => fill(pen, size, colours['up-quiet']),
  asleep: (pen, size, colours) => {
    pen.fillStyle = colours['idle-solid'];
    pen.fillRect(0, Math.ceil(size / 2), size, Math.floor(size / 2));
  },
  off: (pen, size, colours) => {
    pen.strokeStyle = colours['idle-solid'];
    pen.strokeRect(0.5, 0.5, size - 1, size - 1);
  },
  planned: (pen, size, colours) => {
    fill(pen, size, colours['planned-solid']);
    lines(pen, colours.surface, size / 7, [
      [size * 0.36, size * 0.25, size * 0.36, size * 0.75],
      [size * 0.64, size * 0.25, size * 0.64, size * 0.75],
    ]);
  },
  silent: (pen, size, colours) => {
    fill(pen, size, colours['crit-solid']);
    lines(pen, colours.surface, size / 6, [
      [size * 0.28, size * 0.28, size * 0.72, size * 0.72],
      [size * 0.72, size * 0.28, size * 0.28, size * 0.72],
    ]);
  },
  unknown: (pen, size, colours) => {
    fill(pen, size, colours['unknown-weak']);
    pen.beginPath();
    pen.rect(0, 0, size, size);
    pen.clip();
    lines(pen, colours['unknown-solid'], size / 5, [
      [-1, size * 0.5, size * 0.5, -1],
      [-1, size + 1, size + 1, -1],
      [size * 0.5, size + 1, size + 1, size * 0.5],
    ]);
  },
};

function fill(pen: CanvasRenderingContext2D, size: number, colour: string): void {
  pen.fillStyle = colour;
  pen.beginPath();
  pen.roundRect(0, 0, size, size, size / 5);
  pen.fill();
}

function lines(
  pen: CanvasRenderingContext2D,
  colour: string,
  width: number,
  list: readonly (readonly [number, number, number, number])[],
): void {
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.beginPath();
  for (const [x1, y1, x2, y2] of list) {
    pen.moveTo(x1, y1);
    pen.lineTo(x2, y2);
  }
  pen.stroke();
}
