/** What the addresses of the incident pages hold. */
import { z } from 'zod';
import { INCIDENT_STATES } from '@muster/shared/api/incidents.ts';
import { searchChoice, searchText } from '../../util/search.ts';

export const INCIDENT_VIEWS = ['open', 'mine', 'all'] as const;
/** The list is the first form. */
export const INCIDENT_FORMS = ['list', 'board'] as const;
/** Stands for nobody among the names of holders, which have no such sign. */
export const NOBODY = '-';

export const IncidentsSearch = z.object({
  view: searchChoice(INCIDENT_VIEWS),
  as: searchChoice(INCIDENT_FORMS),
  /** Priorities joined by commas, `P1,P2`. */
  priority: z
    .string()
    .regex(/^P[1-4](,P[1-4])*$/)
    .optional()
    .catch(undefined),
  state: searchChoice(INCIDENT_STATES),
  /** Account name, or NOBODY. */
  holder: searchText,
  q: searchText,
});
/** Of what the rows of times are; all where absent. */
export const IncidentTimesSearch = z.object({ by: searchChoice(['priority', 'group'] as const) });

/** `P1,P2` → `1`, `2`. */
export function prioritiesOf({ priority }: Pick<IncidentsSearch, 'priority'>): string[] {
  return priority?.split(',').map((each) => each.slice(1)) ?? [];
}
export type IncidentsSearch = z.infer<typeof IncidentsSearch>;
