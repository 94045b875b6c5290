/** Change records (what, which CIs, window, who approved) and the policy of what needs none. ISO/IEC 20000-1 8.5.1. */
import { z } from 'zod';
import { CHANGE_STATES } from './choices.ts';
import { MACHINE_CLASSES } from '../cmdb/classes.ts';
import { endpoint, IdParams, IsoTime, IsoTimeInput, listOf, Page } from './endpoint.ts';

/** What can happen to a machine, as its inventory shows it. */
export const CHANGE_KINDS = [
  'hardware-added',
  'hardware-removed',
  'hardware-changed',
  'firmware-changed',
  'os-changed',
  'software-installed',
  'software-removed',
  'software-updated',
  'configuration-changed',
  'driver-changed',
  'account-changed',
  'security-changed',
  'network-changed',
  'service-changed',
] as const;
export const ChangeKind = z.enum(CHANGE_KINDS);
export type ChangeKind = z.infer<typeof ChangeKind>;

export const ChangeState = z.enum(CHANGE_STATES);
export type ChangeState = z.infer<typeof ChangeState>;

/** from → allowed next states. Only somebody who did not request it moves it to approved or rejected. */
export const CHANGE_TRANSITIONS = {
  requested: ['approved', 'rejected', 'cancelled'],
  approved: ['closed', 'cancelled'],
  rejected: [],
  cancelled: [],
  closed: [],
} as const satisfies Record<ChangeState, readonly ChangeState[]>;

export const CHANGE_CIS_MAX = 2_000;
const Title = z.string().trim().min(1).max(200);
const LongText = z.string().trim().max(10_000);

const ChangeFields = z.object({
  title: Title,
  description: LongText.default(''),
  /** What may happen; none: anything. */
  kinds: z.array(ChangeKind).max(CHANGE_KINDS.length).default([]),
  /** The CIs it is of, by name or by tag; at least one of the two. */
  ciIds: z.array(IdParams.shape.id).max(CHANGE_CIS_MAX).default([]),
  tags: z.array(z.string().trim().min(1).max(64)).max(32).default([]),
  startsAt: IsoTimeInput,
  endsAt: IsoTimeInput,
});

export const Change = z.object({
  id: z.string(),
  ref: z.string(),
  title: z.string(),
  description: z.string(),
  state: ChangeState,
  kinds: z.array(ChangeKind),
  cis: z.array(z.object({ id: z.string(), name: z.string(), class: z.string() })),
  tags: z.array(z.string()),
  startsAt: IsoTime,
  endsAt: IsoTime,
  requestedBy: z.string(),
  requestedAt: IsoTime,
  /** Who approved or rejected it; never who requested it. */
  decidedBy: z.string().nullable(),
  decidedAt: IsoTime.nullable(),
  note: z.string().nullable(),
  /** Whether the caller may approve it. */
  mayDecide: z.boolean(),
});
export type Change = z.infer<typeof Change>;

/** Minutes of a day in the zone. */
const MinuteOfDay = z.int().min(0).max(1_440);

/** What needs no change record: the everyday patches, when and where they are allowed. */
export const PolicyRule = z.object({
  id: z.string().max(64),
  name: Title,
  enabled: z.boolean(),
  kinds: z.array(ChangeKind).min(1),
  /** None: all. */
  classes: z.array(z.enum(MACHINE_CLASSES)),
  tags: z.array(z.string().trim().min(1).max(64)).max(32),
  /** Package sources ('dpkg', 'windows' …); none: all. */
  sources: z.array(z.string().max(32)).max(16),
  /** Names with * for any part; none: all. */
  names: z.array(z.string().trim().min(1).max(256)).max(100),
  /** 1 Monday to 7 Sunday; none: every day. */
  days: z.array(z.int().min(1).max(7)).max(7),
  /** Empty window (0, 1440): all day. A window over midnight ends the next day. */
  fromMinute: MinuteOfDay,
  toMinute: MinuteOfDay,
  /** IANA name. */
  timeZone: z.string().max(64),
});
export type PolicyRule = z.infer<typeof PolicyRule>;

export const ChangePolicy = z.object({
  /** Kinds that need an approved change, by class; what is not watched is history and no more. */
  watched: z.partialRecord(z.enum(MACHINE_CLASSES), z.array(ChangeKind)),
  allowed: z.array(PolicyRule).max(200),
});
export type ChangePolicy = z.infer<typeof ChangePolicy>;

export const changesEndpoints = {
  listChanges: endpoint({
    id: 'listChanges',
    method: 'GET',
    path: '/changes',
    right: 'read',
    tag: 'changes',
    summary: 'Change records, the latest window first',
    query: Page.extend({ state: ChangeState.optional(), ci: z.string().max(64).optional() }),
    response: listOf(Change),
  }),
  getChange: endpoint({
    id: 'getChange',
    method: 'GET',
    path: '/changes/:id',
    right: 'read',
    tag: 'changes',
    summary: 'One change record',
    params: IdParams,
    response: Change,
  }),
  createChange: endpoint({
    id: 'createChange',
    method: 'POST',
    path: '/changes',
    right: 'changes.request',
    tag: 'changes',
    summary: 'Request a change',
    status: 201,
    body: ChangeFields,
    response: Change,
  }),
  updateChange: endpoint({
    id: 'updateChange',
    method: 'PATCH',
    path: '/changes/:id',
    right: 'changes.request',
    tag: 'changes',
    summary: 'Correct a change that is not decided yet',
    params: IdParams,
    body: ChangeFields.partial(),
    response: Change,
  }),
  moveChange: endpoint({
    id: 'moveChange',
    method: 'POST',
    path: '/changes/:id/transitions',
    right: 'changes.request',
    tag: 'changes',
    summary: 'Approve, reject, cancel or close a change; who requested it cannot approve it',
    params: IdParams,
    body: z.object({ to: ChangeState, note: LongText.nullable().default(null) }),
    response: Change,
  }),
  getChangePolicy: endpoint({
    id: 'getChangePolicy',
    method: 'GET',
    path: '/change-policy',
    right: 'read',
    tag: 'changes',
    summary: 'What needs an approved change, and what does not',
    response: ChangePolicy,
  }),
  putChangePolicy: endpoint({
    id: 'putChangePolicy',
    method: 'PUT',
    path: '/change-policy',
    right: 'changes.approve',
    tag: 'changes',
    summary: 'Set what needs an approved change, and what does not',
    body: ChangePolicy,
    response: ChangePolicy,
  }),
};
