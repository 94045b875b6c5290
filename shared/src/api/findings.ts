/** Findings: what the CMDB found that a person should look at, and what became of it. */
import { z } from 'zod';
import { FINDING_KINDS, FINDING_STATES } from './choices.ts';
import { MACHINE_CLASSES } from '../cmdb/classes.ts';
import { ChangeKind } from './changes.ts';
import { endpoint, IdParams, IsoTime, listOf, Page } from './endpoint.ts';
import { Words } from './incidents.ts';

export const FindingKind = z.enum(FINDING_KINDS);
export type FindingKind = z.infer<typeof FindingKind>;

export const FindingState = z.enum(FINDING_STATES);
export type FindingState = z.infer<typeof FindingState>;

export const Finding = z.object({
  id: z.string(),
  kind: FindingKind,
  state: FindingState,
  title: Words,
  ci: z.object({ id: z.string(), name: z.string(), class: z.string() }).nullable(),
  /** How often it was seen. */
  count: z.number(),
  openedAt: IsoTime,
  lastAt: IsoTime,
  decidedBy: z.string().nullable(),
  decidedAt: IsoTime.nullable(),
  note: z.string().nullable(),
  /** The approved change that explains it; of an open finding one that is still to be approved. */
  changeId: z.string().nullable(),
  incidentRef: z.string().nullable(),
  /** Before and after, candidates, sources. */
  evidence: z.record(z.string(), z.unknown()),
});
export type Finding = z.infer<typeof Finding>;

/** A finding that it fits opens an incident: impact is the CI's criticality, urgency is set here. */
export const FindingRule = z.object({
  id: z.string().min(1).max(64),
  name: z.string().trim().min(1).max(200),
  enabled: z.boolean(),
  kinds: z.array(FindingKind).min(1),
  /** Of an unauthorised change; none: all. */
  changeKinds: z.array(ChangeKind),
  /** None: all. */
  classes: z.array(z.enum(MACHINE_CLASSES)),
  tags: z.array(z.string().trim().min(1).max(64)).max(32),
  /** CIs as critical as this or more (1 is the most); null: all. */
  criticality: z.int().min(1).max(4).nullable(),
  urgency: z.int().min(1).max(4),
});
export type FindingRule = z.infer<typeof FindingRule>;
const FindingRules = z.object({ items: z.array(FindingRule).max(100) });

/** Findings decided by one call. */
export const FINDINGS_DECIDED_MAX = 500;

export const findingsEndpoints = {
  listFindings: endpoint({
    id: 'listFindings',
    method: 'GET',
    path: '/findings',
    right: 'read',
    tag: 'findings',
    summary: 'Findings, newest first, with how many are open of each kind',
    query: Page.extend({
      state: FindingState.optional(),
      kind: FindingKind.optional(),
      ci: z.string().max(64).optional(),
    }),
    response: listOf(Finding).extend({ open: z.partialRecord(FindingKind, z.number()) }),
  }),
  getFinding: endpoint({
    id: 'getFinding',
    method: 'GET',
    path: '/findings/:id',
    right: 'read',
    tag: 'findings',
    summary: 'One finding with its evidence',
    params: IdParams,
    response: Finding,
  }),
  getFindingRules: endpoint({
    id: 'getFindingRules',
    method: 'GET',
    path: '/finding-rules',
    right: 'read',
    tag: 'findings',
    summary: 'Which findings open an incident',
    response: FindingRules,
  }),
  putFindingRules: endpoint({
    id: 'putFindingRules',
    method: 'PUT',
    path: '/finding-rules',
    right: 'changes.approve',
    tag: 'findings',
    summary: 'Set which findings open an incident',
    body: FindingRules,
    response: FindingRules,
  }),
  decideFindings: endpoint({
    id: 'decideFindings',
    method: 'POST',
    path: '/findings/decide',
    right: 'cis.write',
    tag: 'findings',
    summary:
      'Say what becomes of findings; `open` takes a decision back, and with a change waits for its approval',
    body: z.object({
      ids: z.array(IdParams.shape.id).min(1).max(FINDINGS_DECIDED_MAX),
      state: FindingState,
      note: z.string().trim().max(2_000).nullable().default(null),
      changeId: z.string().max(64).nullable().default(null),
    }),
    response: z.object({
      changed: z.number(),
      failed: z.array(z.object({ id: z.string(), code: z.string(), detail: z.string() })),
    }),
  }),
};
