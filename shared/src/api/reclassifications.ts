/** Judging a stretch of a record otherwise than it says, by two people; the record itself is never changed. */
import { z } from 'zod';
import { ReclassifiedAs } from './availability.ts';
import { endpoint, IdParams, IsoTime, IsoTimeInput, listOf, Page } from './endpoint.ts';

export const RECLASSIFY_REASON_MAX = 2_000;
export const RECLASSIFICATIONS_PENDING_MAX = 1_000;
export const RECLASSIFIED_DAYS_MAX = 400;

/** pending: asked for. approved: in force. undone: was in force until another request took it back. */
export const RECLASSIFICATION_STATES = ['pending', 'approved', 'refused', 'withdrawn', 'undone'] as const;
export const ReclassificationState = z.enum(RECLASSIFICATION_STATES);
export type ReclassificationState = z.infer<typeof ReclassificationState>;

const Reason = z.string().trim().min(3).max(RECLASSIFY_REASON_MAX);

export const Reclassification = z.object({
  id: z.string(),
  ciId: z.string(),
  ciName: z.string(),
  from: IsoTime,
  to: IsoTime,
  as: ReclassifiedAs,
  reason: z.string(),
  /** It asks to take this one back. */
  undoes: z.string().nullable(),
  state: ReclassificationState,
  requestedBy: z.string(),
  requestedAt: IsoTime,
  decidedBy: z.string().nullable(),
  decidedAt: IsoTime.nullable(),
  decisionNote: z.string().nullable(),
  /** Pending, of a machine: since it was asked for the record of this time was corrected; the latest time. null: not. */
  correctedAt: IsoTime.nullable(),
  /** Who asks may decide it: a person, and not the one who requested it. */
  mayDecide: z.boolean(),
  /** Who asks requested it and may withdraw it. */
  mayWithdraw: z.boolean(),
});
export type Reclassification = z.infer<typeof Reclassification>;

export const reclassificationsEndpoints = {
  listReclassifications: endpoint({
    id: 'listReclassifications',
    method: 'GET',
    path: '/availability/reclassifications',
    right: 'read',
    tag: 'availability',
    summary: 'Requests to judge the record otherwise, the newest first',
    query: Page.extend({
      state: ReclassificationState.optional(),
      ci: z.string().min(1).max(64).optional(),
    }),
    response: listOf(Reclassification).extend({ pending: z.number() }),
  }),
  requestReclassification: endpoint({
    id: 'requestReclassification',
    method: 'POST',
    path: '/availability/reclassifications',
    right: 'availability.request',
    tag: 'availability',
    summary: 'Asks for a stretch of the record of a machine or service to be judged otherwise',
    body: z.object({
      ciId: z.string().min(1).max(64),
      from: IsoTimeInput,
      to: IsoTimeInput,
      as: ReclassifiedAs,
      reason: Reason,
    }),
    response: Reclassification,
    status: 201,
  }),
  decideReclassification: endpoint({
    id: 'decideReclassification',
    method: 'POST',
    path: '/availability/reclassifications/:id/decision',
    right: 'availability.approve',
    tag: 'availability',
    summary: 'Approves or refuses a request; by a second person',
    params: IdParams,
    body: z.object({
      approve: z.boolean(),
      /** Needed to refuse. */
      note: z.string().trim().max(RECLASSIFY_REASON_MAX).default(''),
    }),
    response: Reclassification,
  }),
  withdrawReclassification: endpoint({
    id: 'withdrawReclassification',
    method: 'POST',
    path: '/availability/reclassifications/:id/withdrawal',
    right: 'availability.request',
    tag: 'availability',
    summary: 'Takes back a request that nobody has decided, by who made it',
    params: IdParams,
    response: Reclassification,
  }),
  undoReclassification: endpoint({
    id: 'undoReclassification',
    method: 'POST',
    path: '/availability/reclassifications/:id/undo',
    right: 'availability.request',
    tag: 'availability',
    summary: 'Asks to take back one that is in force; again decided by a second person',
    params: IdParams,
    body: z.object({ reason: Reason }),
    response: Reclassification,
    status: 201,
  }),
};
