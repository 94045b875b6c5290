/** What the addresses of the rule pages hold beside their path. */
import { z } from 'zod';
import { searchChoice, searchText } from '../../util/search.ts';

/** Rules shown by state: on, off, with alerts open now, without owner or date of agreement. */
export const RULE_STATES = ['on', 'off', 'firing', 'notAgreed'] as const;
export type RuleState = (typeof RULE_STATES)[number];

/** How the list is put together: by the machines, by where the rules come from, the loudest first. */
export const RULE_ORDERS = ['machines', 'pack', 'noise'] as const;
export type RuleOrder = (typeof RULE_ORDERS)[number];

/** `ci`: only what is in force on this machine. */
export const RulesSearch = z.object({
  q: searchText,
  state: searchChoice(RULE_STATES),
  owner: searchText,
  order: searchChoice(RULE_ORDERS),
  ci: searchText,
});
export type RulesSearch = z.infer<typeof RulesSearch>;

/** `copy`: the rule to begin from. `ci`, `metric`, `instance`: from the page of a machine, or as an exception. */
export const NewRuleSearch = z.object({
  copy: searchText,
  ci: searchText,
  metric: searchText,
  instance: searchText,
});
export type NewRuleSearch = z.infer<typeof NewRuleSearch>;
