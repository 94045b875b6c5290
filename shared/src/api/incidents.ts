/** Incidents: states, list, single view, transitions. */
import { z } from 'zod';
import { RangeSeries } from './metrics.ts';
import { HistoryEntry, Presence, Cause } from './cmdb.ts';
import { Alert } from './rules.ts';
import { endpoint, IdParams, IsoTime, listOf, Page } from './endpoint.ts';

export const INCIDENT_STATES = [
  'new',
  'assigned',
  'in_progress',
  'on_hold',
  'resolved',
  'restored',
  'closed',
  'cancelled',
] as const;
export const IncidentState = z.enum(INCIDENT_STATES);
export type IncidentState = z.infer<typeof IncidentState>;

/**
 * The life cycle as data: from → allowed next states. A person moves along any edge; the machine only along
 * MACHINE_TRANSITIONS. Eight sub-processes: report, identify, impact (new), handler (assigned), strategy and
 * service level (in_progress, on_hold), eliminate (resolved), recover (restored = verified), closed.
 */
export const INCIDENT_TRANSITIONS = {
  new: ['assigned', 'in_progress', 'on_hold', 'resolved', 'cancelled'],
  assigned: ['new', 'in_progress', 'on_hold', 'resolved', 'cancelled'],
  in_progress: ['assigned', 'on_hold', 'resolved'],
  on_hold: ['assigned', 'in_progress', 'resolved'],
  resolved: ['in_progress', 'restored'],
  restored: ['in_progress', 'closed'],
  closed: [],
  cancelled: [],
} as const satisfies Record<IncidentState, readonly IncidentState[]>;

export const OPEN_INCIDENT_STATES = [
  'new',
  'assigned',
  'in_progress',
  'on_hold',
] as const satisfies readonly IncidentState[];
export function isOpen(state: IncidentState): boolean {
  return (OPEN_INCIDENT_STATES as readonly IncidentState[]).includes(state);
}

/** Rows: impact 1 (organisation) to 4 (one user); columns: urgency 1 (now) to 4 (later). */
export const PRIORITY_MATRIX = [
  [1, 1, 2, 3],
  [1, 2, 3, 3],
  [2, 3, 3, 4],
  [3, 3, 4, 4],
] as const;

export const HOLD_REASONS = ['caller', 'change', 'problem', 'supplier'] as const;
export const RESOLUTIONS = ['workaround', 'permanent', 'no-fault', 'recovered-by-itself'] as const;

/** A sentence in both languages, made by the machine from data (never joined by the reader's side). */
export const Words = z.object({ en: z.string(), zh: z.string() });
export type Words = z.infer<typeof Words>;

const Sla = z.object({
  respondBy: IsoTime,
  respondedAt: IsoTime.nullable(),
  restoreBy: IsoTime,
  restoredAt: IsoTime.nullable(),
  paused: z.boolean(),
});

export const IncidentSummary = z.object({
  id: z.string(),
  /** 'INC-0001' */
  ref: z.string(),
  title: Words,
  state: IncidentState,
  priority: z.int().min(1).max(4),
  impact: z.int().min(1).max(4),
  urgency: z.int().min(1).max(4),
  /** Why this priority. */
  why: Words,
  ci: z.object({ id: z.string(), name: z.string(), class: z.string() }).nullable(),
  assignee: z.string().nullable(),
  source: z.enum(['monitor', 'person']),
  openedAt: IsoTime,
  breachedAt: IsoTime.nullable(),
  acknowledgedAt: IsoTime.nullable(),
  resolvedAt: IsoTime.nullable(),
  /** While resolved by the machine: quiet since, and verified when. */
  verifyUntil: IsoTime.nullable(),
  sla: Sla,
  version: z.number(),
});
export type IncidentSummary = z.infer<typeof IncidentSummary>;

/** Entries of the timeline that come with the incident itself; older ones are read page by page. */
export const TIMELINE_HEAD = 100;

export const TimelineEntry = z.object({
  id: z.string(),
  at: IsoTime,
  actor: z.string(),
  /** opened, alert-added, alert-resolved, transition, note, assigned, evidence, notified, notify-failed, priority, reopened */
  kind: z.string(),
  text: Words,
});

export const Evidence = z.object({
  capturedAt: IsoTime,
  /** Charts around the breach: 15 minutes before to after, the breached metric first. */
  series: z.array(
    z.object({
      metric: z.string(),
      unit: z.string(),
      source: z.enum(['stored', 'flight']),
      data: z.array(RangeSeries),
    }),
  ),
  topProcesses: z
    .object({
      at: IsoTime,
      items: z.array(
        z.object({
          pid: z.number(),
          name: z.string(),
          user: z.string(),
          cpuPercent: z.number(),
          residentBytes: z.number(),
          readBytesPerSecond: z.number().nullable(),
          writtenBytesPerSecond: z.number().nullable(),
        }),
      ),
    })
    .nullable(),
  /** CI changes of the seven days before. */
  changes: z.array(HistoryEntry),
  presence: z
    .object({ presence: Presence, cause: Cause.nullable(), since: IsoTime, reasons: z.array(Words) })
    .nullable(),
});
export type Evidence = z.infer<typeof Evidence>;

export const IncidentDetail = IncidentSummary.extend({
  description: Words,
  alerts: z.array(Alert),
  /** The newest TIMELINE_HEAD entries, oldest first. */
  timeline: z.array(TimelineEntry),
  /** Reads what is older than `timeline` (`incidentTimeline`); null: that is all. */
  timelineCursor: z.string().nullable().default(null),
  evidence: Evidence.nullable(),
  cause: z.string().nullable(),
  action: z.string().nullable(),
  resolution: z.enum(RESOLUTIONS).nullable(),
  /** For whom it waits while it is on hold. */
  holdReason: z.enum(HOLD_REASONS).nullable().default(null),
  /** True: an unplanned outage, closes only with cause and action (A2). */
  needsCause: z.boolean(),
});
export type IncidentDetail = z.infer<typeof IncidentDetail>;

