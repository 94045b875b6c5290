/** What the address of the capacity page holds. */
import { z } from 'zod';
import { CAPACITY_STATES, CONSUMER_METRICS } from '@muster/shared/api/capacity.ts';
import { CAPACITY_SORTS } from '../../parts/capacityQueries.ts';
import { searchChoice, searchText } from '../../util/search.ts';

export const CapacitySearch = z.object({
  state: searchChoice(CAPACITY_STATES),
  class: searchText,
  site: searchText,
  q: searchText,
  sort: searchChoice(CAPACITY_SORTS),
  /** Row that is open: machine and mount point. */
  open: z.string().max(400).optional().catch(undefined),
  metric: searchChoice(CONSUMER_METRICS),
  window: searchChoice(['7d']),
  order: searchChoice(['average']),
});
export type CapacitySearch = z.infer<typeof CapacitySearch>;
