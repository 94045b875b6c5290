/** HTTP operations of incidents. */
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import {
  INCIDENT_STATE_GROUPS,
  type IncidentDetail,
  type IncidentState,
  type IncidentSummary,
  type Named,
  type PriorityMatrix,
  SIMILAR_COUNT_MAX,
  type SimilarIncident,
  TIMELINE_HEAD,
  type TimelineEntry,
} from '@muster/shared/api/incidents.ts';
import { LIST_LIMIT_MAX } from '@muster/shared/api/endpoint.ts';
import type { IncidentCategory } from '@muster/shared/incidents/categories.ts';
import type { Alert } from '@muster/shared/api/rules.ts';
import { toIso, type Millis } from '@muster/shared/time.ts';
import type { z } from 'zod';
import type { Routes } from '../http/routes.ts';
import { AppError } from '../errors.ts';
import type { Incidents } from './incidents.ts';
import type { Filing } from './moves.ts';
import type { MatrixVersion, Policy, Versioned } from './policy.ts';
import { firstMonthMs, timesPerMonth } from './times.ts';
import { type CiFacts, isUnwatched, VERIFY_MS } from './life-cycle.ts';
import type { Incident, IncidentStore, TimelineRow } from './store.ts';

interface IncidentRouteDeps {
  readonly incidents: Incidents;
  readonly store: IncidentStore;
  readonly ciFacts: (ciId: string, nowMs: Millis) => CiFacts | null;
  readonly alertsByIds: (ids: readonly string[]) => Promise<Alert[]>;
  /** A team by its id; none where absent. */
  readonly teamOf?: (id: string) => Named | null;
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
  {
    incidents,
    store,
    ciFacts,
    alertsByIds,
    mergedIn,
    incidentsOfSameRules,
    teamOf = () => null,
  }: IncidentRouteDeps,
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
      affected: incident.affected.map(({ ciId, name, class: ciClass, sinceMs, untilMs }) => ({
        ciId,
        name,
        class: ciClass,
        since: toIso(sinceMs),
        until: isoOrNull(untilMs),
      })),
      affectedBeyond: incident.affectedBeyond,
      place: incident.place,
      matrixVersion: incident.matrixVersion,
      reopenings: incident.reopenings,
      keptApart: incident.keptApart,
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

  /** @throws AppError input-invalid */
  function categoryOf(id: string): IncidentCategory {
    const held = incidents.policy.categories().value.find((one) => one.id === id);
    if (!held) throw new AppError('input-invalid', `There is no category ${id}.`);
    return held;
  }

  /** @throws AppError input-invalid */
  function groupOf(id: string): Named {
    const team = teamOf(id);
    if (!team) throw new AppError('input-invalid', `There is no team ${id}.`);
    return team;
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
      ...(query.group ? { groupKey: query.group } : {}),
      ...(query.category ? { category: query.category } : {}),
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
    if (body.category !== null) categoryOf(body.category);
    return detail(await incidents.report({ ...body, ci }, actor.name, nowMs));
  });

  routes.add(ENDPOINTS.transitionIncident, async ({ params, body }, { actor, nowMs }) => {
    const { version, ...move } = body;
    return detail(await incidents.move(params.id, move, version, actor.name, nowMs));
  });

  routes.add(ENDPOINTS.assignIncident, async ({ params, body }, { actor, nowMs }) =>
    detail(await incidents.assign(params.id, body.assignee, body.version, actor.name, nowMs)),
  );

  routes.add(ENDPOINTS.incidentCandidates, async ({ query: { ci, category, title } }) => ({
    items: incidents.candidates({ ciId: ci, category, title }).map(incidentSummary),
  }));

  routes.add(ENDPOINTS.relatedIncidents, async ({ params }) => {
    const incident = await found(params.id);
    const [parent, children, merged] = await Promise.all([
      incident.parentId === null ? null : store.get(incident.parentId),
      store.list({ parentId: incident.id, limit: LIST_LIMIT_MAX }),
      store.list({ mergedIntoId: incident.id, limit: LIST_LIMIT_MAX }),
    ]);
    return {
      parent: parent && incidentSummary(parent),
      children: children.items.map(incidentSummary),
      merged: merged.items.map(incidentSummary),
    };
  });

  routes.add(ENDPOINTS.mergeIncidents, async ({ params, body }, { actor, nowMs }) => {
    const { version, ...wish } = body;
    return detail(await incidents.merge(params.id, wish, version, actor.name, nowMs));
  });

  routes.add(ENDPOINTS.splitIncident, async ({ params, body }, { actor, nowMs }) => {
    const { version, ...wish } = body;
    return detail(await incidents.split(params.id, wish, version, actor.name, nowMs));
  });

  routes.add(ENDPOINTS.linkIncident, async ({ params, body }, { actor, nowMs }) =>
    detail(await incidents.link(params.id, body.parentId, body.version, actor.name, nowMs)),
  );

  routes.add(ENDPOINTS.setIncidentPriority, async ({ params, body }, { actor, nowMs }) => {
    const { version, ...wish } = body;
    return detail(await incidents.setPriority(params.id, wish, version, actor.name, nowMs));
  });

  routes.add(ENDPOINTS.fileIncident, async ({ params, body }, { actor, nowMs }) => {
    const { category, supportGroupId, version } = body;
    const filing: Filing = {
      ...(category === undefined ? {} : { category: category === null ? null : categoryOf(category) }),
      ...(supportGroupId === undefined
        ? {}
        : { supportGroup: supportGroupId === null ? null : groupOf(supportGroupId) }),
    };
    return detail(await incidents.file(params.id, filing, version, actor.name, nowMs));
  });

  routes.add(ENDPOINTS.incidentTimes, async ({ query: { months, timeZone } }, { nowMs }) => ({
    timeZone,
    items: timesPerMonth(await store.openedSince(firstMonthMs(nowMs, months, timeZone)), timeZone),
  }));

  addPolicyRoutes(routes, incidents.policy);

  routes.add(ENDPOINTS.noteIncident, async ({ params, body }, { actor, nowMs }) =>
    detail(await incidents.note(params.id, body.note, actor.name, nowMs)),
  );
}

