/** Runs one promqltest file through our functions and says which evaluations are right, wrong, or not ours. */
import { evaluateAt, FUNCTIONS, type Item, Refused, type Value } from './evaluation.ts';
import { type Expression, NotOurs, readExpression } from './expression.ts';
import { keyOf, type Written } from './notation.ts';
import { type Evaluation, type Expected, type ExpectedSeries, readScript } from './script.ts';
import { LoadedSeries } from './series.ts';
import { almostEqual } from './tolerance.ts';

export interface Outcome {
  readonly line: number;
  readonly expression: string;
  /** Outermost function of ours, or `selector`. */
  readonly area: string;
  readonly result:
    | { readonly kind: 'right' }
    | { readonly kind: 'wrong'; readonly why: string }
    | { readonly kind: 'not ours'; readonly reason: string };
}

export function runScript(text: string): Outcome[] {
  const series = new LoadedSeries();
  const outcomes: Outcome[] = [];
  for (const statement of readScript(text)) {
    if (statement.kind === 'clear') series.clear();
    else if (statement.kind === 'load')
      for (const { labels, values } of statement.series) series.load(labels, statement.stepMs, values);
    else outcomes.push(judge(statement, series));
  }
  return outcomes;
}

function judge(evaluation: Evaluation, series: LoadedSeries): Outcome {
  const { line, expression: text } = evaluation;
  let area = 'unread';
  try {
    refuseForeign(evaluation.expected);
    const expression = readExpression(text);
    area = areaOf(expression) ?? 'unread';
    if (area === 'unread') throw new NotOurs(outermost(expression));
    const why = compare(evaluation, answersTo(evaluation, expression, series));
    return {
      line,
      expression: text,
      area,
      result: why === null ? { kind: 'right' } : { kind: 'wrong', why },
    };
  } catch (error) {
    if (error instanceof NotOurs)
      return { line, expression: text, area, result: { kind: 'not ours', reason: error.message } };
    throw error;
  }
}

/** The first function met from outside through arithmetic; a bare selector is `selector`. Null without either. */
function areaOf(expression: Expression): string | null {
  switch (expression.kind) {
    case 'number':
    case 'words':
      return null;
    case 'selector':
      return 'selector';
    case 'negated':
      return areaOf(expression.of);
    case 'call':
      return expression.name in FUNCTIONS ? expression.name : null;
    case 'binary': {
      const sides = [areaOf(expression.left), areaOf(expression.right)].filter((area) => area !== null);
      return sides.find((area) => area !== 'selector') ?? sides[0] ?? null;
    }
  }
}

function outermost(expression: Expression): string {
  if (expression.kind === 'call') return `${expression.name}()`;
  if (expression.kind === 'binary') {
    const call = [expression.left, expression.right].find((side) => side.kind === 'call');
    return call === undefined ? 'arithmetic of numbers' : outermost(call);
  }
  return expression.kind === 'words' ? 'words as a value' : 'arithmetic of numbers';
}

function refuseForeign(expected: Expected): void {
  if (expected.kind === 'other') throw new NotOurs('expects what is no number');
  if (expected.kind === 'series' && expected.series.some(({ values }) => values.includes('histogram')))
    throw new NotOurs('native histograms');
}

type Answers = { readonly kind: 'refused' } | { readonly kind: 'values'; readonly values: readonly Value[] };

function answersTo({ timesMs }: Evaluation, expression: Expression, series: LoadedSeries): Answers {
  const [startMs, endMs] = [timesMs[0] ?? 0, timesMs.at(-1) ?? 0];
  try {
    return {
      kind: 'values',
      values: timesMs.map((nowMs) => evaluateAt(expression, series, { nowMs, startMs, endMs })),
    };
  } catch (error) {
    if (error instanceof Refused) return { kind: 'refused' };
    throw error;
  }
}

/** Null when what came is what was expected. */
function compare({ expected, timesMs }: Evaluation, answers: Answers): string | null {
  if (expected.kind === 'fail') return answers.kind === 'refused' ? null : 'answered, but must be refused';
  if (answers.kind === 'refused') return 'refused, but must be answered';
  if (expected.kind === 'scalar') {
    const [value] = answers.values;
    return value?.kind === 'scalar' && almostEqual(value.value, expected.value)
      ? null
      : `expected ${expected.value}`;
  }
  if (expected.kind === 'other') return expected.text;
  const got = seriesOf(answers.values);
  const rows = new Map(expected.series.map((row) => [keyOf(row.labels), row]));
  for (const key of got.keys()) if (!rows.has(key)) return `${key} is not expected`;
  for (const [key, row] of rows) {
    const why = compareRow(row, got.get(key) ?? [], timesMs.length);
    if (why !== null) return `${key}: ${why}`;
  }
  return null;
}

function compareRow(
  { values }: ExpectedSeries,
  got: readonly (Item | undefined)[],
  count: number,
): string | null {
  for (let i = 0; i < count; i += 1) {
    const wanted: Written = values[i] ?? 'none';
    const value = got[i]?.value;
    const isSame =
      typeof wanted === 'number' ? value !== undefined && almostEqual(value, wanted) : value === undefined;
    if (!isSame) return `${wanted} expected, ${value ?? 'none'} came (step ${i})`;
  }
  return null;
}

/** The answers by series, one a step. */
function seriesOf(answers: readonly Value[]): Map<string, (Item | undefined)[]> {
  const rows = new Map<string, (Item | undefined)[]>();
  for (const [i, answer] of answers.entries()) {
    const items = answer.kind === 'vector' ? answer.items : [{ labels: {}, value: answer.value }];
    for (const item of items) {
      const row = rows.get(keyOf(item.labels)) ?? [];
      row[i] = item;
      rows.set(keyOf(item.labels), row);
    }
  }
  return rows;
}
