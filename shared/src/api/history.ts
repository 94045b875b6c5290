/** The CMDB in time: states of the past, changes, baselines, drift, restoring, accuracy, and how long it is all kept. */
import { z } from 'zod';
import { DRIFT_KINDS } from './choices.ts';
import { ACCURACY_FLAWS } from '../history/accuracy.ts';
import { Attribute, HistoryEntry, Lifecycle, Relation } from './cmdb.ts';
import { endpoint, IdParams, IsoTime, IsoTimeInput, listOf, Page } from './endpoint.ts';

/** An attribute as it stood at a moment; evidence that only confirmed it is not kept. */
export const PastAttribute = Attribute.omit({ confirmedAt: true });
export type PastAttribute = z.infer<typeof PastAttribute>;

const PastSummary = z.object({
  id: z.string(),
  class: z.string(),
  subclass: z.string().nullable(),
  name: z.string(),
  lifecycle: Lifecycle,
  criticality: z.number(),
  site: z.string().nullable(),
  owner: z.string().nullable(),
  assetNumber: z.string().nullable(),
  tags: z.array(z.string()),
});
/** A configuration item as it was. */
export const PastCi = PastSummary.extend({
  supportGroup: z.string().nullable(),
  createdAt: IsoTime,
  details: z.array(PastAttribute),
  parts: z.array(
    z.object({ id: z.string(), class: z.string(), name: z.string(), details: z.array(PastAttribute) }),
  ),
  software: z.array(
    z.object({
      name: z.string(),
      version: z.string(),
      architecture: z.string().nullable(),
      publisher: z.string().nullable(),
      source: z.string(),
    }),
  ),
  relations: z.array(Relation),
});
export type PastCi = z.infer<typeof PastCi>;

export const PastListItem = PastSummary.extend({ attributes: z.record(z.string(), z.unknown()).optional() });
export type PastListItem = z.infer<typeof PastListItem>;

const At = z.object({ at: IsoTimeInput });

/** Filters of changes; all must hold. */
export const ChangeFilter = z.object({
  /** Of this CI; of a machine with its parts unless `own`. */
  ciId: z.string().max(64).optional(),
  own: z.literal('1').optional(),
  class: z.string().max(64).optional(),
  /** Exactly this attribute; `software` and `relation` stand for all packages and all relations. */
  attribute: z.string().max(256).optional(),
  kind: HistoryEntry.shape.kind.optional(),
  source: z.string().max(32).optional(),
  /** As in the audit log. */
  actor: z.string().max(128).optional(),
  cause: z.string().max(64).optional(),
  /** Part of the name of what changed. */
  q: z.string().max(128).optional(),
  from: IsoTimeInput.optional(),
  to: IsoTimeInput.optional(),
});
export type ChangeFilter = z.infer<typeof ChangeFilter>;
export const ChangeEntry = HistoryEntry.extend({
  /** The CI that stands on its own: the machine of a part or package. */
  machineId: z.string(),
  machineName: z.string(),
});
export type ChangeEntry = z.infer<typeof ChangeEntry>;

/** Which CIs are meant; all that is given must hold. */
export const GROUP_IDS_MAX = 1_000;
export const CiGroup = z.object({
  ids: z.array(z.string().max(64)).min(1).max(GROUP_IDS_MAX).optional(),
  class: z.string().max(64).optional(),
  tag: z.string().max(64).optional(),
  site: z.string().max(64).optional(),
  model: z.string().max(256).optional(),
});
export type CiGroup = z.infer<typeof CiGroup>;
const GroupQuery = CiGroup.omit({ ids: true }).extend({
  /** Comma-separated. */
  ids: z
    .string()
    .max(64 * GROUP_IDS_MAX)
    .optional(),
});

