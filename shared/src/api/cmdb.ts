/** Configuration items, their attributes, history, relations, software and identity. */
import { z } from 'zod';
import { MACHINE_CLASSES, RECORD_CLASSES } from '../cmdb/classes.ts';
import { PRESENCE_STATES } from '../presence/state.ts';
import { endpoint, IdParams, IsoTime, IsoTimeInput, listOf, Page } from './endpoint.ts';

export const PRESENCES = ['up', 'down', 'asleep', 'off', 'unknown'] as const;
export const Presence = z.enum(PRESENCES);
export type Presence = z.infer<typeof Presence>;
export const CAUSES = [
  'host-down',
  'asleep',
  'shut-down',
  'agent-stopped',
  'agent-uninstalled',
  'unreachable',
  'network',
  'server-self',
] as const;
export const Cause = z.enum(CAUSES);
export type Cause = z.infer<typeof Cause>;

/** The six words for presence, see presenceState. */
export const PresenceStateName = z.enum(PRESENCE_STATES);

export const LIFECYCLES = [
  'planned',
  'ordered',
  'in_stock',
  'reserved',
  'deployed',
  'in_use',
  'in_maintenance',
  'defective',
  'in_repair',
  'retired',
  'disposed',
  'missing',
] as const;
export const Lifecycle = z.enum(LIFECYCLES);

/** Where a value comes from, the stronger first. */
export const ATTRIBUTE_SOURCES = ['human', 'agent', 'third-party', 'network-scan', 'import'] as const;

/** One attribute with its evidence. */
export const Attribute = z.object({
  name: z.string(),
  value: z.unknown(),
  source: z.enum(ATTRIBUTE_SOURCES),
  observedAt: IsoTime,
  confirmedAt: IsoTime,
  lockedBy: z.string().nullable(),
  /** What reports say where a locked value differs; absent otherwise. */
  observedValue: z.unknown().optional(),
  /** What other sources say where it differs, the stronger first. */
  others: z
    .array(z.object({ value: z.unknown(), source: z.enum(ATTRIBUTE_SOURCES), observedAt: IsoTime }))
    .optional(),
});

export const CiSummary = z.object({
  id: z.string(),
  class: z.string(),
  /** Class of the administrator's own making below `class`. */
  subclass: z.string().nullable(),
  name: z.string(),
  lifecycle: Lifecycle,
  /** 1 (highest) to 4. */
  criticality: z.number(),
  presence: Presence.nullable(),
  cause: Cause.nullable(),
  /** True where this presence at this hour is what is expected of the machine. */
  expected: z.boolean().nullable(),
  /** What a person is told of it; of a part: of its machine. */
  state: PresenceStateName,
  presenceSince: IsoTime.nullable(),
  lastSeenAt: IsoTime.nullable(),
  tags: z.array(z.string()),
  site: z.string().nullable(),
  openIncidents: z.number(),
  /** Requested by `fields`: attribute name → value. */
  attributes: z.record(z.string(), z.unknown()).optional(),
  /** Of a part: the machine it belongs to, whose lifecycle, site and tags it shares. */
  machine: z.object({ id: z.string(), name: z.string(), class: z.string() }).optional(),
  /** Last report that said it is so; only in lists that ask for `evidence`. null: never. */
  evidenceAt: IsoTime.nullable().optional(),
});
export type CiSummary = z.infer<typeof CiSummary>;

export const CiDetail = CiSummary.extend({
  assetNumber: z.string().nullable(),
  owner: z.string().nullable(),
  supportGroup: z.string().nullable(),
  serviceHours: z.string().nullable(),
  createdAt: IsoTime,
  agentId: z.string().nullable(),
  /** Of a part: by what it is recognised within its machine, the strongest first. */
  keys: z.array(z.string()).optional(),
  /** Of a part that is gone. */
  removedAt: IsoTime.nullable().optional(),
  /** Of one that turned out to be another CI. */
  mergedInto: z.object({ id: z.string(), name: z.string() }).nullable().optional(),
  details: z.array(Attribute),
  /** Dependent CIs: components, interfaces, file systems, operating system. */
  parts: z.array(
    z.object({
      id: z.string(),
      class: z.string(),
      name: z.string(),
      relation: z.string(),
      details: z.array(Attribute),
    }),
  ),
});
export type CiDetail = z.infer<typeof CiDetail>;

