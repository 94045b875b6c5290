/** Lists of incidents kept current by what the live connection tells. Pure. */
import { type IncidentState, type IncidentSummary, isOpen } from '@muster/shared/api/incidents.ts';

/** What a list holds: `open` ends when an incident is resolved, `unfinished` when it is closed or cancelled. */
export type IncidentSpan = 'open' | 'unfinished';

/** The list with one message taken in: replaced, added, or gone when it is over. Older versions change nothing. */
export function patched(
  before: readonly IncidentSummary[],
  incident: IncidentSummary,
  span: IncidentSpan,
): IncidentSummary[] {
  const held = before.find(({ id }) => id === incident.id);
  if (held && held.version > incident.version) return [...before];
  if (!belongs(incident.state, span)) return before.filter(({ id }) => id !== incident.id);
  return held ? before.map((each) => (each.id === incident.id ? incident : each)) : [incident, ...before];
}

function belongs(state: IncidentState, span: IncidentSpan): boolean {
  return span === 'open' ? isOpen(state) : state !== 'closed' && state !== 'cancelled';
}
