/** What the addresses of the pages of findings, changes and software hold. */
import { CHANGE_STATES, FINDING_KINDS, FINDING_STATES } from '@muster/shared/api/choices.ts';
import { z } from 'zod';
import { searchChoice, searchText } from '../../util/search.ts';

export const FindingsSearch = z.object({
  /** Missing: those that are open. */
  state: searchChoice([...FINDING_STATES, 'all']),
  kind: searchChoice(FINDING_KINDS),
  ci: searchText,
});
export type FindingsSearch = z.infer<typeof FindingsSearch>;

export const ChangesSearch = z.object({
  state: searchChoice(CHANGE_STATES),
  /** Id of the one that is shown whole. */
  open: searchText,
});
export type ChangesSearch = z.infer<typeof ChangesSearch>;

export const SoftwareSearch = z.object({
  tab: searchChoice(['rules', 'licences']),
  q: searchText,
  outdated: searchChoice(['1']),
  sort: searchChoice(['name', 'outdated', 'versions']),
  /** Product or licence that is shown whole. */
  open: searchText,
});
export type SoftwareSearch = z.infer<typeof SoftwareSearch>;
