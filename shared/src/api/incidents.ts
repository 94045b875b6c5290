/** Incidents: states, list, single view, transitions. */
import { z } from 'zod';
import { CATEGORIES_MAX, CATEGORY_ID } from '../incidents/categories.ts';
import { INCIDENT_STATES, OPEN_INCIDENT_STATES } from '../incidents/life-cycle.ts';
import { RangeSeries } from './metrics.ts';
import { HistoryEntry, Presence, Cause } from './cmdb.ts';
import { Alert } from './rules.ts';
import { endpoint, IdParams, IsoTime, listOf, Page } from './endpoint.ts';

export {
  INCIDENT_LIFE_CYCLE,
  INCIDENT_STATES,
  INCIDENT_STEPS,
  INCIDENT_TRANSITIONS,
  OPEN_INCIDENT_STATES,
} from '../incidents/life-cycle.ts';
export { PRIORITY_MATRIX } from '../incidents/matrix.ts';

export const IncidentState = z.enum(INCIDENT_STATES);
export type IncidentState = z.infer<typeof IncidentState>;

export function isOpen(state: IncidentState): boolean {
  return (OPEN_INCIDENT_STATES as readonly IncidentState[]).includes(state);
}

export const HOLD_REASONS = ['caller', 'change', 'problem', 'supplier'] as const;
/** 'not-watched': its rule does not look at it any more, so nobody knows; only the machine says so. */
export const RESOLUTIONS = [
  'workaround',
  'permanent',
  'no-fault',
  'recovered-by-itself',
  'not-watched',
] as const;

/** A sentence in both languages, made by the machine from data (never joined by the reader's side). */
export const Words = z.object({ en: z.string(), zh: z.string() });
export type Words = z.infer<typeof Words>;

/** Something by the name that it had then; `id` null: it was written down as text. */
export const Named = z.object({ id: z.string().nullable(), name: z.string() });
export type Named = z.infer<typeof Named>;

/** Who answers for a CI and where it is, as it was at the opening. */
export const CiPlace = z.object({
  owner: Named.nullable(),
  /** Whom it is assigned to. */
  user: Named.nullable(),
  location: Named.nullable(),
  department: Named.nullable(),
  supportGroup: Named.nullable(),
});
export type CiPlace = z.infer<typeof CiPlace>;

/** A priority that a person gave; it stays until it is taken back. */
export const HandPriority = z.object({
  priority: z.int().min(1).max(4),
  reason: z.string(),
  by: z.string(),
  at: IsoTime,
});
export type HandPriority = z.infer<typeof HandPriority>;

const Pointer = z.object({ id: z.string(), ref: z.string() });

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
  /** Why the matrix says so. */
  why: Words,
  /** Given by hand: then `judgedPriority` is what it would be. */
  hand: HandPriority.nullable(),
  judgedPriority: z.int().min(1).max(4),
  /** The CI at fault. */
  ci: z.object({ id: z.string(), name: z.string(), class: z.string() }).nullable(),
  /** CIs whose alerts it holds, those beyond the list as well. */
  affectedCount: z.int(),
  category: z.string().nullable(),
  supportGroup: Named.nullable(),
  parent: Pointer.nullable(),
  /** The incident that holds everything of this one since they were merged. */
  mergedInto: Pointer.nullable(),
  assignee: z.string().nullable(),
  /** Since when nobody has it for longer than the house allows. */
  unclaimedSince: IsoTime.nullable(),
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
  /** opened, alert-added, alert-resolved, transition, note, assigned, evidence, notified, notify-failed, priority, reopened, merged, split, linked, unclaimed, filed */
  kind: z.string(),
  text: Words,
});

