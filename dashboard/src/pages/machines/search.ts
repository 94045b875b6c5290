/** What the addresses of the machine pages hold: filters, range, sort. */
import { z } from 'zod';
import { SHOWN_PRESENCES } from '../../ui/states.ts';
import { searchChoice, searchSort, searchText } from '../../util/search.ts';

export const MachinesSearch = z.object({
  /** Several, joined by commas. */
  presence: z
    .string()
    .max(128)
    .transform((value) =>
      value
        .split(',')
        .filter((each) => (SHOWN_PRESENCES as readonly string[]).includes(each))
        .join(','),
    )
    .optional()
    .catch(undefined),
  class: searchText,
  site: searchText,
  tag: searchText,
  q: searchText,
  sort: searchSort,
});
export type MachinesSearch = z.infer<typeof MachinesSearch>;

export const RANGES = ['15m', '1h', '24h', '7d', '30d', '1y'] as const;
export type RangeName = (typeof RANGES)[number];
export const LiveSearch = z.object({ range: searchChoice(RANGES) });

export const SoftwareSearch = z.object({ q: searchText, sort: searchSort });
export const HistorySearch = z.object({ q: searchText });

export const AvailabilitySearch = z.object({
  /** Calendar month, `2026-11`; missing: the present one. */
  month: z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/)
    .optional()
    .catch(undefined),
});
