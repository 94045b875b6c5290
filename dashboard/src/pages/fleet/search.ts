/** What the addresses of the agents' pages hold. */
import { z } from 'zod';
import { searchChoice, searchLabel, searchSort, searchText } from '../../util/search.ts';

export const AGENT_STATES = ['connected', 'away', 'pending', 'gone', 'revoked'] as const;
export const AgentsSearch = z.object({
  state: searchChoice(AGENT_STATES),
  q: searchText,
  label: searchLabel,
  sort: searchSort,
});
export type AgentsSearch = z.infer<typeof AgentsSearch>;

export const PLATFORMS = ['linux', 'windows', 'macos'] as const;
export type Platform = (typeof PLATFORMS)[number];
export const WizardSearch = z.object({ platform: searchChoice(PLATFORMS) });
