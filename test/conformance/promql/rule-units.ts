/**
 * promtool's rule unit files: alerts that compare one series with a number are run through Muster's own threshold evaluation, and
 * the same must fire at the same times. Source: prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { evaluate, idleTracks, raisedOf, type Track } from '@muster/server/rules/evaluate.ts';
import type { ThresholdCondition } from '@muster/server/rules/rule.ts';
import { parse } from 'yaml';
import { z } from 'zod';
import { evaluateAt, type Item } from './evaluation.ts';
import { type Expression, NotOurs, readExpression, type Selector } from './expression.ts';
import { keyOf, type Labels, readDurationMs, readSeriesLine, readValues, withoutName } from './notation.ts';
import type { Outcome } from './run-script.ts';
import { LoadedSeries } from './series.ts';

const DEFAULT_INTERVAL = '1m';
/** Evaluations of one test; longer ones are left out by name. */
const STEPS_MAX = 200_000;

const duration = z.union([z.string(), z.number()]).transform((text) => readDurationMs(String(text)) ?? NaN);
const labels = z.record(z.string(), z.coerce.string());
const RuleFile = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          alert: z.string().optional(),
          record: z.string().optional(),
          expr: z.coerce.string(),
          for: duration.default(0),
          keep_firing_for: duration.default(0),
          labels: labels.default({}),
        }),
      ),
    }),
  ),
});
type Rule = z.infer<typeof RuleFile>['groups'][number]['rules'][number];
const UnitFile = z.object({
  rule_files: z.array(z.string()).default([]),
  evaluation_interval: duration.prefault(DEFAULT_INTERVAL),
  tests: z.array(
    z.object({
      interval: duration.optional(),
      input_series: z.array(z.object({ series: z.string(), values: z.coerce.string() })).default([]),
      alert_rule_test: z
        .array(
          z.object({
            eval_time: duration,
            alertname: z.string(),
            exp_alerts: z.array(z.object({ exp_labels: labels.default({}) })).nullish(),
          }),
        )
        .default([]),
    }),
  ),
});
type UnitTest = z.infer<typeof UnitFile>['tests'][number];
type AlertTest = UnitTest['alert_rule_test'][number];

/** Runs each alert test of a unit file. Null when the file is not one of unit tests (a file of rules, say). */
export function runRuleUnits(path: string): Outcome[] | null {
  const read = UnitFile.safeParse(parse(readFileSync(path, 'utf8')));
  if (!read.success) return null;
  const { rule_files, evaluation_interval: stepMs, tests } = read.data;
  const rules = orUnread(() => rule_files.flatMap((file) => rulesOf(join(dirname(path), file))));
  return tests.flatMap((test, t) => {
    const series = orUnread(() => seriesOf(test, stepMs));
    return test.alert_rule_test.map((alert, a) =>
      judge(alert, `test ${t + 1}, alert ${a + 1}`, rules, series, stepMs),
    );
  });
}

/** Null for what cannot be read: some files are there to be refused. */
function orUnread<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}

function rulesOf(path: string): readonly Rule[] {
  return RuleFile.parse(parse(readFileSync(path, 'utf8'))).groups.flatMap(({ rules }) => rules);
}

function seriesOf({ input_series, interval }: UnitTest, stepMs: number): LoadedSeries {
  const series = new LoadedSeries();
  for (const input of input_series) {
    const head = readSeriesLine(input.series.trim());
    if (head === null) throw new Error(`not a series: ${input.series}`);
    series.load(head.labels, interval ?? stepMs, readValues(input.values));
  }
  return series;
}

function judge(
  test: AlertTest,
  name: string,
  rules: readonly Rule[] | null,
  series: LoadedSeries | null,
  stepMs: number,
): Outcome {
  const expression = `${name}: ${test.alertname} at ${test.eval_time / 1_000} s`;
  const outcome = (result: Outcome['result']): Outcome => ({ line: 0, expression, area: 'alerts', result });
  try {
    if (rules === null || series === null) throw new NotOurs('a file that cannot be read');
    const found = rules.filter(({ alert }) => alert === test.alertname);
    const recorded = rules.map(({ record }) => record);
    if (found.some(({ expr }) => recorded.some((name) => name !== undefined && expr.includes(name))))
      throw new NotOurs('alert on a recorded series');
    const firing = found.flatMap((rule) => firingAt(rule, test.eval_time, series, stepMs));
    const wanted = (test.exp_alerts ?? []).map(({ exp_labels }) => keyOf(exp_labels));
    const got = firing.map(keyOf);
    const isSame = JSON.stringify(got.toSorted()) === JSON.stringify(wanted.toSorted());
    return outcome(
      isSame
        ? { kind: 'right' }
        : { kind: 'wrong', why: `expected [${wanted.join()}], fires [${got.join()}]` },
    );
  } catch (error) {
    if (error instanceof NotOurs) return outcome({ kind: 'not ours', reason: error.message });
    throw error;
  }
}

