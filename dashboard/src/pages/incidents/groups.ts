/** Which incidents a reader sees, in which groups and in which order. Pure. */
import { type IncidentState, type IncidentSummary, isOpen } from '@muster/shared/api/incidents.ts';
import type { Millis } from '@muster/shared/time.ts';
import { millis } from '../../util/time.ts';
import { type IncidentsSearch, NOBODY, prioritiesOf } from './search.ts';

/** By who has to do something. */
export const GROUPS = ['unclaimed', 'mine', 'others', 'onHold', 'waiting', 'over'] as const;
export type Group = (typeof GROUPS)[number];

export function groupOf(incident: IncidentSummary, me: string | undefined): Group {
  if (incident.state === 'resolved' || incident.state === 'restored') return 'waiting';
  if (!isOpen(incident.state)) return 'over';
  if (incident.state === 'on_hold') return 'onHold';
  if (incident.assignee === null) return 'unclaimed';
  return incident.assignee === me ? 'mine' : 'others';
}

/** Worst first, then what is due first; what is over by its age. */
export function byUrgency(a: IncidentSummary, b: IncidentSummary): number {
  if (isOver(a.state) && isOver(b.state)) return b.openedAt.localeCompare(a.openedAt);
  return a.priority - b.priority || a.sla.restoreBy.localeCompare(b.sla.restoreBy);
}

export function isOver(state: IncidentState): boolean {
  return state === 'closed' || state === 'cancelled';
}

type Question = Pick<IncidentsSearch, 'view' | 'priority' | 'state' | 'holder' | 'q'>;

/** `without` leaves one filter aside: what its choices count. */
export function matches(
  incident: IncidentSummary,
  { view, priority, state, holder, q = '' }: Question,
  reader: { readonly me: string | undefined; readonly titleOf: (incident: IncidentSummary) => string },
  without?: 'priority',
): boolean {
  const { assignee } = incident;
  if (view === 'mine' && assignee !== reader.me) return false;
  const priorities = without === 'priority' ? [] : prioritiesOf({ priority });
  if (priorities.length > 0 && !priorities.includes(String(incident.priority))) return false;
  if (state && incident.state !== state) return false;
  if (holder && (holder === NOBODY ? assignee !== null : assignee !== holder)) return false;
  const needle = q.trim().toLowerCase();
  // Making the title costs more than all the rest.
  if (needle === '') return true;
  const text = `${incident.ref}\n${reader.titleOf(incident)}\n${incident.ci?.name ?? ''}\n${assignee ?? ''}`;
  return text.toLowerCase().includes(needle);
}

/** Colour of its age: calm, amber when three quarters of the time to restore are used, red beyond. */
export function ageTone({ state, openedAt, sla }: IncidentSummary, nowMs: Millis): 'calm' | 'warn' | 'crit' {
  if (!isOpen(state) || sla.paused) return 'calm';
  const openedMs = millis(openedAt);
  const used = (nowMs - openedMs) / Math.max(1, millis(sla.restoreBy) - openedMs);
  return used >= 1 ? 'crit' : used >= 0.75 ? 'warn' : 'calm';
}
