/** What the addresses of the settings hold. */
import { z } from 'zod';
import { searchText } from '../../util/search.ts';

const searchDay = z.iso.date().optional().catch(undefined);

export const AuditSearch = z.object({
  action: searchText,
  actor: searchText,
  subject: searchText,
  /** Days of the reader's zone, both included. */
  from: searchDay,
  to: searchDay,
});
export type AuditSearch = z.infer<typeof AuditSearch>;
