/** What the addresses of the incident pages hold. */
import { z } from 'zod';
import { searchChoice, searchText } from '../../util/search.ts';

export const INCIDENT_VIEWS = ['open', 'mine', 'all'] as const;
export const IncidentsSearch = z.object({ view: searchChoice(INCIDENT_VIEWS), q: searchText });
