/** HTTP operations of incidents. */
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import {
  INCIDENT_STATE_GROUPS,
  type IncidentDetail,
  type IncidentState,
  type IncidentSummary,
  SIMILAR_COUNT_MAX,
  type SimilarIncident,
  TIMELINE_HEAD,
  type TimelineEntry,
} from '@muster/shared/api/incidents.ts';
import type { Alert } from '@muster/shared/api/rules.ts';
import { toIso, type Millis } from '@muster/shared/time.ts';
import type { z } from 'zod';
import type { Routes } from '../http/routes.ts';
import { AppError } from '../errors.ts';
import type { Incidents } from './incidents.ts';
import { VERIFY_MS, type CiFacts } from './life-cycle.ts';
import type { Incident, IncidentStore, TimelineRow } from './store.ts';

interface IncidentRouteDeps {
  readonly incidents: Incidents;
  readonly store: IncidentStore;
  readonly ciFacts: (ciId: string, nowMs: Millis) => CiFacts | null;
  readonly alertsByIds: (ids: readonly string[]) => Promise<Alert[]>;
  /** CIs that turned out to be this one. */
  readonly mergedIn: (ciId: string) => readonly string[];
  /** Incidents that held the newest alerts of the rules of these alerts among those opened before the time; newest first. */
  readonly incidentsOfSameRules: (alertIds: readonly string[], beforeMs: Millis) => Promise<string[]>;
}

/** Earlier incidents shown of each likeness. */
const SIMILAR_MAX = 3;
/** Incidents of the same rules that are read for one that ended. */
const SAME_RULE_READ_MAX = 30;
const ENDED: readonly IncidentState[] = ['resolved', 'restored', 'closed'];

export function addIncidentRoutes(
  routes: Routes,
  { incidents, store, ciFacts, alertsByIds, mergedIn, incidentsOfSameRules }: IncidentRouteDeps,
): void {
  async function detail(incident: Incident): Promise<IncidentDetail> {
    const [alerts, timeline, evidence] = await Promise.all([
      alertsByIds(incident.alerts.map(({ alertId }) => alertId)),
      store.timelinePage(incident.id, { limit: TIMELINE_HEAD }),
      store.evidence(incident.id),
    ]);
    return {
      ...incidentSummary(incident),
      description: incident.description,
      alerts,
      timeline: timeline.items.toReversed().map(timelineEntry),
      timelineCursor: timeline.nextCursor,
      evidence,
      cause: incident.cause,
      action: incident.action,
      resolution: incident.resolution,
      holdReason: incident.holdReason,
      needsCause: incident.needsCause,
    };
  }

  async function found(idOrRef: string): Promise<Incident> {
    const incident = await store.get(idOrRef);
    if (!incident) throw new AppError('not-found', `There is no incident ${idOrRef}.`);
    return incident;
  }

  /** Other incidents that tell how this one may end, the likest first, each once. */
  async function similar(incident: Incident): Promise<{ items: SimilarIncident[]; sameCause: number }> {
    const { causeKey, ciId, alerts } = incident;
    const sameCause =
      causeKey === null ? [] : (await store.list({ causeKey, limit: SIMILAR_COUNT_MAX })).items;
    const sameMachine =
      ciId === null
        ? []
        : (await store.list({ ciId, alsoOf: mergedIn(ciId), states: ENDED, limit: 2 * SIMILAR_MAX })).items;
    const alertIds = alerts.map(({ alertId }) => alertId);
    const ids = await incidentsOfSameRules(alertIds, incident.openedAtMs);
    const held = await Promise.all(ids.slice(0, SAME_RULE_READ_MAX).map((id) => store.get(id)));
    const sameRule = held.filter((one) => one !== null);
    const seen = new Set([incident.id]);
    const items: SimilarIncident[] = [];
    for (const [likeness, list] of [
      ['cause', sameCause],
      ['machine', sameMachine],
      ['rule', sameRule],
    ] as const) {
      // What is still open tells nothing of an end.
      const others = list.filter(({ id, state }) => !seen.has(id) && ENDED.includes(state));
      for (const one of others.slice(0, SIMILAR_MAX)) {
        seen.add(one.id);
        const { cause, action, resolution } = one;
        items.push({ likeness, incident: incidentSummary(one), cause, action, resolution });
      }
    }
    const before = sameCause.filter(({ openedAtMs }) => openedAtMs < incident.openedAtMs);
    return { items, sameCause: before.length };
  }

  routes.add(ENDPOINTS.listIncidents, async ({ query }) => {
    const states = query.state ? statesOf(query.state) : undefined;
    const page = await store.list({
      limit: query.limit,
      ...(query.unclaimed ? { unclaimed: true } : {}),
      ...(query.priority ? { priorities: query.priority.split(',').map(Number) } : {}),
      ...(query.q ? { text: query.q } : {}),
      ...(states ? { states } : {}),
      ...(query.ci ? { ciId: query.ci, alsoOf: mergedIn(query.ci) } : {}),
      ...(query.assignee ? { assignee: query.assignee } : {}),
      ...(query.cursor ? { cursor: query.cursor } : {}),
    });
    return { items: page.items.map(incidentSummary), nextCursor: page.nextCursor };
  });

  routes.add(ENDPOINTS.getIncident, async ({ params }) => detail(await found(params.id)));

  routes.add(ENDPOINTS.incidentTimeline, async ({ params, query }) => {
    const { id } = await found(params.id);
    const page = await store.timelinePage(id, {
      limit: query.limit,
      ...(query.cursor ? { cursor: query.cursor } : {}),
      ...(query.by ? { by: query.by } : {}),
    });
    return { items: page.items.map(timelineEntry), nextCursor: page.nextCursor };
  });

  routes.add(ENDPOINTS.similarIncidents, async ({ params }) => similar(await found(params.id)));

  routes.add(ENDPOINTS.createIncident, async ({ body }, { actor, nowMs }) => {
    const ci = body.ciId === null ? null : ciFacts(body.ciId, nowMs);
    if (body.ciId !== null && !ci)
      throw new AppError('not-found', `There is no configuration item ${body.ciId}.`);
    return detail(await incidents.report({ ...body, ci }, actor.name, nowMs));
  });

  routes.add(ENDPOINTS.transitionIncident, async ({ params, body }, { actor, nowMs }) => {
    const { version, ...move } = body;
    return detail(await incidents.move(params.id, move, version, actor.name, nowMs));
  });

  routes.add(ENDPOINTS.assignIncident, async ({ params, body }, { actor, nowMs }) =>
    detail(await incidents.assign(params.id, body.assignee, body.version, actor.name, nowMs)),
  );

  routes.add(ENDPOINTS.noteIncident, async ({ params, body }, { actor, nowMs }) =>
    detail(await incidents.note(params.id, body.note, actor.name, nowMs)),
  );
}

