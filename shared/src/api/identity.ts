/** Identity of CIs: open questions, merging and splitting, decisions that stay, values that identify nothing. */
import { z } from 'zod';
import { IdentityTrace } from './cmdb.ts';
import { endpoint, IdParams, IsoTime } from './endpoint.ts';

const CiRef = z.object({ id: z.string(), name: z.string(), class: z.string() });
const KeyRows = IdentityTrace.shape.keys;
export const ReportingSource = z.enum(['agent', 'third-party']);

/** Who delivers reports of a CI. */
export const IdentityReporter = z.object({
  source: ReportingSource,
  id: z.string(),
  firstAt: IsoTime,
  lastAt: IsoTime,
  /** Sections that are told by this one. */
  owns: z.array(z.string()),
});
export type IdentityReporter = z.infer<typeof IdentityReporter>;

export const IdentityPin = z.object({
  id: z.string(),
  kind: z.enum(['never-same', 'reporter-is']),
  at: IsoTime,
  actor: z.string(),
  ci: CiRef,
  /** Of 'never-same'. */
  other: CiRef.nullable(),
  /** Of 'reporter-is'. */
  reporter: z.object({ source: ReportingSource, id: z.string() }).nullable(),
});
export type IdentityPin = z.infer<typeof IdentityPin>;

export const CiMerge = z.object({
  id: z.string(),
  at: IsoTime,
  actor: z.string(),
  keep: CiRef,
  other: CiRef,
  undoneAt: IsoTime.nullable(),
  undoneBy: z.string().nullable(),
});
export type CiMerge = z.infer<typeof CiMerge>;

export const IdentityReview = z.object({
  id: z.string(),
  state: z.enum(['open', 'same', 'new']),
  openedAt: IsoTime,
  lastAt: IsoTime,
  /** What the report was given until somebody decides. */
  ci: CiRef,
  reporter: z.object({ source: ReportingSource, id: z.string() }),
  rule: z.string(),
  reason: z.string(),
  candidates: z.array(
    CiRef.extend({
      reason: z.string(),
      keys: KeyRows,
      lifecycle: z.string(),
      lastSeenAt: IsoTime.nullable(),
      sources: z.array(ReportingSource),
    }),
  ),
  decidedCi: CiRef.nullable(),
  decidedBy: z.string().nullable(),
  decidedAt: IsoTime.nullable(),
  mergeId: z.string().nullable(),
});
export type IdentityReview = z.infer<typeof IdentityReview>;

/** CIs that are merged into one by one call. */
export const MERGED_MAX = 10;

/** What the two sides say differently, and which of it stays. */
export const MergeConflict = z.object({
  kind: z.enum(['field', 'attribute', 'lock', 'kept-apart']),
  name: z.string(),
  keep: z.unknown(),
  other: z.unknown(),
  otherId: z.string(),
});
export const MergePreview = z.object({
  keep: CiRef,
  others: z.array(CiRef),
  conflicts: z.array(MergeConflict),
  /** What the one that stays gets from the others. */
  taken: z.array(z.object({ name: z.string(), value: z.unknown(), otherId: z.string() })),
  /** Sections with their parts and packages that are the others' from then on. */
  sections: z.array(z.object({ section: z.string(), otherId: z.string() })),
  relations: z.number(),
});
export type MergePreview = z.infer<typeof MergePreview>;

export const JUNK_KINDS = ['serial', 'uuid', 'mac', 'machine-id', 'hostname'] as const;
export const JunkValue = z.object({
  id: z.string(),
  kind: z.enum(JUNK_KINDS),
  value: z.string(),
  note: z.string().nullable(),
  at: IsoTime,
  actor: z.string(),
});
export type JunkValue = z.infer<typeof JunkValue>;

