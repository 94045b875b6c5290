/** The list of rules put together: what is shown, in which groups, in which order. Pure. */
import type { Rule, RuleFacts } from '@muster/shared/api/rules.ts';
import { byNoise } from './noise.ts';
import type { RuleOrder, RuleState } from './search.ts';

export type FactsOf = (ruleId: string) => RuleFacts | undefined;

/** Neither owner nor day may be missing (K1). */
export function isAgreed({ owner, agreedOn }: Pick<Rule, 'owner' | 'agreedOn'>): boolean {
  return owner !== null && agreedOn !== null;
}

export function isIn(state: RuleState, rule: Rule, facts: RuleFacts | undefined): boolean {
  switch (state) {
    case 'on':
      return rule.enabled;
    case 'off':
      return !rule.enabled;
    case 'firing':
      return (facts?.openAlerts ?? 0) > 0;
    case 'notAgreed':
      return !isAgreed(rule);
  }
}

/** Owners there are, in the order of the alphabet. */
export function ownersOf(rules: readonly Rule[], language: string): string[] {
  return [...new Set(rules.flatMap(({ owner }) => owner ?? []))].toSorted((a, b) =>
    a.localeCompare(b, language),
  );
}

/** The pack that a rule came with: `server` of `server/cpu`; null: it is somebody's own. */
export function packOf({ pack }: Pick<Rule, 'pack'>): string | null {
  return pack === null ? null : (pack.split('/')[0] ?? pack);
}

export interface RuleGroup {
  /** Words of the machines, or the id of the pack; '' for the one group of the loudest, and for own rules. */
  readonly key: string;
  readonly rules: readonly Rule[];
}

/** Packs in the order that they come in, own rules before them. */
export function groupRules(
  rules: readonly Rule[],
  order: RuleOrder,
  { factsOf, subjectOf }: { readonly factsOf: FactsOf; readonly subjectOf: (rule: Rule) => string },
): RuleGroup[] {
  if (rules.length === 0) return [];
  if (order === 'noise') {
    const sorted = rules.toSorted((a, b) => byNoise(factsOf(a.id)?.noise, factsOf(b.id)?.noise));
    return [{ key: '', rules: sorted }];
  }
  const keyOf = order === 'machines' ? subjectOf : (rule: Rule) => packOf(rule) ?? '';
  const groups = [...Map.groupBy(rules, keyOf)].map(([key, of]) => ({ key, rules: of }));
  return order === 'pack' ? groups.toSorted((a, b) => Number(b.key === '') - Number(a.key === '')) : groups;
}
