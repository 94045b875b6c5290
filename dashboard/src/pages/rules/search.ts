/** What the addresses of the rule pages hold beside their path. */
import { z } from 'zod';
import { searchChoice, searchText } from '../../util/search.ts';

/** Rules shown by state: on, off, or with alerts open now. */
export const RULE_STATES = ['on', 'off', 'firing'] as const;

export const RulesSearch = z.object({ q: searchText, state: searchChoice(RULE_STATES) });
export type RulesSearch = z.infer<typeof RulesSearch>;

/** `copy`: the rule to begin from. `ci`, `metric`: from the page of a machine. */
export const NewRuleSearch = z.object({ copy: searchText, ci: searchText, metric: searchText });
export type NewRuleSearch = z.infer<typeof NewRuleSearch>;
