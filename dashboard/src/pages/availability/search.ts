/** What the address of the availability page holds. */
import { z } from 'zod';
import { searchChoice, searchText } from '../../util/search.ts';

export const RANGES = ['24h', '7d', '30d', 'days'] as const;
export const GROUPINGS = ['class', 'site', 'tag', 'none'] as const;
export const SORTS = ['worst', 'best', 'name', 'coverage', 'down', 'outages'] as const;

const day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/)
  .optional()
  .catch(undefined);

export const FleetAvailabilitySearch = z.object({
  /** Calendar month, `2026-11`; missing without `range`: the present one. */
  month: z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/)
    .optional()
    .catch(undefined),
  /** The last hours or days; `days`: from one day to another. */
  range: searchChoice(RANGES),
  from: day,
  to: day,
  by: searchChoice(GROUPINGS),
  /** Group that is open; empty: that without a name. */
  open: searchText,
  class: searchText,
  site: searchText,
  tag: searchText,
  q: searchText,
  sort: searchChoice(SORTS),
  /** Missing: known time. */
  formula: searchChoice(['ham', 'spm']),
  /** As recorded, without the judgements of people. */
  judged: searchChoice(['no']),
  /** Below: outages, or what is unknown. */
  kind: searchChoice(['unknown']),
});
export type FleetAvailabilitySearch = z.infer<typeof FleetAvailabilitySearch>;