/** A change before the breach that may have caused it. */
export const Suspect = z.object({
  /** 0 to 100: 100 / (1 + age / 6 h) / (1 + steps), age and steps as below. */
  score: z.int().min(0).max(100),
  change: HistoryEntry,
  ci: z.object({ id: z.string(), name: z.string(), class: z.string() }),
  /** Steps from the CI at fault; 0 is itself. */
  distance: z.int(),
  /** Names on the way from the CI at fault, both ends included. */
  path: z.array(z.string()),
  /** Milliseconds from the change to the breach. */
  beforeMs: z.number(),
  why: Words,
});
export type Suspect = z.infer<typeof Suspect>;

/** What stood around the CI when it happened; it stays so when the CI changes. */
export const Scene = z.object({
  place: CiPlace,
  lifecycle: z.string().nullable(),
  criticality: z.int().nullable(),
  /** YYYY-MM-DD, as entered. */
  warrantyEnd: z.string().nullable(),
  suspects: z.array(Suspect),
  /** What its failure reaches, nearest first. */
  impact: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      class: z.string(),
      state: z.enum(['lost', 'degraded', 'affected']),
      path: z.array(z.string()),
    }),
  ),
  /** Further ones. */
  impactBeyond: z.int(),
  /** Maintenance windows of the day before and after. */
  windows: z.array(z.object({ id: z.string(), title: z.string(), from: IsoTime, to: IsoTime })),
  /** Earlier incidents of the same cause, known then. */
  similar: z.array(z.object({ id: z.string(), ref: z.string(), title: Words })),
});
export type Scene = z.infer<typeof Scene>;

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
  /** null: of a time before it was captured. */
  scene: Scene.nullable(),
  presence: z
    .object({ presence: Presence, cause: Cause.nullable(), since: IsoTime, reasons: z.array(Words) })
    .nullable(),
});
export type Evidence = z.infer<typeof Evidence>;

export const AffectedItem = z.object({
  ciId: z.string(),
  name: z.string(),
  class: z.string(),
  since: IsoTime,
  /** null: an alert of it is still open. */
  until: IsoTime.nullable(),
});
export type AffectedItem = z.infer<typeof AffectedItem>;

