/** HTTP operations of incidents. */
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import {
  type IncidentDetail,
  type IncidentSummary,
  OPEN_INCIDENT_STATES,
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
}

export function addIncidentRoutes(
  routes: Routes,
  { incidents, store, ciFacts, alertsByIds }: IncidentRouteDeps,
): void {
  async function detail(incident: Incident): Promise<IncidentDetail> {
    const [alerts, timeline, evidence] = await Promise.all([
      alertsByIds(incident.alerts.map(({ alertId }) => alertId)),
      store.timeline(incident.id),
      store.evidence(incident.id),
    ]);
    return {
      ...incidentSummary(incident),
      description: incident.description,
      alerts,
      timeline: timeline.map(timelineEntry),
      evidence,
      cause: incident.cause,
      action: incident.action,
      resolution: incident.resolution,
      needsCause: incident.needsCause,
    };
  }

  routes.add(ENDPOINTS.listIncidents, async ({ query }) => {
    const states = query.state === 'open' ? OPEN_INCIDENT_STATES : query.state ? [query.state] : undefined;
    const page = await store.list({
      limit: query.limit,
      ...(states ? { states } : {}),
      ...(query.ci ? { ciId: query.ci } : {}),
      ...(query.assignee ? { assignee: query.assignee } : {}),
      ...(query.cursor ? { cursor: query.cursor } : {}),
    });
    return { items: page.items.map(incidentSummary), nextCursor: page.nextCursor };
  });

  routes.add(ENDPOINTS.getIncident, async ({ params }) => {
    const incident = await store.get(params.id);
    if (!incident) throw new AppError('not-found', `There is no incident ${params.id}.`);
    return detail(incident);
  });

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

function timelineEntry(row: TimelineRow): z.infer<typeof TimelineEntry> {
  return { id: row.id, at: toIso(row.atMs), actor: row.actor, kind: row.kind, text: row.text };
}

function isoOrNull(atMs: Millis | null): string | null {
  return atMs === null ? null : toIso(atMs);
}