export const HistoryEntry = z.object({
  id: z.string(),
  at: IsoTime,
  ciId: z.string(),
  ciName: z.string(),
  ciClass: z.string(),
  kind: z.enum([
    'created',
    'changed',
    'removed',
    'returned',
    'relation-added',
    'relation-ended',
    'merged',
    'split',
  ]),
  attribute: z.string().nullable(),
  before: z.unknown(),
  after: z.unknown(),
  source: z.string(),
  actor: z.string(),
  /** Change record that announced it; absent: none is known. */
  causeId: z.string().optional(),
});
export type HistoryEntry = z.infer<typeof HistoryEntry>;

export const Relation = z.object({
  id: z.string(),
  type: z.string(),
  fromId: z.string(),
  fromName: z.string(),
  fromClass: z.string(),
  toId: z.string(),
  toName: z.string(),
  toClass: z.string(),
  source: z.string(),
  /** Who said it, 'system' of what is found in reports; who ended it where a person did. */
  actor: z.string().optional(),
  since: IsoTime,
  endedAt: IsoTime.nullable(),
  /** Of `dependsOn`: `needed` of those of one group must hold; null: this one must. */
  group: z.string().nullable().optional(),
  needed: z.number().nullable().optional(),
  /** Follows from what the machine is made of; nobody ends it by hand. */
  inner: z.boolean().optional(),
});
export type Relation = z.infer<typeof Relation>;

/** Farther away everything is related to everything. */
export const RELATION_STEPS_MAX = 3;

/** 'lost': does not work. 'degraded': works with less behind it. 'affected': a person whose things are lost. */
export const ImpactStateName = z.enum(['lost', 'degraded', 'affected']);
/** Of `of` that stand in for each other `left` are left, and `needed` must hold. */
export const Redundancy = z.object({
  group: z.string(),
  left: z.number(),
  of: z.number(),
  needed: z.number(),
});

/** One CI that a failure reaches; `path` names the way from the one that fails, both ends included. */
export const ImpactItem = z.object({
  id: z.string(),
  class: z.string(),
  name: z.string(),
  path: z.array(z.string()),
  state: ImpactStateName,
  /** Its groups that have lost members. */
  redundancy: z.array(Redundancy),
  /** How many use it, as entered at a service or application. */
  users: z.number().nullable(),
});
export type ImpactItem = z.infer<typeof ImpactItem>;

export const InstalledSoftware = z.object({
  name: z.string(),
  version: z.string(),
  architecture: z.string().nullable(),
  publisher: z.string().nullable(),
  source: z.string(),
  installedAt: IsoTime.nullable(),
  firstSeenAt: IsoTime,
});

export const IdentityTrace = z.object({
  at: IsoTime,
  decision: z.enum(['matched', 'created', 'ambiguous', 'contradicted']),
  /** Number of the rule in docs/SPEC.md, e.g. 'serial+uuid'. */
  rule: z.string(),
  reason: z.string(),
  keys: z.array(
    z.object({
      key: z.string(),
      reported: z.string().nullable(),
      held: z.string().nullable(),
      verdict: z.enum(['equal', 'differs', 'absent', 'ignored']),
    }),
  ),
  rejected: z.array(z.object({ ciId: z.string(), ciName: z.string(), reason: z.string() })),
});

const Facet = z.object({ value: z.string().nullable(), count: z.number() });

/** Machines changed by one call. */
export const BULK_IDS_MAX = 5_000;
export const TAGS_MAX = 32;
export const REASON_LENGTH_MAX = 500;
const Tag = z.string().trim().min(1).max(64);
const PlainText = (lengthMax: number) => z.string().trim().min(1).max(lengthMax).nullable().optional();