export const Baseline = z.object({
  id: z.string(),
  name: z.string(),
  owner: z.string(),
  at: IsoTime,
  createdAt: IsoTime,
  createdBy: z.string(),
  approvedBy: z.string().nullable(),
  approvedAt: IsoTime.nullable(),
  /** What was asked for when it was taken. */
  group: CiGroup,
  ciCount: z.number(),
  storedBytes: z.number(),
});
export type Baseline = z.infer<typeof Baseline>;

export const DriftItem = z.object({
  id: z.string(),
  /** The CI that stands on its own. */
  ciId: z.string(),
  ciName: z.string(),
  ciClass: z.string(),
  kind: z.enum(DRIFT_KINDS),
  change: z.enum(['added', 'removed', 'changed']),
  /** The part, package or relation; null: the CI itself. */
  thing: z.string().nullable(),
  thingClass: z.string().nullable(),
  attribute: z.string().nullable(),
  before: z.unknown(),
  after: z.unknown(),
});
export type DriftItem = z.infer<typeof DriftItem>;
export const DriftAnswer = z.object({
  /** CIs that were compared, and those among them that differ. */
  compared: z.number(),
  different: z.number(),
  counts: z.record(z.enum(DRIFT_KINDS), z.number()),
  items: z.array(DriftItem),
  total: z.number(),
  nextCursor: z.string().nullable(),
});
export type DriftAnswer = z.infer<typeof DriftAnswer>;

export const PEER_OUTLIERS_MAX = 20;
export const PeerItem = z.object({
  id: z.string(),
  kind: z.enum(DRIFT_KINDS),
  thing: z.string().nullable(),
  thingClass: z.string().nullable(),
  attribute: z.string().nullable(),
  /** What most have; null: most have none. */
  majority: z.unknown(),
  majorityCount: z.number(),
  outlierCount: z.number(),
  /** At most PEER_OUTLIERS_MAX of them. */
  outliers: z.array(z.object({ ciId: z.string(), ciName: z.string(), value: z.unknown() })),
});
export type PeerItem = z.infer<typeof PeerItem>;

/** Attribute names that a comparison leaves out, comma-separated. */
const Ignore = z.object({ ignore: z.string().max(2_000).optional() });
const KindFilter = z.object({ kind: z.enum(DRIFT_KINDS).optional(), q: z.string().max(128).optional() });

export const RestoreChange = z.object({ attribute: z.string(), before: z.unknown(), after: z.unknown() });
const RestoreAnswer = z.object({
  changes: z.array(RestoreChange),
  /** What would be different and cannot be restored, each with the reason. */
  skipped: z.array(z.object({ attribute: z.string(), reason: z.enum(['lifecycle', 'reported']) })),
});

export const AccuracyNote = z.object({
  attribute: z.string(),
  flaw: z.enum(ACCURACY_FLAWS),
  value: z.unknown(),
  /** Where it disagrees: what was seen. */
  observed: z.unknown().optional(),
  confirmedAt: IsoTime.nullable(),
});
const Tally = z.object({
  count: z.number(),
  /** Mean of the scores, 0 to 100; null: there are none. */
  score: z.number().nullable(),
  stale: z.number(),
  disagrees: z.number(),
  missing: z.number(),
});
export type AccuracyTally = z.infer<typeof Tally>;
export const AccuracyRow = z.object({
  id: z.string(),
  name: z.string(),
  class: z.string(),
  site: z.string().nullable(),
  score: z.number(),
  stale: z.number(),
  disagrees: z.number(),
  missing: z.number(),
});
export type AccuracyRow = z.infer<typeof AccuracyRow>;