/** An incident that helps with another one: what it was and what ended it. */
export const SimilarIncident = z.object({
  /** cause: the same machine and family of metrics; machine: another cause on it; rule: the same rule elsewhere. */
  likeness: z.enum(['cause', 'machine', 'rule']),
  incident: IncidentSummary,
  cause: z.string().nullable(),
  action: z.string().nullable(),
  resolution: z.enum(RESOLUTIONS).nullable(),
});
export type SimilarIncident = z.infer<typeof SimilarIncident>;

/** No alert of an incident may open for this long after it was resolved before it counts as verified. */
export const INCIDENT_VERIFY_MS = 300_000;

/** Beyond this nobody counts: the cause comes again and again. */
export const SIMILAR_COUNT_MAX = 100;

/** Groups of states that lists ask for: at work; at work or waiting to close; closed or cancelled. */
export const INCIDENT_STATE_GROUPS = {
  open: OPEN_INCIDENT_STATES,
  unfinished: [...OPEN_INCIDENT_STATES, 'resolved', 'restored'],
  over: ['closed', 'cancelled'],
} as const satisfies Record<string, readonly IncidentState[]>;
const StateGroup = z.enum(['open', 'unfinished', 'over']);

export const incidentsEndpoints = {
  listIncidents: endpoint({
    id: 'listIncidents',
    method: 'GET',
    path: '/incidents',
    right: 'read',
    tag: 'incidents',
    summary: 'Incidents, newest first; state may name a group: open, unfinished or over (closed, cancelled)',
    query: Page.extend({
      state: z.union([IncidentState, StateGroup]).optional(),
      ci: z.string().max(64).optional(),
      assignee: z.string().max(64).optional(),
      /** Only those that nobody has. */
      unclaimed: z.literal('true').optional(),
      /** Priorities joined by commas, e.g. `1,2`. */
      priority: z
        .string()
        .regex(/^[1-4](,[1-4])*$/)
        .optional(),
      /** Part of reference, title or machine name; case is ignored. */
      q: z.string().trim().max(128).optional(),
    }),
    response: listOf(IncidentSummary),
  }),
  getIncident: endpoint({
    id: 'getIncident',
    method: 'GET',
    path: '/incidents/:id',
    right: 'read',
    tag: 'incidents',
    summary: 'One incident by id or reference',
    params: IdParams,
    response: IncidentDetail,
  }),
  incidentTimeline: endpoint({
    id: 'incidentTimeline',
    method: 'GET',
    path: '/incidents/:id/timeline',
    right: 'read',
    tag: 'incidents',
    summary: 'Timeline of an incident, newest first',
    params: IdParams,
    query: Page.extend({ by: z.enum(['people', 'machine']).optional() }),
    response: listOf(TimelineEntry),
  }),
  similarIncidents: endpoint({
    id: 'similarIncidents',
    method: 'GET',
    path: '/incidents/:id/similar',
    right: 'read',
    tag: 'incidents',
    summary: 'Earlier incidents of the same cause, the same machine, or the same rule elsewhere',
    params: IdParams,
    response: z.object({
      items: z.array(SimilarIncident),
      /** How many there were of the same cause before, counted to SIMILAR_COUNT_MAX. */
      sameCause: z.int(),
    }),
  }),
  createIncident: endpoint({
    id: 'createIncident',
    method: 'POST',
    path: '/incidents',
    right: 'incidents.write',
    tag: 'incidents',
    summary: 'Report an incident by hand',
    body: z.object({
      title: z.string().trim().min(1).max(200),
      description: z.string().trim().max(4000).default(''),
      ciId: z.string().max(64).nullable().default(null),
      impact: z.int().min(1).max(4).default(3),
      urgency: z.int().min(1).max(4).default(3),
    }),
    response: IncidentDetail,
    status: 201,
  }),
  transitionIncident: endpoint({
    id: 'transitionIncident',
    method: 'POST',
    path: '/incidents/:id/transitions',
    right: 'incidents.write',
    tag: 'incidents',
    summary:
      'Move an incident; acknowledge = in_progress or assigned. `version` guards against two people at once',
    params: IdParams,
    body: z.object({
      to: IncidentState,
      note: z.string().trim().max(4000).default(''),
      assignee: z.string().trim().min(1).max(64).nullable().optional(),
      holdReason: z.enum(HOLD_REASONS).optional(),
      resolution: z.enum(RESOLUTIONS).optional(),
      cause: z.string().trim().max(2000).optional(),
      action: z.string().trim().max(2000).optional(),
      version: z.int().min(1).optional(),
    }),
    response: IncidentDetail,
  }),
  noteIncident: endpoint({
    id: 'noteIncident',
    method: 'POST',
    path: '/incidents/:id/notes',
    right: 'incidents.write',
    tag: 'incidents',
    summary: 'Add a note',
    params: IdParams,
    body: z.object({ note: z.string().trim().min(1).max(4000) }),
    response: IncidentDetail,
    status: 201,
  }),
  assignIncident: endpoint({
    id: 'assignIncident',
    method: 'POST',
    path: '/incidents/:id/assignment',
    right: 'incidents.write',
    tag: 'incidents',
    summary: 'Take or give an incident',
    params: IdParams,
    body: z.object({
      assignee: z.string().trim().min(1).max(64).nullable(),
      version: z.int().min(1).optional(),
    }),
    response: IncidentDetail,
  }),
};