export const IncidentDetail = IncidentSummary.extend({
  description: Words,
  affected: z.array(AffectedItem),
  /** CIs beyond that list. */
  affectedBeyond: z.int(),
  place: CiPlace,
  /** By which version of the matrix it was judged. */
  matrixVersion: z.int(),
  reopenings: z.int(),
  /** Kept apart by a person: the machine joins it to nothing. */
  keptApart: z.boolean(),
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

export const PriorityMatrix = z.object({
  version: z.int(),
  /** Rows: impact 1 to 4; columns: urgency 1 to 4. */
  cells: z.array(z.array(z.int().min(1).max(4)).length(4)).length(4),
  by: z.string(),
  at: IsoTime.nullable(),
  reason: z.string(),
});
export type PriorityMatrix = z.infer<typeof PriorityMatrix>;

export const IncidentSettings = z.object({
  /** Days after which a restored incident that nobody must explain closes, from when it was resolved. */
  autoCloseDays: z.number().min(0.5).max(365),
  /** Minutes in which the same cause opens the same incident again. */
  reopenMinutes: z.int().min(5).max(1_440),
  /** Percent of the response target after which an incident that nobody has is an alarm. */
  unclaimedPercent: z.int().min(10).max(100),
});
export type IncidentSettings = z.infer<typeof IncidentSettings>;

export const Category = z.object({
  id: z.string().regex(CATEGORY_ID),
  title: z.object({ en: z.string().trim().min(1).max(60), zh: z.string().trim().min(1).max(60) }),
  retired: z.boolean(),
});
const CategoryList = z.object({ items: z.array(Category).min(1).max(CATEGORIES_MAX), version: z.int() });

/** Times of a group of incidents, in milliseconds. null: none of them has it. */
const Times = z.object({
  count: z.int(),
  medianMs: z.number().nullable(),
  meanMs: z.number().nullable(),
  p90Ms: z.number().nullable(),
});
export const IncidentTimesRow = z.object({
  /** 'YYYY-MM' in which they were opened. */
  month: z.string(),
  /** null: of all. */
  priority: z.int().nullable(),
  group: z.string().nullable(),
  opened: z.int(),
  /** From the opening until somebody took notice. */
  acknowledge: Times,
  /** From the breach until it was resolved; only those that were verified or closed. */
  restore: Times,
  /** Opened again at least once. */
  reopened: z.int(),
  /** Ended without a person. */
  byThemselves: z.int(),
});
export type IncidentTimesRow = z.infer<typeof IncidentTimesRow>;

/** No alert of an incident may open for this long after it was resolved before it counts as verified. */
export const INCIDENT_VERIFY_MS = 300_000;

/** Incidents merged in one go, and CIs taken out in one go. */
export const MERGE_MAX = 50;
export const SPLIT_MAX = 500;
export const TIMES_MONTHS_MAX = 36;

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
      /** Id of the team, or its name where only that is known. */
      group: z.string().max(128).optional(),
      category: z.string().max(64).optional(),
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
      category: z.string().max(64).nullable().default(null),
    }),
    response: IncidentDetail,
    status: 201,
  }),
  incidentCandidates: endpoint({
    id: 'incidentCandidates',
    method: 'GET',
    path: '/incident-candidates',
    right: 'read',
    tag: 'incidents',
    summary: 'Unfinished incidents that may be the one that somebody is about to report',
    query: z.object({
      ci: z.string().max(64).optional(),
      category: z.string().max(64).optional(),
      title: z.string().trim().max(200).optional(),
    }),
    response: z.object({ items: z.array(IncidentSummary) }),
  }),
  relatedIncidents: endpoint({
    id: 'relatedIncidents',
    method: 'GET',
    path: '/incidents/:id/related',
    right: 'read',
    tag: 'incidents',
    summary: 'Parent, children, and incidents that were merged into this one',
    params: IdParams,
    response: z.object({
      parent: IncidentSummary.nullable(),
      children: z.array(IncidentSummary),
      merged: z.array(IncidentSummary),
    }),
  }),
  mergeIncidents: endpoint({
    id: 'mergeIncidents',
    method: 'POST',
    path: '/incidents/:id/merge',
    right: 'incidents.write',
    tag: 'incidents',
    summary: 'Take alerts and affected CIs of other incidents, which are cancelled and point here',
    params: IdParams,
    body: z.object({
      fromIds: z.array(z.string().max(64)).min(1).max(MERGE_MAX),
      reason: z.string().trim().min(1).max(1_000),
      version: z.int().min(1).optional(),
    }),
    response: IncidentDetail,
  }),
  splitIncident: endpoint({
    id: 'splitIncident',
    method: 'POST',
    path: '/incidents/:id/split',
    right: 'incidents.write',
    tag: 'incidents',
    summary: 'Take affected CIs with their alerts out into an incident of their own, which is answered',
    params: IdParams,
    body: z.object({
      ciIds: z.array(z.string().max(64)).min(1).max(SPLIT_MAX),
      title: z.string().trim().min(1).max(200).optional(),
      reason: z.string().trim().min(1).max(1_000),
      version: z.int().min(1).optional(),
    }),
    response: IncidentDetail,
    status: 201,
  }),
  linkIncident: endpoint({
    id: 'linkIncident',
    method: 'POST',
    path: '/incidents/:id/parent',
    right: 'incidents.write',
    tag: 'incidents',
    summary: 'Put an incident below another one, or take it out with null',
    params: IdParams,
    body: z.object({
      parentId: z.string().max(64).nullable(),
      version: z.int().min(1).optional(),
    }),
    response: IncidentDetail,
  }),
  setIncidentPriority: endpoint({
    id: 'setIncidentPriority',
    method: 'POST',
    path: '/incidents/:id/priority',
    right: 'incidents.write',
    tag: 'incidents',
    summary: 'Give a priority by hand, or null to follow the matrix again',
    params: IdParams,
    body: z.object({
      priority: z.int().min(1).max(4).nullable(),
      reason: z.string().trim().max(1_000).default(''),
      version: z.int().min(1).optional(),
    }),
    response: IncidentDetail,
  }),
  fileIncident: endpoint({
    id: 'fileIncident',
    method: 'POST',
    path: '/incidents/:id/filing',
    right: 'incidents.write',
    tag: 'incidents',
    summary: 'Correct category or support group; what is absent stays',
    params: IdParams,
    body: z.object({
      category: z.string().max(64).nullable().optional(),
      supportGroupId: z.string().max(64).nullable().optional(),
      version: z.int().min(1).optional(),
    }),
    response: IncidentDetail,
  }),
  incidentTimes: endpoint({
    id: 'incidentTimes',
    method: 'GET',
    path: '/incident-times',
    right: 'read',
    tag: 'incidents',
    summary: 'Time to acknowledge and to restore per month, of all, by priority and by support group',
    query: z.object({
      months: z.coerce.number().int().min(1).max(TIMES_MONTHS_MAX).default(12),
      timeZone: z.string().max(64).default('UTC'),
    }),
    response: z.object({
      timeZone: z.string(),
      /** Ascending by month; of all first, then by priority, then by group. */
      items: z.array(IncidentTimesRow),
    }),
  }),
  getPriorityMatrix: endpoint({
    id: 'getPriorityMatrix',
    method: 'GET',
    path: '/settings/priority-matrix',
    right: 'read',
    tag: 'incidents',
    summary: 'The matrix that judges now, and its versions, newest first',
    response: z.object({ current: PriorityMatrix, history: z.array(PriorityMatrix) }),
  }),
  putPriorityMatrix: endpoint({
    id: 'putPriorityMatrix',
    method: 'PUT',
    path: '/settings/priority-matrix',
    right: 'incidents.settings',
    tag: 'incidents',
    summary: 'A new version of the matrix; incidents keep the version by which they were judged',
    body: z.object({
      cells: PriorityMatrix.shape.cells,
      reason: z.string().trim().min(1).max(500),
      /** The version that was changed. */
      version: z.int().min(1),
    }),
    response: PriorityMatrix,
  }),
  getIncidentSettings: endpoint({
    id: 'getIncidentSettings',
    method: 'GET',
    path: '/settings/incidents',
    right: 'read',
    tag: 'incidents',
    summary: 'How incidents age: closing by themselves, opening again, nobody has it',
    response: IncidentSettings.extend({ version: z.int() }),
  }),
  putIncidentSettings: endpoint({
    id: 'putIncidentSettings',
    method: 'PUT',
    path: '/settings/incidents',
    right: 'incidents.settings',
    tag: 'incidents',
    summary: 'Change how incidents age',
    body: IncidentSettings.extend({ version: z.int() }),
    response: IncidentSettings.extend({ version: z.int() }),
  }),
  getIncidentCategories: endpoint({
    id: 'getIncidentCategories',
    method: 'GET',
    path: '/settings/incident-categories',
    right: 'read',
    tag: 'incidents',
    summary: 'Kinds of incidents, parents before children',
    response: CategoryList,
  }),
  putIncidentCategories: endpoint({
    id: 'putIncidentCategories',
    method: 'PUT',
    path: '/settings/incident-categories',
    right: 'incidents.settings',
    tag: 'incidents',
    summary: 'Change the kinds of incidents; those that the machine files under may be retired, not left out',
    body: CategoryList,
    response: CategoryList,
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
      resolution: z.enum(RESOLUTIONS).exclude(['not-watched']).optional(),
      cause: z.string().trim().max(2000).optional(),
      action: z.string().trim().max(2000).optional(),
      /** To `resolved` or `closed`: resolves open children too, with the same cause and action. */
      children: z.boolean().optional(),
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
