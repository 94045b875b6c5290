/** From points of the API to what a chart draws: one time axis, gaps kept as gaps, figures and table twin. Pure. */
import type { Millis } from '@muster/shared/time.ts';

/** [ms, value] or [ms, average, min, max]. */
export type Point = readonly number[];

export interface ChartSeries {
  readonly id: string;
  readonly label: string;
  readonly points: readonly Point[];
  /** Distance of the points; more than 2.5 of it without one is a gap. */
  readonly stepMs: number;
  /** Colour and dash of the catalogue of series; told apart by both. */
  readonly colour: 1 | 2 | 3 | 4 | 5 | 6;
  readonly dashed?: boolean;
  /** A pattern of its own where several lines need one; goes before `dashed`. */
  readonly dash?: Dash;
}

export type Dash = 'solid' | 'dashed' | 'dotted' | 'dash-dot';

/** Lengths of strokes and gaps in CSS px. */
export const DASHES = {
  solid: [],
  dashed: [5, 4],
  dotted: [1.6, 3],
  'dash-dot': [8, 3, 1.6, 3],
} as const satisfies Record<Dash, readonly number[]>;

export function dashOf({ dash, dashed }: Pick<ChartSeries, 'dash' | 'dashed'>): readonly number[] {
  return DASHES[dash ?? (dashed ? 'dashed' : 'solid')];
}

export interface Gap {
  readonly fromMs: Millis;
  readonly toMs: Millis;
}

const GAP_STEPS = 2.5;

export interface Aligned {
  /** Milliseconds, ascending. */
  readonly times: number[];
  /** One list for each series; null where it has no point. */
  readonly averages: (number | null)[][];
  readonly lows: (number | null)[][];
  readonly highs: (number | null)[][];
  /** Where no series has anything. */
  readonly gaps: Gap[];
}

/** All series on one axis. A point that another series lacks is interpolated there, unless it lies in a gap. */
export function alignSeries(series: readonly ChartSeries[], fromMs: Millis, toMs: Millis): Aligned {
  const inside = series.map(({ points }) => points.filter(([at = 0]) => at >= fromMs && at <= toMs));
  const breaks = series.map(({ stepMs }, index) => gapsBetween(inside[index] ?? [], stepMs));
  const times = [
    ...new Set([
      ...inside.flatMap((points) => points.map(([at = 0]) => at)),
      // A time inside each gap, at which the line is told to stop.
      ...breaks.flatMap((gaps) => gaps.map(({ fromMs: start, toMs: end }) => (start + end) / 2)),
    ]),
  ].sort((a, b) => a - b);
  const columns = inside.map((points, index) => column(points, breaks[index] ?? [], times));
  return {
    times,
    averages: columns.map((rows) => rows.map((row) => row?.[0] ?? null)),
    lows: columns.map((rows) => rows.map((row) => row?.[1] ?? null)),
    highs: columns.map((rows) => rows.map((row) => row?.[2] ?? null)),
    gaps: commonGaps(series, inside, fromMs, toMs),
  };
}

function column(
  points: readonly Point[],
  gaps: readonly Gap[],
  times: readonly number[],
): ([number, number, number] | null)[] {
  let next = 0;
  return times.map((time) => {
    while (next < points.length && (points[next]?.[0] ?? 0) < time) next += 1;
    const after = points[next];
    const before = points[next - 1];
    if (after?.[0] === time) return triple(after);
    if (before === undefined || after === undefined) return null;
    if (gaps.some((gap) => time > gap.fromMs && time < gap.toMs)) return null;
    const share = (time - (before[0] ?? 0)) / ((after[0] ?? 0) - (before[0] ?? 0));
    const [a, b] = [triple(before), triple(after)];
    return [0, 1, 2].map((index) => (a[index] ?? 0) + ((b[index] ?? 0) - (a[index] ?? 0)) * share) as [
      number,
      number,
      number,
    ];
  });
}

function triple(point: Point): [number, number, number] {
  const value = point[1] ?? 0;
  return [value, point[2] ?? value, point[3] ?? value];
}

/** Gaps between points of one series. */
export function gapsBetween(points: readonly Point[], stepMs: number): Gap[] {
  const gaps: Gap[] = [];
  for (let index = 1; index < points.length; index++) {
    const from = points[index - 1]?.[0] ?? 0;
    const to = points[index]?.[0] ?? 0;
    if (to - from > GAP_STEPS * stepMs) gaps.push({ fromMs: from, toMs: to });
  }
  return gaps;
}

/** Where none of the series has anything, from the beginning to the end of the range. */
function commonGaps(
  series: readonly ChartSeries[],
  inside: readonly (readonly Point[])[],
  fromMs: Millis,
  toMs: Millis,
): Gap[] {
  if (series.length === 0) return [];
  return series
    .map(({ stepMs }, index) => {
      const points = inside[index] ?? [];
      const first = points[0]?.[0] ?? toMs;
      const last = points.at(-1)?.[0] ?? fromMs;
      const edges = [
        ...(first - fromMs > GAP_STEPS * stepMs ? [{ fromMs, toMs: first }] : []),
        ...gapsBetween(points, stepMs),
        ...(points.length > 0 && toMs - last > GAP_STEPS * stepMs ? [{ fromMs: last, toMs }] : []),
      ];
      return edges;
    })
    .reduce(intersect);
}