export function incidentSummary(incident: Incident): IncidentSummary {
  return {
    id: incident.id,
    ref: incident.ref,
    title: incident.title,
    state: incident.state,
    priority: incident.priority,
    impact: incident.impact,
    urgency: incident.urgency,
    why: incident.why,
    ci:
      incident.ciId === null
        ? null
        : { id: incident.ciId, name: incident.ciName ?? incident.ciId, class: incident.ciClass ?? '' },
    assignee: incident.assignee,
    source: incident.source,
    openedAt: toIso(incident.openedAtMs),
    breachedAt: isoOrNull(incident.breachedAtMs),
    acknowledgedAt: isoOrNull(incident.acknowledgedAtMs),
    resolvedAt: isoOrNull(incident.resolvedAtMs),
    verifyUntil:
      incident.state === 'resolved' && incident.quietSinceMs !== null
        ? toIso(Math.max(incident.quietSinceMs, incident.resolvedAtMs ?? 0) + VERIFY_MS)
        : null,
    sla: {
      respondBy: toIso(incident.respondByMs),
      respondedAt: isoOrNull(incident.acknowledgedAtMs),
      restoreBy: toIso(incident.restoreByMs),
      restoredAt: isoOrNull(incident.restoredAtMs ?? incident.resolvedAtMs),
      paused: incident.state === 'on_hold',
    },
    version: incident.version,
  };
}

function statesOf(asked: IncidentState | keyof typeof INCIDENT_STATE_GROUPS): readonly IncidentState[] {
  return asked === 'open' || asked === 'unfinished' || asked === 'over'
    ? INCIDENT_STATE_GROUPS[asked]
    : [asked];
}

function timelineEntry(row: TimelineRow): z.infer<typeof TimelineEntry> {
  return { id: row.id, at: toIso(row.atMs), actor: row.actor, kind: row.kind, text: row.text };
}

function isoOrNull(atMs: Millis | null): string | null {
  return atMs === null ? null : toIso(atMs);
}
