/** Evaluates an expression with Muster's functions over loaded series. */
import {
  avgOverTime,
  countOverTime,
  firstOverTime,
  lastOverTime,
  madOverTime,
  maxOverTime,
  minOverTime,
  quantileOverTime,
  stddevOverTime,
  stdvarOverTime,
  sumOverTime,
} from '@muster/server/rules/functions/over-time.ts';
import type { Point, Window } from '@muster/server/rules/functions/points.ts';
import {
  deriv,
  doubleExponentialSmoothing,
  predictLinear,
} from '@muster/server/rules/functions/predict-linear.ts';
import {
  changes,
  delta,
  idelta,
  increase,
  irate,
  rate,
  resets,
} from '@muster/server/rules/functions/rate.ts';
import { type Expression, NotOurs, type Selector } from './expression.ts';
import { keyOf, type Labels, withoutName } from './notation.ts';
import type { Loaded, LoadedSeries } from './series.ts';

export interface Item {
  readonly labels: Labels;
  readonly value: number;
}
export type Value =
  | { readonly kind: 'scalar'; readonly value: number }
  | { readonly kind: 'vector'; readonly items: readonly Item[] };

/** When an expression is asked: `nowMs` moves, start and end stay. */
export interface Asked {
  readonly nowMs: number;
  readonly startMs: number;
  readonly endMs: number;
}

/** The expression is refused, as it must be. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** How far back an instant selector looks: Prometheus' default. */
const LOOKBACK_MS = 300_000;

type Compute = (
  points: readonly Point[],
  window: Window,
  args: readonly number[],
  nowMs: number,
) => number | null;
interface RangeFunction {
  readonly compute: Compute;
  /** Which argument is the range; the others are numbers. */
  readonly rangeAt: number;
  readonly args: number;
  /** What Prometheus does with native histograms in the range: leave them aside, or count them in (which we do not read). */
  readonly histograms: 'aside' | 'count';
  readonly keepsName?: boolean;
}

const counting = (compute: Compute): RangeFunction => ({ compute, rangeAt: 0, args: 1, histograms: 'count' });
const floats = (compute: Compute): RangeFunction => ({ compute, rangeAt: 0, args: 1, histograms: 'aside' });

/** PromQL's name → ours. */
export const FUNCTIONS: Readonly<Record<string, RangeFunction>> = {
  rate: counting(rate),
  increase: counting(increase),
  delta: counting(delta),
  irate: counting(irate),
  idelta: counting(idelta),
  resets: counting(resets),
  changes: counting(changes),
  deriv: floats(deriv),
  predict_linear: {
    compute: (points, window, [seconds = NaN], nowMs) =>
      predictLinear(points, window, { nowMs, aheadMs: seconds * 1_000 }),
    rangeAt: 0,
    args: 2,
    histograms: 'aside',
  },
  double_exponential_smoothing: {
    compute: (points, window, [smoothing = NaN, trend = NaN]) => {
      if (!(smoothing > 0 && smoothing < 1 && trend > 0 && trend < 1))
        throw new Refused('factors lie between 0 and 1');
      return doubleExponentialSmoothing(points, window, { smoothing, trend });
    },
    rangeAt: 0,
    args: 3,
    histograms: 'aside',
  },
  avg_over_time: counting(avgOverTime),
  sum_over_time: counting(sumOverTime),
  count_over_time: counting(countOverTime),
  min_over_time: floats(minOverTime),
  max_over_time: floats(maxOverTime),
  stddev_over_time: floats(stddevOverTime),
  stdvar_over_time: floats(stdvarOverTime),
  mad_over_time: floats(madOverTime),
  quantile_over_time: {
    compute: (points, window, [q = NaN]) => quantileOverTime(points, window, q),
    rangeAt: 1,
    args: 2,
    histograms: 'aside',
  },
  first_over_time: { ...counting(firstOverTime), keepsName: true },
  last_over_time: { ...counting(lastOverTime), keepsName: true },
};

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  // Unlike in JavaScript 1 to any power is 1, and so is ±1 to the infinite.
  '^': (a, b) => (a === 1 || (a === -1 && !Number.isFinite(b) && !Number.isNaN(b)) ? 1 : a ** b),
};
const COMPARISON: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

/** Throws `NotOurs` where it takes more than our functions, `Refused` where PromQL refuses as well. */
export function evaluateAt(expression: Expression, series: LoadedSeries, asked: Asked): Value {
  switch (expression.kind) {
    case 'number':
      return { kind: 'scalar', value: expression.value };
    case 'words':
      throw new NotOurs('words as a value');
    case 'negated':
      return mapped(evaluateAt(expression.of, series, asked), (value) => -value);
    case 'selector':
      return instant(expression, series, asked);
    case 'call':
      return call(expression, series, asked);
    case 'binary':
      return binary(expression, series, asked);
  }
}

