/** What the address of the alerts page holds. */
import { z } from 'zod';
import { ALERT_STATES, QUIET_KINDS, SEVERITIES } from '@muster/shared/api/rules.ts';
import { searchChoice, searchText } from '../../util/search.ts';

/** Missing: all that are not resolved. */
export const AlertsSearch = z.object({
  state: searchChoice(ALERT_STATES),
  /** Why they are quiet. */
  quiet: searchChoice(QUIET_KINDS),
  severity: searchChoice(SEVERITIES),
  /** Ids of a rule and of a machine. */
  rule: searchText,
  machine: searchText,
  q: searchText,
});
export type AlertsSearch = z.infer<typeof AlertsSearch>;
