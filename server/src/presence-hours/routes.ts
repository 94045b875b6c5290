/** HTTP operations of what was learned of the hours of machines. */
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { PresenceSuggestion } from '@muster/shared/api/presence.ts';
import { toIso } from '@muster/shared/time.ts';
import type { Routes } from '../http/routes.ts';
import { isUndoable, type PresenceHours } from './hours.ts';
import type { SuggestionRecord } from './store.ts';
import { groupTitle, suggestionWords } from './words.ts';

export interface PresenceHoursRoutesDeps {
  readonly hours: PresenceHours;
  /** undefined: there is none any more. */
  readonly nameOf: (ciId: string) => string | undefined;
}

export function addPresenceHoursRoutes(routes: Routes, { hours, nameOf }: PresenceHoursRoutesDeps): void {
  const told = (record: SuggestionRecord) => suggestionOf(record, nameOf);
  routes.add(ENDPOINTS.listPresenceSuggestions, async ({ query }) => {
    const lookedAtMs = hours.lookedAtMs();
    return {
      items: hours.list(query.state ?? null).map(told),
      lookedAt: lookedAtMs === null ? null : toIso(lookedAtMs),
    };
  });
  routes.add(ENDPOINTS.confirmPresenceSuggestion, async ({ params }, { actor, nowMs }) =>
    told(await hours.confirm(params.id, actor.name, nowMs)),
  );
  routes.add(ENDPOINTS.dismissPresenceSuggestion, async ({ params, body }, { actor, nowMs }) =>
    told(await hours.dismiss(params.id, body.reason, actor.name, nowMs)),
  );
  routes.add(ENDPOINTS.undoPresenceSuggestion, async ({ params }, { actor, nowMs }) =>
    told(await hours.undo(params.id, actor.name, nowMs)),
  );
}

function suggestionOf(
  record: SuggestionRecord,
  nameOf: (ciId: string) => string | undefined,
): PresenceSuggestion {
  const { id, kind, state, locationId, whole, hours, profile, decidedBy, reason } = record;
  const { weekMinutesNow, weekMinutesThen, capped, daysShare, weeks, decidedAtMs } = record;
  const location = locationId === null ? null : (nameOf(locationId) ?? null);
  return {
    id,
    kind,
    state,
    group: { title: groupTitle(record.class, location), class: record.class, locationId, whole },
    machines: record.ciIds.map((ciId) => ({ id: ciId, name: nameOf(ciId) ?? ciId })),
    hours,
    weekMinutesNow,
    weekMinutesThen,
    capped,
    daysShare,
    profile: [...profile],
    weeks,
    words: suggestionWords(record),
    proposedAt: toIso(record.proposedAtMs),
    decidedBy,
    decidedAt: decidedAtMs === null ? null : toIso(decidedAtMs),
    reason,
    undoable: isUndoable(record),
  };
}