/** Labels of the alerts of a rule that fire at a time: one threshold, moved by the values at each evaluation until then. */
function firingAt(rule: Rule, untilMs: number, series: LoadedSeries, stepMs: number): Labels[] {
  if (Object.values(rule.labels).some((value) => value.includes('{{')))
    throw new NotOurs('labels by template');
  const { selector, threshold } = comparisonOf(readExpression(rule.expr));
  if (untilMs / stepMs > STEPS_MAX) throw new NotOurs('too many evaluations');
  const { condition, reading } = conditionOf(threshold, rule);
  const tracks = new Map<string, { item: Item; tracks: readonly Track[] }>();
  for (let nowMs = 0; nowMs <= untilMs; nowMs += stepMs) {
    const items = valuesAt(selector, series, nowMs);
    if (
      tracks.size > 0 &&
      [...tracks.keys()].some((key) => !items.some(({ labels }) => keyOf(labels) === key))
    )
      throw new NotOurs('a series ends: ours resolves after a while, theirs at once');
    for (const item of items) {
      const key = keyOf(item.labels);
      const before = tracks.get(key)?.tracks ?? idleTracks(condition);
      const sample = { atMs: nowMs, value: reading(item.value), floor: null, fresh: true, afterGap: false };
      tracks.set(key, { item, tracks: evaluate(condition, before, sample) });
    }
  }
  return [...tracks.values()]
    .filter((one) => raisedOf(condition, one.tracks) !== null)
    .map(({ item }) => ({ ...withoutName(item.labels), ...rule.labels }));
}

function valuesAt(selector: Selector, series: LoadedSeries, nowMs: number): readonly Item[] {
  const value = evaluateAt(selector, series, { nowMs, startMs: nowMs, endMs: nowMs });
  return value.kind === 'vector' ? value.items : [];
}

interface Threshold {
  readonly op: string;
  readonly level: number;
}
const MIRRORED: Readonly<Record<string, string>> = {
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
  '==': '==',
  '!=': '!=',
};

function comparisonOf(expression: Expression): { selector: Selector; threshold: Threshold } {
  if (expression.kind !== 'binary' || expression.isBool || !(expression.op in MIRRORED))
    throw new NotOurs('alert that is no comparison of one series');
  const { op, left, right } = expression;
  const level = numberOf(right) ?? numberOf(left);
  const selector = left.kind === 'selector' ? left : right;
  if (level === null || selector.kind !== 'selector' || selector.rangeMs !== null)
    throw new NotOurs('alert that is no comparison of one series');
  return { selector, threshold: { op: selector === left ? op : (MIRRORED[op] ?? op), level } };
}

function numberOf(expression: Expression): number | null {
  if (expression.kind === 'number') return expression.value;
  const negated = expression.kind === 'negated' ? numberOf(expression.of) : null;
  return negated === null ? null : -negated;
}

/** Ours are "at the level or more" and "below"; the other comparisons are these with the next number, or on the distance from the level. */
function conditionOf(
  { op, level }: Threshold,
  rule: Rule,
): { condition: ThresholdCondition; reading: (value: number) => number } {
  const asIs = (value: number) => value;
  const distance = (value: number) => Math.abs(value - level);
  const ours = {
    '>=': { op: 'above', level, reading: asIs },
    '>': { op: 'above', level: nextAbove(level), reading: asIs },
    '<': { op: 'below', level, reading: asIs },
    '<=': { op: 'below', level: nextAbove(level), reading: asIs },
    '==': { op: 'below', level: Number.MIN_VALUE, reading: distance },
    '!=': { op: 'above', level: Number.MIN_VALUE, reading: distance },
  } as const;
  const { reading, ...one } = ours[op as keyof typeof ours];
  const condition = thresholdOf(one.op, one.level, rule.for, rule.keep_firing_for);
  return { condition, reading };
}

/** The next greater number that a double can hold. */
function nextAbove(value: number): number {
  if (value === 0) return Number.MIN_VALUE;
  const bits = new BigInt64Array(new Float64Array([value]).buffer);
  bits[0] = (bits[0] ?? 0n) + (value > 0 ? 1n : -1n);
  return new Float64Array(bits.buffer)[0] ?? NaN;
}

function thresholdOf(
  op: 'above' | 'below',
  level: number,
  forMs: number,
  keepForMs: number,
): ThresholdCondition {
  const levels: ThresholdCondition['levels'] = [{ severity: 'critical', level, clear: level }];
  return { type: 'threshold', metric: 'conformance', op, levels, forMs, keepForMs, floor: null };
}