/** What is left out stays as it is; null takes the value away. */
export const BulkChange = z
  .object({
    addTags: z.array(Tag).min(1).max(TAGS_MAX).optional(),
    removeTags: z.array(Tag).min(1).max(TAGS_MAX).optional(),
    site: PlainText(64),
    owner: PlainText(128),
    supportGroup: PlainText(128),
    criticality: z.int().min(1).max(4).optional(),
    lifecycle: Lifecycle.optional(),
    /** Some steps of the lifecycle need it. */
    reason: z.string().trim().max(REASON_LENGTH_MAX).optional(),
    /** The lifecycle goes back to what it was before its last step, within the hour. */
    takesBack: z.boolean().optional(),
  })
  .refine(
    ({ reason: _reason, takesBack: _takesBack, ...change }) =>
      Object.values(change).some((v) => v !== undefined),
    {
      message: 'Nothing is to be changed',
    },
  );
export type BulkChange = z.infer<typeof BulkChange>;
export const BulkStep = z.object({
  ids: z.array(IdParams.shape.id).min(1).max(BULK_IDS_MAX),
  change: BulkChange,
});
export type BulkStep = z.infer<typeof BulkStep>;

/** Classes of CIs that stand on their own. */
export const IndependentClassName = z.enum([...MACHINE_CLASSES, ...RECORD_CLASSES]);
/** Attribute → value, null to take it away. */
const AttributeValues = z.record(z.string().max(64), z.unknown());
const Tags = z.array(Tag).max(TAGS_MAX);