export const identityEndpoints = {
  ciIdentity: endpoint({
    id: 'ciIdentity',
    method: 'GET',
    path: '/cis/:id/identity',
    right: 'read',
    tag: 'identity',
    summary: 'Why reports are taken to be of this CI, and who delivers them',
    params: IdParams,
    response: z.object({
      items: z.array(IdentityTrace),
      reporters: z.array(IdentityReporter),
      pins: z.array(IdentityPin),
      merges: z.array(CiMerge),
      /** The question that is open about it. */
      reviewId: z.string().nullable(),
    }),
  }),
  listIdentityReviews: endpoint({
    id: 'listIdentityReviews',
    method: 'GET',
    path: '/identity-reviews',
    right: 'read',
    tag: 'identity',
    summary: 'Reports that could be of several CIs, newest first',
    query: z.object({ state: z.enum(['open', 'all']).default('open') }),
    response: z.object({ items: z.array(IdentityReview), open: z.number() }),
  }),
  getIdentityReview: endpoint({
    id: 'getIdentityReview',
    method: 'GET',
    path: '/identity-reviews/:id',
    right: 'read',
    tag: 'identity',
    summary: 'One of them with its evidence side by side',
    params: IdParams,
    response: IdentityReview,
  }),
  decideIdentityReview: endpoint({
    id: 'decideIdentityReview',
    method: 'POST',
    path: '/identity-reviews/:id/decide',
    right: 'cis.write',
    tag: 'identity',
    summary: 'The report is of this CI, or of a new one, or it is decided later',
    params: IdParams,
    body: z.union([
      z.object({ same: z.string().max(64) }).strict(),
      z.object({ new: z.literal(true) }).strict(),
      z.object({ later: z.literal(true) }).strict(),
    ]),
    response: IdentityReview,
  }),
  mergePreview: endpoint({
    id: 'mergePreview',
    method: 'GET',
    path: '/cis/merge-preview',
    right: 'read',
    tag: 'identity',
    summary: 'What merging would do, before it is done',
    query: z.object({
      keep: z.string().max(64),
      /** Ids, separated by commas. */
      others: z.string().max(64 * MERGED_MAX + MERGED_MAX),
    }),
    response: MergePreview,
  }),
  mergeCis: endpoint({
    id: 'mergeCis',
    method: 'POST',
    path: '/cis/merge',
    right: 'cis.write',
    tag: 'identity',
    summary: 'Several CIs are one; each merge can be undone',
    body: z.object({
      keep: z.string().max(64),
      others: z.array(z.string().max(64)).min(1).max(MERGED_MAX),
    }),
    response: z.object({ id: z.string(), merges: z.array(CiMerge) }),
  }),
  undoMerge: endpoint({
    id: 'undoMerge',
    method: 'POST',
    path: '/merges/:id/undo',
    right: 'cis.write',
    tag: 'identity',
    summary: 'Two CIs again, as before the merge',
    params: IdParams,
    response: CiMerge,
  }),
  splitCi: endpoint({
    id: 'splitCi',
    method: 'POST',
    path: '/cis/:id/split',
    right: 'cis.write',
    tag: 'identity',
    summary: 'What one reporter tells is another machine: it gets a CI of its own, and the two stay apart',
    params: IdParams,
    body: z.object({ source: ReportingSource, reporter: z.string().max(256) }),
    response: z.object({ id: z.string() }),
  }),
  removePin: endpoint({
    id: 'removePin',
    method: 'DELETE',
    path: '/identity-pins/:id',
    right: 'cis.write',
    tag: 'identity',
    summary: 'A decision about identity is taken back: the rules decide again',
    params: IdParams,
    status: 204,
  }),
  listJunkValues: endpoint({
    id: 'listJunkValues',
    method: 'GET',
    path: '/junk-values',
    right: 'read',
    tag: 'identity',
    summary: 'Values that were found on several machines and identify none',
    response: z.object({ items: z.array(JunkValue) }),
  }),
  addJunkValue: endpoint({
    id: 'addJunkValue',
    method: 'POST',
    path: '/junk-values',
    right: 'cis.write',
    tag: 'identity',
    summary: 'A value identifies nothing from the next report on; * at the end stands for anything',
    status: 201,
    body: z.object({
      kind: z.enum(JUNK_KINDS),
      value: z.string().trim().min(2).max(128),
      note: z.string().trim().max(256).nullable().default(null),
    }),
    response: JunkValue,
  }),
  removeJunkValue: endpoint({
    id: 'removeJunkValue',
    method: 'DELETE',
    path: '/junk-values/:id',
    right: 'cis.write',
    tag: 'identity',
    summary: 'The value identifies again',
    params: IdParams,
    status: 204,
  }),
};
