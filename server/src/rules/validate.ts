/** What a rule must fulfil beyond its form. */
import type { Condition, Severity } from '@muster/shared/api/rules.ts';
import { isMetricName, metricDefinition } from '@muster/shared/metrics/catalogue.ts';
import type { MetricName } from '@muster/shared/metrics/catalogue.ts';
import { AppError } from '../errors.ts';
import { isClear } from './evaluate.ts';
import type { CompositeCondition, ThresholdCondition } from './rule.ts';
import type { ForecastCondition } from './signals/forecast.ts';

/** `others`: what a composite may stand on; left aside where absent. @throws AppError metric-unknown, clear-level-invalid, input-invalid */
export function validateCondition(
  condition: Condition,
  others?: { readonly self: string | null; conditionOf(ruleId: string): Condition | undefined },
): void {
  switch (condition.type) {
    case 'silent':
      return;
    case 'threshold':
      validateThreshold(condition);
      return;
    case 'absence':
      requireMetric(condition.metric);
      return;
    case 'change':
      requireGauge(condition.metric, 'A change is that of a gauge');
      return;
    case 'forecast':
      validateForecast(condition);
      return;
    case 'baseline':
      requireMetric(condition.metric);
      requireSeverities(condition.levels);
      for (const { deviations, clear, severity } of condition.levels)
        if (clear >= deviations) throw clearInvalid(severity, clear, 'below', deviations);
      requireBeyond(condition.levels, ({ deviations }) => deviations);
      // At the edge of an hour the average still holds the hour before, of which something else is usual.
      if (condition.forMs < condition.overMs)
        throw invalid('condition.forMs', 'the hold of what is usual must be as long as its average');
      return;
    case 'anomaly':
      requireMetric(condition.metric);
      if (condition.clear >= condition.score)
        throw clearInvalid(condition.severity, condition.clear, 'below', condition.score);
      return;
    case 'composite':
      validateComposite(condition, others);
      return;
  }
}

function validateThreshold(condition: ThresholdCondition): void {
  const metric = requireMetric(condition.metric);
  if (condition.floor) requireSameInstances(metric, requireMetric(condition.floor.metric));
  for (const { level, clear, severity } of condition.levels) {
    if (level === clear || !isClear(clear, condition.op, level))
      throw clearInvalid(severity, clear, condition.op === 'above' ? 'below' : 'above', level);
  }
  requireSeverities(condition.levels);
  requireBeyond(condition.levels, ({ level }) => (condition.op === 'above' ? level : -level));
  const { window } = condition;
  if (window === undefined) return;
  if (window.fn === 'n-of-m' && window.n > window.m)
    throw invalid('condition.window.n', `of ${window.m} samples no ${window.n} can be beyond the level`);
  if (window.fn === 'rate' || window.fn === 'increase') {
    if (metricDefinition(metric).kind !== 'counter')
      throw invalid('condition.window.fn', `${metric} is no counter: it has no ${window.fn}`);
  }
  if (window.fn === 'changes' || window.fn === 'resets')
    requireGauge(metric, `${window.fn} count for gauges`);
}

function validateForecast(condition: ForecastCondition): void {
  const metric = requireGauge(condition.metric, 'Only of a gauge can be said where it is heading');
  if (condition.floor) requireSameInstances(metric, requireMetric(condition.floor.metric));
  requireSeverities(condition.levels);
  for (const { withinMs, clearWithinMs, severity } of condition.levels)
    if (clearWithinMs <= withinMs) throw clearInvalid(severity, clearWithinMs, 'above', withinMs);
  requireBeyond(condition.levels, ({ withinMs }) => -withinMs);
}

function validateComposite(
  { rules }: CompositeCondition,
  others: Parameters<typeof validateCondition>[1],
): void {
  if (new Set(rules).size < rules.length) throw invalid('condition.rules', 'a rule stands twice');
  if (others === undefined) return;
  for (const id of rules) {
    const condition = id === others.self ? undefined : others.conditionOf(id);
    if (condition === undefined) throw invalid('condition.rules', `there is no other rule ${id}`);
    if (condition.type === 'composite')
      throw invalid('condition.rules', 'a rule on other rules cannot stand on one of its kind');
  }
}

function requireGauge(name: string, why: string): MetricName {
  const metric = requireMetric(name);
  if (metricDefinition(metric).kind === 'counter')
    throw invalid('condition.metric', `${why}, and ${metric} is a counter`);
  return metric;
}

function requireMetric(name: string): MetricName {
  if (!isMetricName(name)) throw new AppError('metric-unknown', `There is no metric ${name}.`);
  return name;
}

/** A floor is looked up at the same instance, so both must be told apart by the same thing. */
function requireSameInstances(metric: MetricName, floor: MetricName): void {
  const [kind, floorKind] = [metricDefinition(metric).instance, metricDefinition(floor).instance];
  if (kind !== floorKind)
    throw invalid('condition.floor.metric', `${floor} is per ${floorKind}, ${metric} is per ${kind}`);
}

function requireSeverities(levels: readonly { readonly severity: Severity }[]): void {
  if (new Set(levels.map(({ severity }) => severity)).size < levels.length)
    throw invalid('condition.levels', 'a severity stands twice');
}

/** `badnessOf`: more is worse. */
function requireBeyond<T extends { readonly severity: Severity }>(
  levels: readonly T[],
  badnessOf: (level: T) => number,
): void {
  const warning = levels.find((level) => level.severity === 'warning');
  const critical = levels.find((level) => level.severity === 'critical');
  if (warning && critical && badnessOf(critical) <= badnessOf(warning))
    throw invalid('condition.levels', 'critical must lie beyond warning');
}

function clearInvalid(severity: Severity, clear: number, side: 'above' | 'below', level: number): AppError {
  return new AppError(
    'clear-level-invalid',
    `The clear level ${clear} of ${severity} must be ${side} its level ${level}.`,
  );
}

function invalid(path: string, message: string): AppError {
  return new AppError('input-invalid', `The rule cannot be used: ${message}.`, {
    issues: [{ path, message }],
  });
}
