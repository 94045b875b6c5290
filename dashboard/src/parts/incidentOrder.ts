/** In which order incidents need a person. Pure. */
import type { IncidentSummary } from '@muster/shared/api/incidents.ts';
import { millis } from '../util/time.ts';

/** By priority, then by the next duty. */
export function byPriority(a: IncidentSummary, b: IncidentSummary): number {
  return a.priority - b.priority || dueMs(a) - dueMs(b);
}

/** The response while nobody has responded, then the restoration; a clock that stands is last. */
function dueMs({ sla }: IncidentSummary): number {
  if (sla.paused) return Number.POSITIVE_INFINITY;
  return millis(sla.respondedAt === null ? sla.respondBy : sla.restoreBy);
}
