/** What a rule must fulfil beyond its form. */
import type { Condition } from '@muster/shared/api/rules.ts';
import { isMetricName, metricDefinition } from '@muster/shared/metrics/catalogue.ts';
import type { MetricName } from '@muster/shared/metrics/catalogue.ts';
import { AppError } from '../errors.ts';
import { isClear } from './evaluate.ts';
import type { ThresholdCondition } from './rule.ts';

/** @throws AppError metric-unknown, clear-level-invalid, input-invalid */
export function validateCondition(condition: Condition): void {
  if (condition.type === 'silent') return;
  const metric = requireMetric(condition.metric);
  if (condition.floor) requireSameInstances(metric, requireMetric(condition.floor.metric));
  for (const { level, clear, severity } of condition.levels) {
    if (level === clear || !isClear(clear, condition.op, level))
      throw new AppError(
        'clear-level-invalid',
        `The clear level ${clear} of ${severity} must be ${condition.op === 'above' ? 'below' : 'above'} its level ${level}.`,
      );
  }
  requireOrder(condition);
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

function requireOrder({ op, levels }: ThresholdCondition): void {
  const [warning, ...more] = levels.filter((level) => level.severity === 'warning');
  const [critical, ...others] = levels.filter((level) => level.severity === 'critical');
  if (more.length + others.length > 0) throw invalid('condition.levels', 'a severity stands twice');
  if (!warning || !critical) return;
  const isOrdered = op === 'above' ? critical.level > warning.level : critical.level < warning.level;
  if (!isOrdered) throw invalid('condition.levels', 'critical must lie beyond warning');
}

function invalid(path: string, message: string): AppError {
  return new AppError('input-invalid', `The rule cannot be used: ${message}.`, {
    issues: [{ path, message }],
  });
}
