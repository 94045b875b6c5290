/** A rule: where it applies, what it watches, who agreed to it. */
import type { Condition, Rule, Selector } from '@muster/shared/api/rules.ts';
import type { Words } from '@muster/shared/api/incidents.ts';
import { isGone } from '@muster/shared/presence/state.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { z } from 'zod';
import type { CiEntry } from '../cmdb/directory.ts';

export type RuleSelector = z.infer<typeof Selector>;
export type ThresholdCondition = Extract<Condition, { type: 'threshold' }>;
export type SilentCondition = Extract<Condition, { type: 'silent' }>;

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

/** Does the rule apply to this machine, leaving the instance aside? */
export function appliesTo(rule: StoredRule, entry: CiEntry): boolean {
  const { selector } = rule;
  return (
    rule.enabled &&
    !isGone(entry.lifecycle) &&
    (selector.class === null || selector.class.includes(entry.class)) &&
    (selector.tag === null || entry.tags.includes(selector.tag)) &&
    (selector.ciId === null || selector.ciId === entry.id)
  );
}

/** `*` stands for any text, `?` for one character; everything else for itself. Null takes all. */
export function instanceMatcher(glob: string | null): (instance: string) => boolean {
  if (glob === null || glob === '*') return () => true;
  const pattern = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replace(/\?/g, '.');
  const expression = new RegExp(`^${pattern}$`, 's');
  return (instance) => expression.test(instance);
}