export const cmdbEndpoints = {
  createCi: endpoint({
    id: 'createCi',
    method: 'POST',
    path: '/cis',
    right: 'cis.write',
    tag: 'cmdb',
    summary: 'A CI that people keep, or know of before any report comes',
    status: 201,
    body: z.object({
      class: IndependentClassName,
      subclass: z.string().max(64).nullable().optional(),
      name: z.string().trim().min(1).max(128),
      lifecycle: Lifecycle.optional(),
      criticality: z.int().min(1).max(4).optional(),
      assetNumber: PlainText(64),
      owner: PlainText(128),
      supportGroup: PlainText(128),
      site: PlainText(64),
      tags: Tags.optional(),
      /** What only people know: purchase, warranty … */
      set: AttributeValues.optional(),
    }),
    response: CiDetail,
  }),
  listCis: endpoint({
    id: 'listCis',
    method: 'GET',
    path: '/cis',
    right: 'read',
    tag: 'cmdb',
    summary: 'Configuration items',
    query: Page.extend({
      /** Of machines, parts or records, the administrator's own classes too; all machines where it is not given. */
      class: z.string().max(64).optional(),
      /** Name, serial, address, MAC. */
      q: z.string().max(128).optional(),
      tag: z.string().max(64).optional(),
      lifecycle: Lifecycle.optional(),
      presence: Presence.optional(),
      /** Empty: those without. */
      site: z.string().max(64).optional(),
      owner: z.string().max(128).optional(),
      /** Only those that hold a value of this source. */
      source: z.enum(ATTRIBUTE_SOURCES).optional(),
      /** Only those that no report has confirmed for so many days. */
      staleDays: z.coerce.number().int().min(1).max(3650).optional(),
      /** Only machines on which a package of exactly this name is installed. */
      software: z.string().max(256).optional(),
      /** '1': with `evidenceAt` of each and, on the first page, the total. */
      evidence: z.literal('1').optional(),
      /** Comma-separated attribute names to return. */
      fields: z.string().max(512).optional(),
    }),
    response: listOf(CiSummary).extend({ total: z.number().optional() }),
  }),
  listClasses: endpoint({
    id: 'listClasses',
    method: 'GET',
    path: '/classes',
    right: 'read',
    tag: 'cmdb',
    summary: 'CI classes with their counts, and what machines can be filtered by',
    response: z.object({
      items: z.array(
        z.object({ class: z.string(), group: z.enum(['machine', 'part', 'record']), count: z.number() }),
      ),
      /** Of machines, most frequent first. null: those without. */
      sites: z.array(Facet),
      owners: z.array(Facet),
      lifecycles: z.array(Facet),
    }),
  }),
  getCi: endpoint({
    id: 'getCi',
    method: 'GET',
    path: '/cis/:id',
    right: 'read',
    tag: 'cmdb',
    summary: 'One CI with its attributes and parts',
    params: IdParams,
    response: CiDetail,
  }),
  updateCi: endpoint({
    id: 'updateCi',
    method: 'PATCH',
    path: '/cis/:id',
    right: 'cis.write',
    tag: 'cmdb',
    summary: 'Change what people know: name, lifecycle, criticality, owner, tags, locked attributes',
    params: IdParams,
    body: z.object({
      name: z.string().trim().min(1).max(128).optional(),
      class: IndependentClassName.optional(),
      subclass: z.string().max(64).nullable().optional(),
      lifecycle: Lifecycle.optional(),
      criticality: z.int().min(1).max(4).optional(),
      assetNumber: z.string().trim().max(64).nullable().optional(),
      owner: z.string().trim().max(128).nullable().optional(),
      supportGroup: z.string().trim().max(128).nullable().optional(),
      site: z.string().trim().max(64).nullable().optional(),
      tags: Tags.optional(),
      /** Attribute that reports tell → value to lock, null to unlock. */
      lock: AttributeValues.optional(),
      /** Attribute that only people know → value, null to take it away. */
      set: AttributeValues.optional(),
      /** Some steps of the lifecycle and the correction of an asset number need it. */
      reason: z.string().trim().max(REASON_LENGTH_MAX).optional(),
      takesBack: z.boolean().optional(),
    }),
    response: CiDetail,
  }),
  bulkCis: endpoint({
    id: 'bulkCis',
    method: 'POST',
    path: '/cis/bulk',
    right: 'cis.write',
    tag: 'cmdb',
    summary: 'Change many machines at once; each is changed whole or named in `failed`',
    body: z
      .union([
        z.object({ steps: z.array(BulkStep).min(1).max(BULK_IDS_MAX) }),
        BulkStep.transform((step) => ({ steps: [step] })),
      ])
      .refine(({ steps }) => steps.reduce((sum, { ids }) => sum + ids.length, 0) <= BULK_IDS_MAX, {
        message: `At most ${BULK_IDS_MAX} machines at once`,
      }),
    response: z.object({
      changed: z.number(),
      /** Those for which it was so already. */
      unchanged: z.number(),
      failed: z.array(z.object({ id: z.string(), code: z.string(), detail: z.string() })),
      /** What brings the former values back, as `steps` of the next call. */
      undo: z.array(BulkStep),
    }),
  }),
  ciHistory: endpoint({
    id: 'ciHistory',
    method: 'GET',
    path: '/cis/:id/history',
    right: 'read',
    tag: 'cmdb',
    summary: 'Changes of a CI and its parts, newest first',
    params: IdParams,
    query: Page.extend({
      from: IsoTimeInput.optional(),
      to: IsoTimeInput.optional(),
      /** Only of this one, not of its parts. */
      own: z.literal('1').optional(),
    }),
    response: listOf(HistoryEntry),
  }),
  ciRelations: endpoint({
    id: 'ciRelations',
    method: 'GET',
    path: '/cis/:id/relations',
    right: 'read',
    tag: 'cmdb',
    summary: 'Edges of a CI, and of what lies within so many steps of it',
    params: IdParams,
    query: Page.extend({
      steps: z.coerce.number().int().min(1).max(RELATION_STEPS_MAX).default(1),
      /** Those that held then; without it, those that hold now. */
      at: IsoTimeInput.optional(),
      /** Its own that have ended as well, after those that hold. */
      ended: z.literal('1').optional(),
    }),
    response: listOf(Relation),
  }),
  ciImpact: endpoint({
    id: 'ciImpact',
    method: 'GET',
    path: '/cis/:id/impact',
    right: 'read',
    tag: 'cmdb',
    summary: 'What a failure of this CI reaches',
    params: IdParams,
    response: z.object({ items: z.array(ImpactItem) }),
  }),
  ciSoftware: endpoint({
    id: 'ciSoftware',
    method: 'GET',
    path: '/cis/:id/software',
    right: 'read',
    tag: 'cmdb',
    summary: 'Installed software',
    params: IdParams,
    query: Page.extend({ q: z.string().max(128).optional() }),
    response: listOf(InstalledSoftware).extend({ total: z.number() }),
  }),
};
