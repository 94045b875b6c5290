/** What a move asks of a person before it is made. Pure. */
import {
  INCIDENT_TRANSITIONS,
  type IncidentDetail,
  type IncidentState,
  type IncidentSummary,
} from '@muster/shared/api/incidents.ts';
import type { Alert } from '@muster/shared/api/rules.ts';

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

/** Open alerts that are named. */
const NAMED_MAX = 3;

/** Why nobody can confirm its recovery now: alerts that are open, or the machine that verifies it. null: somebody can. */
export function recoveryStandsOn({
  state,
  resolution,
  affectedCount,
  alerts,
}: Pick<IncidentDetail, 'state' | 'resolution' | 'affectedCount' | 'alerts'>): {
  readonly open: readonly Alert[];
  readonly openCount: number;
} | null {
  if (state !== 'resolved' || affectedCount === 0) return null;
  const open = alerts.filter((alert) => alert.state !== 'resolved');
  if (open.length === 0 && resolution === 'not-watched') return null;
  return { open: open.slice(0, NAMED_MAX), openCount: open.length };
}

/** False: there is nothing to ask, the move can be made at once. */
export function asks(incident: Pick<IncidentSummary, 'assignee'>, to: IncidentState): boolean {
  if (to === 'assigned') return incident.assignee === null;
  return to !== 'in_progress' && to !== 'new';
}
