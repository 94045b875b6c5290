/** A rule: where it applies, what it watches, who agreed to it. */
import type { Condition, Rule, Selector } from '@muster/shared/api/rules.ts';
import type { Words } from '@muster/shared/api/incidents.ts';
import { isGone } from '@muster/shared/presence/state.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { z } from 'zod';
import type { CiEntry } from '../cmdb/directory.ts';
import { NO_MEMBERSHIP, type Membership } from '../relations/membership.ts';

export type RuleSelector = z.infer<typeof Selector>;
export type ThresholdCondition = Extract<Condition, { type: 'threshold' }>;
export type SilentCondition = Extract<Condition, { type: 'silent' }>;
export type AbsenceCondition = Extract<Condition, { type: 'absence' }>;
export type CompositeCondition = Extract<Condition, { type: 'composite' }>;

/** As stored; the same fields as at the API, with times as Millis. */
export interface StoredRule {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly selector: RuleSelector;
  readonly condition: Rule['condition'];
  readonly owner: string | null;
  /** ISO date. */
  readonly agreedOn: string | null;
  readonly explanation: Words;
  /** Key in its pack ('server/cpu'); null for rules that people made. */
  readonly pack: string | null;
  readonly createdAtMs: Millis;
  readonly updatedAtMs: Millis;
}

/** Where a machine belongs, as far as selectors ask. */
export type Belonging = Pick<Membership, 'locationsOf' | 'servicesOf'>;

/** Does the rule apply to this machine, leaving the instance aside? */
export function appliesTo(rule: StoredRule, entry: CiEntry, belonging: Belonging = NO_MEMBERSHIP): boolean {
  const { selector } = rule;
  const { location, service } = selector;
  return (
    rule.enabled &&
    !isGone(entry.lifecycle) &&
    (selector.class === null || selector.class.includes(entry.class)) &&
    (selector.tag === null || entry.tags.includes(selector.tag)) &&
    (selector.ciId === null || selector.ciId === entry.id) &&
    (!location || belonging.locationsOf(entry.id).includes(location)) &&
    (!service || belonging.servicesOf(entry.id).includes(service))
  );
}

/** Steps from the machine to the place or service that the rule is for: of two places the nearer one counts. */
export function distanceTo(
  { selector }: Pick<StoredRule, 'selector'>,
  ciId: string,
  belonging: Belonging,
): number {
  const { location, service } = selector;
  return (
    (location ? belonging.locationsOf(ciId).indexOf(location) : 0) +
    (service ? belonging.servicesOf(ciId).indexOf(service) : 0)
  );
}

/** The metric that an alert of the rule is about; null for silence and for what stands on other rules. */
export function metricOf(condition: Condition): string | null {
  return 'metric' in condition ? condition.metric : null;
}

export { instanceMatcher } from '../metrics/instance-matcher.ts';