/** What can be kept for a limited time. */
export const RETENTION_KINDS = ['states', 'values', 'software', 'relations'] as const;
export type RetentionKind = (typeof RETENTION_KINDS)[number];
export const RETENTION_YEARS_MAX = 50;
const Years = z.int().min(1).max(RETENTION_YEARS_MAX).nullable();
const RetentionYears = z.object({ states: Years, values: Years, software: Years, relations: Years });
export const Retention = z.object({
  items: z.array(
    z.object({
      kind: z.enum(RETENTION_KINDS),
      /** null: for ever. */
      years: Years,
      rows: z.number(),
      storedBytes: z.number(),
      /** Nothing before it is kept; null: nothing was deleted. */
      keptSince: IsoTime.nullable(),
    }),
  ),
});
export type Retention = z.infer<typeof Retention>;

export const historyEndpoints = {
  ciAsOf: endpoint({
    id: 'ciAsOf',
    method: 'GET',
    path: '/cis/:id/as-of',
    right: 'read',
    tag: 'history',
    summary: 'A configuration item as it was at a moment',
    params: IdParams,
    query: At,
    response: z.object({
      at: IsoTime,
      /** Before this nothing is kept and nothing can be said. */
      keptSince: IsoTime.nullable(),
      /** null: it did not exist, or what was is not kept any more. */
      ci: PastCi.nullable(),
    }),
  }),
  cmdbAsOf: endpoint({
    id: 'cmdbAsOf',
    method: 'GET',
    path: '/cmdb/as-of',
    right: 'read',
    tag: 'history',
    summary: 'The list of configuration items as it was at a moment',
    query: Page.extend({
      at: IsoTimeInput,
      class: z.string().max(64).optional(),
      q: z.string().max(128).optional(),
      site: z.string().max(64).optional(),
      owner: z.string().max(128).optional(),
      tag: z.string().max(64).optional(),
      lifecycle: Lifecycle.optional(),
      /** Comma-separated attribute names to return. */
      fields: z.string().max(512).optional(),
    }),
    response: listOf(PastListItem).extend({
      at: IsoTime,
      keptSince: IsoTime.nullable(),
      total: z.number(),
      /** Of all CIs that stood on their own then. */
      classes: z.array(z.object({ class: z.string(), count: z.number() })),
    }),
  }),
  listHistory: endpoint({
    id: 'listHistory',
    method: 'GET',
    path: '/history',
    right: 'read',
    tag: 'history',
    summary: 'Changes of the whole CMDB or of one CI, newest first',
    query: Page.extend(ChangeFilter.shape),
    response: listOf(ChangeEntry),
  }),
  previewRestore: endpoint({
    id: 'previewRestore',
    method: 'GET',
    path: '/cis/:id/restore',
    right: 'cis.write',
    tag: 'history',
    summary: 'What restoring the values of a moment would change',
    params: IdParams,
    query: At,
    response: RestoreAnswer,
  }),
  restoreCi: endpoint({
    id: 'restoreCi',
    method: 'POST',
    path: '/cis/:id/restore',
    right: 'cis.write',
    tag: 'history',
    summary: 'Values that people entered become what they were at a moment',
    params: IdParams,
    body: At.extend({ attributes: z.array(z.string().max(64)).min(1).max(256).optional() }),
    response: RestoreAnswer,
  }),
  listBaselines: endpoint({
    id: 'listBaselines',
    method: 'GET',
    path: '/baselines',
    right: 'read',
    tag: 'history',
    summary: 'Baselines, newest first',
    response: z.object({ items: z.array(Baseline) }),
  }),
  createBaseline: endpoint({
    id: 'createBaseline',
    method: 'POST',
    path: '/baselines',
    right: 'cis.write',
    tag: 'history',
    summary: 'Keeps the state of a CI or a group at a moment',
    status: 201,
    body: z.object({
      name: z.string().trim().min(1).max(128),
      group: CiGroup,
      /** Now where it is left out. */
      at: IsoTimeInput.optional(),
    }),
    response: Baseline,
  }),
  updateBaseline: endpoint({
    id: 'updateBaseline',
    method: 'PATCH',
    path: '/baselines/:id',
    right: 'cis.write',
    tag: 'history',
    summary: 'Renames, hands over or approves a baseline',
    params: IdParams,
    body: z.object({
      name: z.string().trim().min(1).max(128).optional(),
      owner: z.string().trim().min(1).max(128).optional(),
      approved: z.boolean().optional(),
    }),
    response: Baseline,
  }),
  deleteBaseline: endpoint({
    id: 'deleteBaseline',
    method: 'DELETE',
    path: '/baselines/:id',
    right: 'cis.write',
    tag: 'history',
    summary: 'Deletes a baseline and its states',
    status: 204,
    params: IdParams,
  }),
  drift: endpoint({
    id: 'drift',
    method: 'GET',
    path: '/drift',
    right: 'read',
    tag: 'history',
    summary: 'What is different between two moments, or since a baseline',
    query: Page.extend(GroupQuery.shape)
      .extend(Ignore.shape)
      .extend(KindFilter.shape)
      .extend({
        /** Either this, or `from`. */
        baseline: z.string().max(64).optional(),
        from: IsoTimeInput.optional(),
        /** Now where it is left out. */
        to: IsoTimeInput.optional(),
      }),
    response: DriftAnswer,
  }),
  peerDrift: endpoint({
    id: 'peerDrift',
    method: 'GET',
    path: '/drift/peers',
    right: 'read',
    tag: 'history',
    summary: 'What single machines of a group have different from most of it',
    query: Page.extend(GroupQuery.shape).extend(Ignore.shape).extend(KindFilter.shape),
    response: z.object({
      compared: z.number(),
      counts: z.record(z.enum(DRIFT_KINDS), z.number()),
      items: z.array(PeerItem),
      total: z.number(),
      nextCursor: z.string().nullable(),
    }),
  }),
  listModels: endpoint({
    id: 'listModels',
    method: 'GET',
    path: '/drift/models',
    right: 'read',
    tag: 'history',
    summary: 'Models with their number of machines, the most frequent first',
    response: z.object({ items: z.array(z.object({ model: z.string(), count: z.number() })) }),
  }),
  ciAccuracy: endpoint({
    id: 'ciAccuracy',
    method: 'GET',
    path: '/cis/:id/accuracy',
    right: 'read',
    tag: 'history',
    summary: 'How far what is recorded of a CI can be relied on, and why',
    params: IdParams,
    response: z.object({
      score: z.number(),
      counted: z.number(),
      stale: z.number(),
      disagrees: z.number(),
      missing: z.number(),
      notes: z.array(AccuracyNote),
    }),
  }),
  fleetAccuracy: endpoint({
    id: 'fleetAccuracy',
    method: 'GET',
    path: '/accuracy',
    right: 'read',
    tag: 'history',
    summary: 'How far the records can be relied on: all, by class and site, day by day, the worst',
    query: Page.extend({
      class: z.string().max(64).optional(),
      site: z.string().max(64).optional(),
    }),
    response: z.object({
      /** CIs still to be looked at after a start. */
      waiting: z.number(),
      fleet: Tally,
      classes: z.array(Tally.extend({ class: z.string() })),
      sites: z.array(Tally.extend({ site: z.string().nullable() })),
      days: z.array(z.object({ day: z.iso.date(), score: z.number(), count: z.number() })),
      /** Of the filter, the lowest score first. */
      items: z.array(AccuracyRow),
      total: z.number(),
      nextCursor: z.string().nullable(),
    }),
  }),
  getRetention: endpoint({
    id: 'getRetention',
    method: 'GET',
    path: '/history/retention',
    right: 'read',
    tag: 'history',
    summary: 'How long the past is kept, and what it takes',
    response: Retention,
  }),
  setRetention: endpoint({
    id: 'setRetention',
    method: 'PUT',
    path: '/history/retention',
    right: 'history.write',
    tag: 'history',
    summary: 'Sets how long the past is kept; older things are deleted in small steps',
    body: RetentionYears,
    response: Retention,
  }),
};