function intersect(a: readonly Gap[], b: readonly Gap[]): Gap[] {
  return a.flatMap((one) =>
    b
      .map((other) => ({ fromMs: Math.max(one.fromMs, other.fromMs), toMs: Math.min(one.toMs, other.toMs) }))
      .filter((gap) => gap.toMs > gap.fromMs),
  );
}

/** Points that stand alone between gaps: a line draws nothing there, so they are drawn as dots. */
export function isolatedPoints(values: readonly (number | null | undefined)[]): number[] {
  return values.flatMap((value, index) =>
    value != null && values[index - 1] == null && values[index + 1] == null ? [index] : [],
  );
}

/** Runs of indices without a null between them. */
export function runsOf(values: readonly (number | null | undefined)[]): { from: number; to: number }[] {
  const runs: { from: number; to: number }[] = [];
  let start = -1;
  for (let index = 0; index <= values.length; index++) {
    const there = index < values.length && values[index] != null;
    if (there && start === -1) start = index;
    if (!there && start !== -1) {
      runs.push({ from: start, to: index - 1 });
      start = -1;
    }
  }
  return runs;
}

export interface Figures {
  readonly last: number | null;
  readonly min: number | null;
  readonly max: number | null;
}

export function figuresOf(points: readonly Point[], fromMs: Millis, toMs: Millis): Figures {
  let min: number | null = null;
  let max: number | null = null;
  let last: number | null = null;
  for (const point of points) {
    if ((point[0] ?? 0) < fromMs || (point[0] ?? 0) > toMs) continue;
    const [value, low, high] = triple(point);
    min = min === null ? low : Math.min(min, low);
    max = max === null ? high : Math.max(max, high);
    last = value;
  }
  return { last, min, max };
}

/** One moment with what each series says of it; null where a series has no point of its own. */
export interface PointRow {
  readonly atMs: Millis;
  readonly points: readonly (Point | null)[];
}

/** Every point of every series inside [fromMs, toMs] by time; nothing is interpolated. */
export function pointRows(series: readonly ChartSeries[], fromMs: Millis, toMs: Millis): PointRow[] {
  const rows = new Map<Millis, (Point | null)[]>();
  series.forEach(({ points }, index) => {
    for (const point of points) {
      const [at = 0] = point;
      if (at < fromMs || at > toMs) continue;
      const row = rows.get(at) ?? series.map((): Point | null => null);
      row[index] = point;
      rows.set(at, row);
    }
  });
  return [...rows].sort(([a], [b]) => a - b).map(([atMs, points]) => ({ atMs, points }));
}

/** Rows of the table twin; more would not be read by anybody. */
export const TWIN_ROWS_MAX = 60;

/** Indices of at most `TWIN_ROWS_MAX` rows, evenly over the range, first and last among them. */
export function twinRows(count: number): number[] {
  if (count <= TWIN_ROWS_MAX) return Array.from({ length: count }, (_, index) => index);
  return Array.from({ length: TWIN_ROWS_MAX }, (_, index) =>
    Math.round((index * (count - 1)) / (TWIN_ROWS_MAX - 1)),
  );
}

/** A series that does not say lowest and highest has one column, the others three. */
function hasBand(series: ChartSeries): boolean {
  return series.points.some((point) => point.length > 2);
}

/** All points as rows of a CSV: ISO times in UTC, raw values in the unit named in the heading. */
export function csvRows(
  series: readonly ChartSeries[],
  unit: string,
  fromMs: Millis,
  toMs: Millis,
): (string | number | null)[][] {
  const bands = series.map(hasBand);
  const titles = series.flatMap(({ label }, index) => {
    const title = unit === '' ? label : `${label} (${unit})`;
    return bands[index] ? [title, `${title} min`, `${title} max`] : [title];
  });
  const rows = pointRows(series, fromMs, toMs).map(({ atMs, points }) => [
    new Date(atMs).toISOString(),
    ...points.flatMap((point, index) => {
      const values = point === null ? [null, null, null] : triple(point);
      return bands[index] ? values : values.slice(0, 1);
    }),
  ]);
  return [['time', ...titles], ...rows];
}

/** Why nothing was recorded for a while, in words. */
export interface GapReason extends Gap {
  readonly words: string;
}

/** The reason that covers most of the gap, and at least half of it; null where none does. */
export function gapReason(gap: Gap, reasons: readonly GapReason[]): string | null {
  const shares = new Map<string, number>();
  for (const { fromMs, toMs, words } of reasons) {
    const ms = Math.min(toMs, gap.toMs) - Math.max(fromMs, gap.fromMs);
    if (ms > 0) shares.set(words, (shares.get(words) ?? 0) + ms);
  }
  const [best] = [...shares].sort(([, a], [, b]) => b - a);
  return best !== undefined && best[1] >= (gap.toMs - gap.fromMs) / 2 ? best[0] : null;
}
