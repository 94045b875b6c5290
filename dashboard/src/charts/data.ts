/** From points of the API to what a chart draws: one time axis, gaps kept as gaps, figures and table twin. Pure. */
import type { Millis } from '@muster/shared/time.ts';
import { isPause, type Pace } from './rhythm.ts';
import { indicesWithin, type Point, type PointColumns, tripleAt } from './columns.ts';

export interface ChartSeries extends Pace {
  readonly id: string;
  readonly label: string;
  readonly points: PointColumns;
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

/** How lines of one chart that are of one kind are told apart; more than these are a table. */
export const LINE_LOOKS = [
  { colour: 1, dash: 'solid' },
  { colour: 2, dash: 'dashed' },
  { colour: 3, dash: 'dotted' },
  { colour: 4, dash: 'dash-dot' },
] as const satisfies readonly { colour: ChartSeries['colour']; dash: Dash }[];
export const LINES_MAX = LINE_LOOKS.length;

export function dashOf({ dash, dashed }: Pick<ChartSeries, 'dash' | 'dashed'>): readonly number[] {
  return DASHES[dash ?? (dashed ? 'dashed' : 'solid')];
}

export interface Gap {
  readonly fromMs: Millis;
  readonly toMs: Millis;
}

/** Values on the axis of times; null where there is none. */
export type Column = Float64Array | (number | null)[];

export interface Aligned {
  /** Milliseconds, ascending. */
  readonly times: Float64Array;
  /** One column for each series. */
  readonly averages: readonly Column[];
  /** The same columns as `averages` where there is no band. */
  readonly lows: readonly Column[];
  readonly highs: readonly Column[];
  /** Where no series has anything. */
  readonly gaps: Gap[];
}

/** The points of a series that are drawn, and the gaps between them. */
interface Inside {
  readonly points: PointColumns;
  readonly gaps: readonly Gap[];
}

/** All series on one axis. A point that another series lacks is interpolated there, unless it lies in a gap. */
export function alignSeries(series: readonly ChartSeries[], fromMs: Millis, toMs: Millis): Aligned {
  const inside = series.map((one): Inside => {
    const within = part(one.points, ...indicesWithin(one.points, fromMs, toMs));
    return { points: within, gaps: gapsBetween(within.times, one) };
  });
  const times = commonTimes(inside);
  const columns = inside.map((one) =>
    one.points.times.length === times.length ? whole(one.points) : filled(one, times),
  );
  return {
    times,
    averages: columns.map(({ averages }) => averages),
    lows: columns.map(({ lows }) => lows),
    highs: columns.map(({ highs }) => highs),
    gaps: commonGaps(series, inside, fromMs, toMs),
  };
}

/** Views, not copies. */
function part({ times, averages, mins, maxs }: PointColumns, from: number, to: number): PointColumns {
  const plain = { times: times.subarray(from, to), averages: averages.subarray(from, to) };
  return mins && maxs ? { ...plain, mins: mins.subarray(from, to), maxs: maxs.subarray(from, to) } : plain;
}

/** Every time at which a series has a point, and one inside each gap, at which its line is told to stop. */
function commonTimes(inside: readonly Inside[]): Float64Array {
  const [first, ...others] = inside;
  if (first === undefined) return new Float64Array();
  const own = first.points.times;
  const isSame = (times: Float64Array) =>
    times.length === own.length && times.every((atMs, index) => atMs === own[index]);
  if (inside.every(({ gaps }) => gaps.length === 0) && others.every(({ points }) => isSame(points.times)))
    return own;
  const stops = inside.flatMap(({ gaps }) => gaps.map(({ fromMs, toMs }) => (fromMs + toMs) / 2));
  const all = new Float64Array(inside.reduce((sum, { points }) => sum + points.times.length, stops.length));
  let at = 0;
  for (const { points } of inside) {
    all.set(points.times, at);
    at += points.times.length;
  }
  all.set(stops, at);
  all.sort();
  let count = 0;
  for (const atMs of all) if (count === 0 || all[count - 1] !== atMs) all[count++] = atMs;
  return all.subarray(0, count);
}

interface Columns {
  readonly averages: Column;
  readonly lows: Column;
  readonly highs: Column;
}

/** A series that has a point at each time of the axis. */
function whole({ averages, mins = averages, maxs = averages }: PointColumns): Columns {
  return { averages, lows: mins, highs: maxs };
}

function filled({ points, gaps }: Inside, times: Float64Array): Columns {
  const { times: own, averages, mins, maxs } = points;
  /** By time of the axis: the point at or after it. */
  const nexts = new Uint32Array(times.length);
  let next = 0;
  times.forEach((time, index) => {
    while (next < own.length && (own[next] ?? 0) < time) next += 1;
    nexts[index] = next;
  });
  const isInGap = gapTest(gaps);
  const column = (values: Float64Array): Column =>
    Array.from(times, (time, index) => {
      const after = nexts[index] ?? 0;
      const [before, later] = [own[after - 1], own[after]];
      if (later === time) return values[after] ?? null;
      if (before === undefined || later === undefined || isInGap(time)) return null;
      const share = (time - before) / (later - before);
      const [a = 0, b = 0] = [values[after - 1], values[after]];
      return a + (b - a) * share;
    });
  const drawn = column(averages);
  return mins && maxs
    ? { averages: drawn, lows: column(mins), highs: column(maxs) }
    : { averages: drawn, lows: drawn, highs: drawn };
}

/** Asked in order of time: each gap is looked at once. Starts anew where the times do. */
function gapTest(gaps: readonly Gap[]): (time: Millis) => boolean {
  let at = 0;
  let before = Number.NEGATIVE_INFINITY;
  return (time) => {
    if (time < before) at = 0;
    before = time;
    while (at < gaps.length && (gaps[at]?.toMs ?? 0) <= time) at += 1;
    const gap = gaps[at];
    return gap !== undefined && time > gap.fromMs;
  };
}

/** Gaps between points of one series. */
export function gapsBetween(times: ArrayLike<Millis>, pace: Pace): Gap[] {
  const gaps: Gap[] = [];
  for (let index = 1; index < times.length; index++) {
    const gap = { fromMs: times[index - 1] ?? 0, toMs: times[index] ?? 0 };
    if (isPause(times, index, gap, pace)) gaps.push(gap);
  }
  return gaps;
}

/** Where none of the series has anything, from the beginning to the end of the range. */
function commonGaps(
  series: readonly ChartSeries[],
  inside: readonly Inside[],
  fromMs: Millis,
  toMs: Millis,
): Gap[] {
  if (series.length === 0) return [];
  return series
    .map((pace, index) => {
      const times = inside[index]?.points.times ?? new Float64Array();
      const before = { fromMs, toMs: times[0] ?? toMs };
      const after = { fromMs: times.at(-1) ?? fromMs, toMs };
      return [
        ...(isPause(times, 0, before, pace) ? [before] : []),
        ...(inside[index]?.gaps ?? []),
        ...(times.length > 0 && isPause(times, times.length, after, pace) ? [after] : []),
      ];
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
export function isolatedPoints(values: ArrayLike<number | null | undefined>): number[] {
  const isolated: number[] = [];
  for (let index = 0; index < values.length; index++)
    if (values[index] != null && values[index - 1] == null && values[index + 1] == null) isolated.push(index);
  return isolated;
}

/** Runs of indices without a null between them. */
export function runsOf(values: ArrayLike<number | null | undefined>): { from: number; to: number }[] {
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

export function figuresOf(points: PointColumns, fromMs: Millis, toMs: Millis): Figures {
  const [from, to] = indicesWithin(points, fromMs, toMs);
  let min: number | null = null;
  let max: number | null = null;
  let last: number | null = null;
  for (let index = from; index < to; index++) {
    const [value, low, high] = tripleAt(points, index);
    min = min === null ? low : Math.min(min, low);
    max = max === null ? high : Math.max(max, high);
    last = value;
  }
  return { last, min, max };
}

/** Of the points inside [fromMs, toMs), each counted alike; null where there is none. */
export function meanOf(points: PointColumns, fromMs: Millis, toMs: Millis): number | null {
  const inside = points.averages.subarray(...indicesWithin(points, fromMs, toMs));
  return inside.length === 0 ? null : inside.reduce((sum, value) => sum + value, 0) / inside.length;
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
    const [from, to] = indicesWithin(points, fromMs, toMs);
    for (let place = from; place < to; place++) {
      const at = points.times[place] ?? 0;
      const row = rows.get(at) ?? series.map((): Point | null => null);
      row[index] = [at, ...tripleAt(points, place)];
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
function hasBand({ points }: ChartSeries): boolean {
  return points.mins !== undefined;
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
      const values = point === null ? [null, null, null] : point.slice(1);
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