function instant(selector: Selector, series: LoadedSeries, asked: Asked): Value {
  if (selector.rangeMs !== null) throw new NotOurs('a range as a value');
  const window = windowOf({ ...selector, rangeMs: LOOKBACK_MS }, asked);
  const items = series.select(selector.matchers).flatMap((one): Item[] => {
    const last = [...one.points.map(({ atMs }) => atMs), ...one.staleAtMs, ...one.histogramAtMs]
      .filter((atMs) => atMs > window.fromMs && atMs <= window.toMs)
      .reduce((a, b) => Math.max(a, b), -Infinity);
    if (one.histogramAtMs.includes(last)) throw new NotOurs('native histograms');
    const value = one.staleAtMs.includes(last) ? null : lastOverTime(one.points, window);
    return value === null ? [] : [{ labels: one.labels, value }];
  });
  return { kind: 'vector', items };
}

function call(expression: Extract<Expression, { kind: 'call' }>, series: LoadedSeries, asked: Asked): Value {
  const known = FUNCTIONS[expression.name];
  if (known === undefined) throw new NotOurs(`${expression.name}()`);
  const range = expression.args[known.rangeAt];
  if (range?.kind !== 'selector' || range.rangeMs === null || expression.args.length !== known.args)
    throw new NotOurs('arguments of another kind');
  const args = expression.args
    .filter((arg) => arg !== range)
    .map((arg) => scalarOf(evaluateAt(arg, series, asked)));
  const window = windowOf({ ...range, rangeMs: range.rangeMs }, asked);
  const items = series.select(range.matchers).flatMap((one): Item[] => {
    if (known.histograms === 'count') refuseHistograms(one, window);
    const value = known.compute(one.points, window, args, asked.nowMs);
    const labels = known.keepsName === true ? one.labels : withoutName(one.labels);
    return value === null ? [] : [{ labels, value }];
  });
  return distinct(items);
}

function refuseHistograms({ histogramAtMs }: Loaded, { fromMs, toMs }: Window): void {
  if (histogramAtMs.some((atMs) => atMs > fromMs && atMs <= toMs)) throw new NotOurs('native histograms');
}

function windowOf(
  { rangeMs, offsetMs, at }: Pick<Selector, 'offsetMs' | 'at'> & { readonly rangeMs: number },
  { nowMs, startMs, endMs }: Asked,
): Window {
  const fixedMs = at === 'start' ? startMs : at === 'end' ? endMs : at;
  const toMs = (fixedMs ?? nowMs) - offsetMs;
  return { fromMs: toMs - rangeMs, toMs };
}

function binary(
  { op, isBool, left, right }: Extract<Expression, { kind: 'binary' }>,
  series: LoadedSeries,
  asked: Asked,
): Value {
  const [a, b] = [evaluateAt(left, series, asked), evaluateAt(right, series, asked)];
  const compute = ARITHMETIC[op] ?? ((x: number, y: number) => (COMPARISON[op]?.(x, y) === true ? 1 : 0));
  const isFilter = op in COMPARISON && !isBool;
  if (a.kind === 'scalar' && b.kind === 'scalar') {
    if (isFilter) throw new Refused('scalars are compared with bool');
    return { kind: 'scalar', value: compute(a.value, b.value) };
  }
  const pairs = pairsOf(a, b);
  if (isFilter)
    return { kind: 'vector', items: pairs.filter(({ x, y }) => compute(x, y) === 1).map(({ kept }) => kept) };
  return distinct(
    pairs.map(({ kept, x, y }) => ({ labels: withoutName(kept.labels), value: compute(x, y) })),
  );
}

/** Vector against scalar, or one to one by all labels but the name. `kept` is what a filter lets through. */
function pairsOf(a: Value, b: Value): { kept: Item; x: number; y: number }[] {
  if (a.kind === 'scalar') return vectorOf(b).map((item) => ({ kept: item, x: a.value, y: item.value }));
  if (b.kind === 'scalar') return a.items.map((item) => ({ kept: item, x: item.value, y: b.value }));
  const byKey = Map.groupBy(b.items, ({ labels }) => keyOf(withoutName(labels)));
  const pairs = a.items.flatMap((item) =>
    (byKey.get(keyOf(withoutName(item.labels))) ?? []).map((other) => ({
      kept: item,
      x: item.value,
      y: other.value,
    })),
  );
  if (new Set(pairs.map(({ kept }) => keyOf(withoutName(kept.labels)))).size < pairs.length)
    throw new Refused('many to one');
  return pairs;
}

function vectorOf(value: Value): readonly Item[] {
  return value.kind === 'vector' ? value.items : [];
}

function mapped(value: Value, compute: (value: number) => number): Value {
  if (value.kind === 'scalar') return { kind: 'scalar', value: compute(value.value) };
  return distinct(
    value.items.map((item) => ({ labels: withoutName(item.labels), value: compute(item.value) })),
  );
}

function scalarOf(value: Value): number {
  if (value.kind === 'vector') throw new NotOurs('arguments of another kind');
  return value.value;
}

function distinct(items: readonly Item[]): Value {
  if (new Set(items.map(({ labels }) => keyOf(labels))).size < items.length)
    throw new Refused('two series with the same labels');
  return { kind: 'vector', items };
}
