/** Which of several rules on one metric is in force: the most particular one. Read by the engine and by the rule editor. Pure. */
import type { Condition } from '../api/rules.ts';
import { DAY_MS } from '../time.ts';
import { REACH_STEPS, type ReachStep } from './reach.ts';

export type { ReachStep } from './reach.ts';

/** What a rule applies to; null or absent = any. */
export interface Reach {
  readonly class: readonly string[] | null;
  readonly location?: string | null | undefined;
  readonly service?: string | null | undefined;
  readonly tag: string | null;
  readonly ciId: string | null;
  readonly instance: string | null;
}

/** Each outweighs all before it together; location and service outweigh the class, and both of them one. */
const WEIGHTS: Readonly<Record<ReachStep, number>> = {
  class: 1,
  location: 2,
  service: 2,
  tag: 8,
  ciId: 16,
  instance: 32,
};

/** Instance counts before machine, machine before tag, tag before location and service, these before class. */
export function particularity(reach: Reach): number {
  return REACH_STEPS.reduce((sum, step) => sum + (isAny(reach[step]) ? 0 : WEIGHTS[step]), 0);
}

/** The most particular step at which two reaches differ in being narrowed; null where they are narrowed alike. */
export function decidingStep(a: Reach, b: Reach): ReachStep | null {
  return REACH_STEPS.findLast((step) => isAny(a[step]) !== isAny(b[step])) ?? null;
}

/** The step that a rule owes its rank to; null: it is for everything. */
export function highestStep(reach: Reach): ReachStep | null {
  return REACH_STEPS.findLast((step) => !isAny(reach[step])) ?? null;
}

function isAny(value: Reach[ReachStep]): boolean {
  return value === null || value === undefined;
}

/** What a rule competes for. */
export interface Contender {
  readonly reach: Reach;
  /** Rules of one family compete: for a threshold its direction will do where all are of one metric. */
  readonly op: string;
  /** Of equally particular ones the nearer counts: a room before its building. 0 where absent. */
  readonly distance?: number;
}

/**
 * Of rules that all apply to one series of one metric, those in force: in each family the most particular; several
 * where they are equally particular.
 */
export function inForce<T>(rules: readonly T[], of: (rule: T) => Contender): readonly T[] {
  if (rules.length < 2) return rules;
  const highest = new Map<string, number>();
  const rankOf = ({ reach, distance = 0 }: Contender) => particularity(reach) + 1 / (2 + distance);
  for (const rule of rules) {
    const contender = of(rule);
    highest.set(contender.op, Math.max(highest.get(contender.op) ?? -1, rankOf(contender)));
  }
  return rules.filter((rule) => {
    const contender = of(rule);
    return rankOf(contender) === highest.get(contender.op);
  });
}

/**
 * What rules compete for: conditions of one family on one metric say the same kind of thing, so the more particular one
 * replaces the other. null: it competes with none (what stands on other rules).
 */
export function familyOf(condition: Condition): string | null {
  switch (condition.type) {
    case 'silent':
      return 'silent';
    case 'composite':
      return null;
    case 'threshold': {
      const { metric, op, window } = condition;
      return window && COUNTING.has(window.fn) ? `${window.fn} ${op} ${metric}` : `threshold ${op} ${metric}`;
    }
    case 'forecast': {
      const { metric, op, levels } = condition;
      // What is full tonight and what is full next week are two matters: one does not answer for the other.
      const pace = Math.max(...levels.map(({ withinMs }) => withinMs)) < DAY_MS ? 'hours' : 'days';
      return `forecast ${pace} ${op} ${metric}`;
    }
    case 'baseline':
    case 'change':
      return `${condition.type} ${condition.direction} ${condition.metric}`;
    case 'absence':
    case 'anomaly':
      return `${condition.type} ${condition.metric}`;
  }
}

const COUNTING: ReadonlySet<string> = new Set(['increase', 'changes', 'resets']);

/** Its levels are of another kind than the metric's values: they count something within a window. */
export function isCounting(condition: Condition): boolean {
  return (
    condition.type === 'threshold' && condition.window !== undefined && COUNTING.has(condition.window.fn)
  );
}
