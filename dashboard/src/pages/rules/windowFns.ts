/** Ways to look at samples together, and in what their levels are counted. Pure. */
import type { RuleWindow } from '@muster/shared/api/rules.ts';
import { isMetricName, METRICS, shownUnit } from '@muster/shared/metrics/catalogue.ts';

export type LookFn = 'each' | RuleWindow['fn'];

/** Levels are of another kind than the values of the metric: they count what happened within the window. */
export function isCountingFn(fn: LookFn): boolean {
  return fn === 'increase' || fn === 'changes' || fn === 'resets';
}

/** Unit of the levels; an increase has that of the counter itself. */
export function levelUnit(metric: string, fn: LookFn = 'each'): string {
  if (!isMetricName(metric) || fn === 'changes' || fn === 'resets') return '1';
  return fn === 'increase' ? METRICS[metric].unit : shownUnit(metric);
}
