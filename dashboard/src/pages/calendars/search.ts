/** What the address of the service hours holds. */
import { z } from 'zod';
import { searchText } from '../../util/search.ts';

export const CalendarsSearch = z.object({
  /** The calendar that is open. */
  calendar: searchText,
  /** Of the year view. */
  year: z.coerce.number().int().min(1970).max(2999).optional().catch(undefined),
});
export type CalendarsSearch = z.infer<typeof CalendarsSearch>;
