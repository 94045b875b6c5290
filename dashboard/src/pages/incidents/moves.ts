/** What a move asks of a person before it is made. Pure. */
import {
  INCIDENT_TRANSITIONS,
  type IncidentState,
  type IncidentSummary,
} from '@muster/shared/api/incidents.ts';

/** Columns of the board; what is cancelled stands on none. */
export const BOARD_STATES = [
  'new',
  'assigned',
  'in_progress',
  'on_hold',
  'resolved',
  'restored',
  'closed',
] as const satisfies readonly IncidentState[];

/** What the machine watches, it verifies itself. */
export function nextStates({
  state,
  affectedCount,
}: Pick<IncidentSummary, 'state' | 'affectedCount'>): readonly IncidentState[] {
  return INCIDENT_TRANSITIONS[state].filter((to) => to !== 'restored' || affectedCount === 0);
}

/** False: there is nothing to ask, the move can be made at once. */
export function asks(incident: Pick<IncidentSummary, 'assignee'>, to: IncidentState): boolean {
  if (to === 'assigned') return incident.assignee === null;
  return to !== 'in_progress' && to !== 'new';
}
