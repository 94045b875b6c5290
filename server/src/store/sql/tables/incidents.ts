/** Tables of incidents, their timeline and evidence. */
import type { Evidence, IncidentState, Words } from '@muster/shared/api/incidents.ts';
import type {
  AffectedCi,
  Incident,
  IncidentAlert,
  IncidentEventType,
  JoinedCause,
  TimelineRow,
} from '../../../incidents/store.ts';
import type { MatrixVersion } from '../../../incidents/policy.ts';
import type { Kit } from '../kit.ts';

export function incidentTables(k: Kit) {
  const incidents = k.table(
    'incidents',
    {
      id: k.text('id').primaryKey(),
      ref: k.text('ref').notNull().unique(),
      state: k.text('state').$type<IncidentState>().notNull(),
      title: k.json<Words>('title').notNull(),
      titledBy: k.text('titled_by'),
      description: k.json<Words>('description').notNull(),
      impact: k.int('impact').notNull(),
      urgency: k.int('urgency').notNull(),
      priority: k.int('priority').notNull(),
      why: k.json<Words>('why').notNull(),
      source: k.text('source').$type<Incident['source']>().notNull(),
      ciId: k.text('ci_id'),
      ciName: k.text('ci_name'),
      ciClass: k.text('ci_class'),
      causeKey: k.text('cause_key'),
      assignee: k.text('assignee'),
      holdReason: k.text('hold_reason').$type<NonNullable<Incident['holdReason']>>(),
      resolution: k.text('resolution').$type<NonNullable<Incident['resolution']>>(),
      cause: k.text('cause'),
      action: k.text('action'),
      needsCause: k.bool('needs_cause').notNull(),
      alerts: k.json<readonly IncidentAlert[]>('alerts').notNull(),
      affected: k.json<readonly AffectedCi[]>('affected').notNull(),
      affectedBeyond: k.int('affected_beyond').notNull(),
      joinedCauses: k.json<readonly JoinedCause[]>('joined_causes').notNull(),
      mergedIntoId: k.text('merged_into_id'),
      mergedIntoRef: k.text('merged_into_ref'),
      keptApart: k.bool('kept_apart').notNull(),
      parentId: k.text('parent_id'),
      parentRef: k.text('parent_ref'),
      reopenings: k.int('reopenings').notNull(),
      unheldSinceMs: k.millis('unheld_since_ms'),
      unclaimedAtMs: k.millis('unclaimed_at_ms'),
      judgedPriority: k.int('judged_priority').notNull(),
      matrixVersion: k.int('matrix_version').notNull(),
      hand: k.json<NonNullable<Incident['hand']>>('hand'),
      reachedAtMs: k.millis('reached_at_ms'),
      category: k.text('category'),
      filedBy: k.text('filed_by'),
      place: k.json<Incident['place']>('place').notNull(),
      supportGroup: k.json<NonNullable<Incident['supportGroup']>>('support_group'),
      groupKey: k.text('group_key'),
      openedAtMs: k.millis('opened_at_ms').notNull(),
      breachedAtMs: k.millis('breached_at_ms'),
      acknowledgedAtMs: k.millis('acknowledged_at_ms'),
      resolvedAtMs: k.millis('resolved_at_ms'),
      restoredAtMs: k.millis('restored_at_ms'),
      closedAtMs: k.millis('closed_at_ms'),
      quietSinceMs: k.millis('quiet_since_ms'),
      respondByMs: k.millis('respond_by_ms').notNull(),
      restoreByMs: k.millis('restore_by_ms').notNull(),
      version: k.int('version').notNull(),
      decidedVersion: k.int('decided_version').notNull(),
    },
    (t) => [
      k.index('incidents_state').on(t.state, t.openedAtMs),
      k.index('incidents_ci').on(t.ciId, t.openedAtMs),
      k.index('incidents_opened').on(t.openedAtMs, t.id),
      k.index('incidents_cause').on(t.causeKey, t.openedAtMs),
      k.index('incidents_parent').on(t.parentId),
      k.index('incidents_merged').on(t.mergedIntoId),
      k.index('incidents_group').on(t.groupKey, t.openedAtMs),
    ],
  );
  /** Incidents of a CI that is affected by what is wrong elsewhere. */
  const incidentCis = k.table(
    'incident_cis',
    {
      incidentId: k
        .text('incident_id')
        .notNull()
        .references(() => incidents.id),
      ciId: k.text('ci_id').notNull(),
    },
    (t) => [
      k.primaryKey({ columns: [t.incidentId, t.ciId] }),
      k.index('incident_cis_ci').on(t.ciId, t.incidentId),
    ],
  );
  const incidentTimeline = k.table(
    'incident_timeline',
    {
      id: k.text('id').primaryKey(),
      incidentId: k
        .text('incident_id')
        .notNull()
        .references(() => incidents.id),
      atMs: k.millis('at_ms').notNull(),
      actor: k.text('actor').notNull(),
      kind: k.text('kind').$type<TimelineRow['kind']>().notNull(),
      text: k.json<Words>('text').notNull(),
    },
    (t) => [k.index('incident_timeline_incident').on(t.incidentId, t.atMs, t.id)],
  );
  const incidentEvidence = k.table('incident_evidence', {
    incidentId: k
      .text('incident_id')
      .primaryKey()
      .references(() => incidents.id),
    evidence: k.json<Evidence>('evidence').notNull(),
  });
  /** What the channels have not heard of yet: written with the change, gone when they have it. */
  const incidentOutbox = k.table('incident_outbox', {
    id: k.text('id').primaryKey(),
    type: k.text('type').$type<IncidentEventType>().notNull(),
    atMs: k.millis('at_ms').notNull(),
    incident: k.json<Incident>('incident').notNull(),
    words: k.json<Words>('words'),
  });
  const priorityMatrices = k.table('priority_matrices', {
    version: k.int('version').primaryKey(),
    cells: k.json<MatrixVersion['cells']>('cells').notNull(),
    by: k.text('by').notNull(),
    atMs: k.millis('at_ms'),
    reason: k.text('reason').notNull(),
  });
  const incidentSettings = k.table('incident_settings', {
    key: k.text('key').primaryKey(),
    value: k.json<unknown>('value').notNull(),
    version: k.int('version').notNull(),
    by: k.text('by').notNull(),
    atMs: k.millis('at_ms').notNull(),
  });
  return {
    incidents,
    incidentCis,
    incidentTimeline,
    incidentEvidence,
    incidentOutbox,
    priorityMatrices,
    incidentSettings,
  };
}
