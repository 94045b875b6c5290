/** What people do with alerts: who has seen which, until when and why. */
import { z } from 'zod';
import { endpoint, IsoTimeInput } from './endpoint.ts';
import { Alert } from './rules.ts';

/** Alerts that are acknowledged with one request, at the most. */
export const ACKNOWLEDGED_AT_ONCE_MAX = 500;
/** An acknowledgement lasts so long at the most: what is not mended by then is told again. */
export const ACKNOWLEDGE_DAYS_MAX = 30;
export const ACKNOWLEDGE_NOTE_MAX = 500;

const AlertIds = z.array(z.string().max(64)).min(1).max(ACKNOWLEDGED_AT_ONCE_MAX);

/** Why nothing was done with an alert. */
export const LEFT_BECAUSE = ['not-found', 'resolved', 'held-back', 'not-acknowledged'] as const;

const Outcome = z.object({
  /** Those that it was done with, as they are now. */
  done: z.array(Alert),
  left: z.array(z.object({ id: z.string(), because: z.enum(LEFT_BECAUSE) })),
});
export type AcknowledgeOutcome = z.infer<typeof Outcome>;

/** Alerts that are not resolved, by what becomes of them; each is counted once in `total`. */
export const AlertCounts = z.object({
  total: z.int(),
  open: z.int(),
  acknowledged: z.int(),
  suppressed: z.int(),
  critical: z.int(),
  /** Of the open and suppressed ones, by why they are quiet. */
  maintenance: z.int(),
  dependency: z.int(),
  flapping: z.int(),
  storm: z.int(),
});
export type AlertCounts = z.infer<typeof AlertCounts>;

export const alertsEndpoints = {
  acknowledgeAlerts: endpoint({
    id: 'acknowledgeAlerts',
    method: 'POST',
    path: '/alerts/acknowledge',
    right: 'incidents.write',
    tag: 'rules',
    summary: 'Somebody has seen these alerts; told again at `until` if they still stand',
    body: z.object({
      ids: AlertIds,
      /** null: until they are resolved. */
      until: IsoTimeInput.nullable().default(null),
      note: z.string().trim().min(1).max(ACKNOWLEDGE_NOTE_MAX),
    }),
    response: Outcome,
  }),
  withdrawAcknowledgements: endpoint({
    id: 'withdrawAcknowledgements',
    method: 'POST',
    path: '/alerts/withdraw-acknowledgement',
    right: 'incidents.write',
    tag: 'rules',
    summary: 'Nobody has seen these alerts after all',
    body: z.object({ ids: AlertIds }),
    response: Outcome,
  }),
  countAlerts: endpoint({
    id: 'countAlerts',
    method: 'GET',
    path: '/alert-counts',
    right: 'read',
    tag: 'rules',
    summary: 'Alerts that are not resolved, by state and by why they are quiet',
    response: AlertCounts,
  }),
};
