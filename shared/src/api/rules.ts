/** Rules and alerts. */
import { z } from 'zod';
import { endpoint, IdParams, IsoTime, listOf, Page } from './endpoint.ts';

export const SEVERITIES = ['warning', 'critical'] as const;
export const Severity = z.enum(SEVERITIES);
export type Severity = z.infer<typeof Severity>;

/** Where a rule applies; null = any. */
export const Selector = z.object({
  class: z.array(z.string().max(64)).max(32).nullable().default(null),
  tag: z.string().max(64).nullable().default(null),
  ciId: z.string().max(64).nullable().default(null),
  /** Glob on the instance, e.g. `/var*`. */
  instance: z.string().max(256).nullable().default(null),
});

/** One level: breached beyond `level` for `forMs`; clear again beyond `clear` on the other side. */
export const Level = z.object({
  severity: Severity,
  level: z.number(),
  clear: z.number(),
  /** Level of the condition's floor at this severity; the floor's own where absent. */
  floor: z.number().optional(),
});
export type Level = z.infer<typeof Level>;

export const Condition = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('threshold'),
    metric: z.string().max(64),
    /** above: at the level or more. below: less than it. */
    op: z.enum(['above', 'below']),
    levels: z.array(Level).min(1).max(2),
    /** The breach must last this long without a miss. */
    forMs: z.int().min(0).max(86_400_000),
    /** Clear values must last this long before the alert resolves. */
    keepForMs: z.int().min(0).max(86_400_000),
    /** Second condition that must hold too, at the same instance: e.g. less than 10 GiB left. */
    floor: z
      .object({ metric: z.string().max(64), op: z.enum(['above', 'below']), level: z.number() })
      .nullable()
      .default(null),
  }),
  /** The machine is silent when it is expected; the times come from its presence expectation. */
  z.object({
    type: z.literal('silent'),
    severity: Severity,
    /** How long the silence must last beyond the time that makes it one; none where absent. */
    forMs: z.int().min(0).max(86_400_000).optional(),
  }),
]);
export type Condition = z.infer<typeof Condition>;

const RuleFields = {
  name: z.string().trim().min(1).max(128),
  enabled: z.boolean(),
  selector: Selector,
  condition: Condition,
  owner: z.string().trim().max(128).nullable(),
  /** Day on which the levels were agreed (ISO date), K1. */
  agreedOn: z.iso.date().nullable(),
  /** What it means and what to do, shown with each incident. */
  explanation: z.object({ en: z.string().max(2000), zh: z.string().max(2000) }),
};

export const Rule = z.object({
  id: z.string(),
  ...RuleFields,
  pack: z.string().nullable(),
  createdAt: IsoTime,
  updatedAt: IsoTime,
});
export type Rule = z.infer<typeof Rule>;

export const ALERT_STATES = ['open', 'acknowledged', 'suppressed', 'resolved'] as const;
export const Alert = z.object({
  id: z.string(),
  state: z.enum(ALERT_STATES),
  severity: Severity,
  ruleId: z.string(),
  ruleName: z.string(),
  ciId: z.string(),
  ciName: z.string(),
  instance: z.string(),
  metric: z.string().nullable(),
  unit: z.string().nullable(),
  /** Value at the breach, the level in force, the latest value. */
  value: z.number().nullable(),
  level: z.number().nullable(),
  lastValue: z.number().nullable(),
  /** First sample beyond the level; when the `for` time was over; when it was resolved. */
  breachedAt: IsoTime,
  openedAt: IsoTime,
  resolvedAt: IsoTime.nullable(),
  incidentId: z.string().nullable(),
});
export type Alert = z.infer<typeof Alert>;

export const rulesEndpoints = {
  listRules: endpoint({
    id: 'listRules',
    method: 'GET',
    path: '/rules',
    right: 'read',
    tag: 'rules',
    summary: 'Rules',
    query: Page,
    response: listOf(Rule),
  }),
  getRule: endpoint({
    id: 'getRule',
    method: 'GET',
    path: '/rules/:id',
    right: 'read',
    tag: 'rules',
    summary: 'One rule',
    params: IdParams,
    response: Rule,
  }),
  createRule: endpoint({
    id: 'createRule',
    method: 'POST',
    path: '/rules',
    right: 'rules.write',
    tag: 'rules',
    summary: 'Add a rule',
    body: z.object({
      ...RuleFields,
      enabled: z.boolean().default(true),
      selector: Selector.prefault({}),
      owner: RuleFields.owner.default(null),
      agreedOn: RuleFields.agreedOn.default(null),
      explanation: RuleFields.explanation.default({ en: '', zh: '' }),
    }),
    response: Rule,
    status: 201,
  }),
  updateRule: endpoint({
    id: 'updateRule',
    method: 'PATCH',
    path: '/rules/:id',
    right: 'rules.write',
    tag: 'rules',
    summary: 'Change a rule',
    params: IdParams,
    body: z.object(RuleFields).partial(),
    response: Rule,
  }),
  deleteRule: endpoint({
    id: 'deleteRule',
    method: 'DELETE',
    path: '/rules/:id',
    right: 'rules.write',
    tag: 'rules',
    summary: 'Delete a rule; its open alerts resolve',
    params: IdParams,
    status: 204,
  }),
  listAlerts: endpoint({
    id: 'listAlerts',
    method: 'GET',
    path: '/alerts',
    right: 'read',
    tag: 'rules',
    summary: 'Alerts, newest first',
    query: Page.extend({ state: z.enum(ALERT_STATES).optional(), ci: z.string().max(64).optional() }),
    response: listOf(Alert),
  }),
};