/** Matrix, kinds, and how incidents age. */
function addPolicyRoutes(routes: Routes, policy: Policy): void {
  routes.add(ENDPOINTS.getPriorityMatrix, async () => ({
    current: matrixView(policy.matrix()),
    history: (await policy.matrices()).map(matrixView),
  }));

  routes.add(ENDPOINTS.putPriorityMatrix, async ({ body }, { actor, nowMs }) => {
    const { cells, reason, version } = body;
    return matrixView(await policy.setMatrix({ cells, reason, by: actor.name, from: version }, nowMs));
  });

  routes.add(ENDPOINTS.getIncidentSettings, async () => {
    const { value, version } = policy.settings();
    return { ...value, version };
  });

  routes.add(ENDPOINTS.putIncidentSettings, async ({ body }, { actor, nowMs }) => {
    const { version: from, ...wish } = body;
    const { value, version } = await policy.setSettings(wish, from, actor.name, nowMs);
    return { ...value, version };
  });

  routes.add(ENDPOINTS.getIncidentCategories, async () => categoriesView(policy.categories()));

  routes.add(ENDPOINTS.putIncidentCategories, async ({ body }, { actor, nowMs }) =>
    categoriesView(await policy.setCategories(body.items, body.version, actor.name, nowMs)),
  );
}

function categoriesView({ value, version }: Versioned<readonly IncidentCategory[]>) {
  return { items: value.map((category) => ({ ...category, title: { ...category.title } })), version };
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
    hand: incident.hand && {
      priority: incident.hand.priority,
      reason: incident.hand.reason,
      by: incident.hand.by,
      at: toIso(incident.hand.atMs),
    },
    judgedPriority: incident.judgedPriority,
    affectedCount: incident.affected.length + incident.affectedBeyond,
    category: incident.category,
    supportGroup: incident.supportGroup,
    parent: pointer(incident.parentId, incident.parentRef),
    mergedInto: pointer(incident.mergedIntoId, incident.mergedIntoRef),
    unclaimedSince: incident.unclaimedAtMs === null ? null : isoOrNull(incident.unheldSinceMs),
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
      incident.state === 'resolved' && incident.quietSinceMs !== null && !isUnwatched(incident)
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

function pointer(id: string | null, ref: string | null): { id: string; ref: string } | null {
  return id === null || ref === null ? null : { id, ref };
}

function matrixView({ version, cells, by, atMs, reason }: MatrixVersion): PriorityMatrix {
  return { version, cells: cells.map((row) => [...row]), by, at: isoOrNull(atMs), reason };
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
