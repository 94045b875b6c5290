/** Rules and alerts. */
import { z } from 'zod';
import { REACH_STEPS } from '../rules/reach.ts';
import { endpoint, IdParams, IsoTime, IsoTimeInput, listOf, Page } from './endpoint.ts';

export const SEVERITIES = ['warning', 'critical'] as const;
export const Severity = z.enum(SEVERITIES);
export type Severity = z.infer<typeof Severity>;

/** Where a rule applies; null = any. */
export const Selector = z.object({
  class: z.array(z.string().max(64)).max(32).nullable().default(null),
  tag: z.string().max(64).nullable().default(null),
  ciId: z.string().max(64).nullable().default(null),
  /** Id of a Location that holds it, at whatever depth; absent = any. */
  location: z.string().max(64).nullable().optional(),
  /** Id of a Service that its failure reaches; absent = any. */
  service: z.string().max(64).nullable().optional(),
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

const MetricText = z.string().max(64);
const Hold = z.int().min(0).max(86_400_000);
/** A second condition that must hold too, at the same instance: e.g. less than 10 GiB left. */
const Floor = z.object({
  metric: MetricText,
  op: z.enum(['above', 'below']),
  level: z.number(),
  /** What a machine counts as that does not measure this metric; where absent, nothing is raised on it. */
  absent: z.literal('holds').optional(),
});

/** Longest window over which samples are looked at together. */
export const WINDOW_MS_MAX = 14 * 86_400_000;
export const WINDOW_MS_MIN = 10_000;
/** Samples that a soft breach may take to be confirmed, at the most. */
export const CONFIRM_SAMPLES_MAX = 60;
/** What counts in a window. `increase`, `changes` and `resets` count things; the others have the unit of the metric. */
export const WINDOW_FNS = ['avg', 'min', 'max', 'p95', 'rate', 'increase', 'changes', 'resets'] as const;
export type WindowFn = (typeof WINDOW_FNS)[number];

/** Samples looked at together instead of one by one. */
export const RuleWindow = z.union([
  z.object({ fn: z.enum(WINDOW_FNS), overMs: z.int().min(WINDOW_MS_MIN).max(WINDOW_MS_MAX) }),
  /** The level counts as passed when `n` of the last `m` samples are beyond it. */
  z.object({
    fn: z.literal('n-of-m'),
    n: z.int().min(1).max(CONFIRM_SAMPLES_MAX),
    m: z.int().min(1).max(CONFIRM_SAMPLES_MAX),
  }),
]);
export type RuleWindow = z.infer<typeof RuleWindow>;

/** Rules that one composite looks at, at the most. */
export const COMPOSITE_RULES_MAX = 16;
/** Weeks that a baseline is learned from. */
export const BASELINE_WEEKS_MIN = 3;
export const BASELINE_WEEKS_MAX = 26;

export const Condition = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('threshold'),
    metric: MetricText,
    /** above: at the level or more. below: less than it. */
    op: z.enum(['above', 'below']),
    levels: z.array(Level).min(1).max(2),
    /** The breach must last this long without a miss. */
    forMs: Hold,
    /** Clear values must last this long before the alert resolves. */
    keepForMs: Hold,
    /** Second condition that must hold too, at the same instance: e.g. less than 10 GiB left. */
    floor: Floor.nullable().default(null),
    /** Each sample by itself where absent. */
    window: RuleWindow.optional(),
  }),
  /** The machine is silent when it is expected; the times come from its presence expectation. */
  z.object({
    type: z.literal('silent'),
    severity: Severity,
    /** How long the silence must last beyond the time that makes it one; none where absent. */
    forMs: z.int().min(0).max(86_400_000).optional(),
  }),
  /** Nothing of a metric that was there, while the machine itself is heard: a collector died, a disk vanished. */
  z.object({
    type: z.literal('absence'),
    metric: MetricText,
    severity: Severity,
    forMs: z
      .int()
      .min(60_000)
      .max(7 * 86_400_000),
    /** metric: all instances are gone. instance: each one by itself. */
    scope: z.enum(['metric', 'instance']).default('metric'),
  }),
  /** The value becomes another one. */
  z.object({
    type: z.literal('change'),
    metric: MetricText,
    direction: z.enum(['any', 'up', 'down']).default('any'),
    /** Change that counts, in the metric's unit; at 0 each one does. */
    atLeast: z.number().min(0).default(0),
    /** Within this time. */
    overMs: z.int().min(WINDOW_MS_MIN).max(WINDOW_MS_MAX),
    /** Without a change for this long it resolves. */
    keepForMs: Hold,
    severity: Severity,
  }),
  /** The value will have reached the level within a time, if it goes on as it did. */
  z.object({
    type: z.literal('forecast'),
    metric: MetricText,
    op: z.enum(['above', 'below']),
    level: z.number(),
    /** The past that the line is drawn through. */
    overMs: z.int().min(600_000).max(WINDOW_MS_MAX),
    levels: z
      .array(
        z.object({ severity: Severity, withinMs: z.int().min(60_000), clearWithinMs: z.int().min(60_000) }),
      )
      .min(1)
      .max(2),
    /** The forecast must stay so for this long; must be clear for this long. */
    forMs: Hold.default(0),
    keepForMs: Hold.default(0),
    /** And this must be so now: what is nearly empty is no trouble yet, however fast it fills. */
    floor: Floor.nullable().default(null),
  }),
  /** The value is far from what is usual at this hour of the week. */
  z.object({
    type: z.literal('baseline'),
    metric: MetricText,
    direction: z.enum(['above', 'below', 'both']).default('above'),
    /** Distances in deviations. */
    levels: z
      .array(z.object({ severity: Severity, deviations: z.number().min(1), clear: z.number().min(0) }))
      .min(1)
      .max(2),
    /** What must be passed anyhow: above at least, below less than; both: the distance from usual is at least. */
    minimum: z.number(),
    /** Weeks looked back at; without as many there is no judgement. */
    weeks: z.int().min(BASELINE_WEEKS_MIN).max(BASELINE_WEEKS_MAX).default(4),
    /** The value compared is the average of this time. */
    overMs: z.int().min(WINDOW_MS_MIN).max(3_600_000).default(900_000),
    forMs: Hold,
    keepForMs: Hold,
  }),
  /** The series behaves as it never did: a score from 0 to 1, the same for all series. */
  z.object({
    type: z.literal('anomaly'),
    metric: MetricText,
    score: z.number().gt(0).max(1),
    clear: z.number().min(0).max(1),
    severity: Severity,
    forMs: Hold,
    keepForMs: Hold,
  }),
  /** Other rules of the same CI have alerts, of whatever instance: all of them, or any. */
  z.object({
    type: z.literal('composite'),
    op: z.enum(['and', 'or']),
    rules: z.array(z.string().max(64)).min(1).max(COMPOSITE_RULES_MAX),
    severity: Severity,
    /** So for this long. */
    forMs: Hold.default(0),
  }),
]);
export type Condition = z.infer<typeof Condition>;

const NameWords = z.object({ en: z.string(), zh: z.string() });

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
  /** The name in both languages, for rules that came with the product and were not renamed; else absent. */
  nameWords: NameWords.optional(),
  /** The condition in sentences. */
  says: z.array(NameWords).optional(),
  pack: z.string().nullable(),
  createdAt: IsoTime,
  updatedAt: IsoTime,
});
export type Rule = z.infer<typeof Rule>;

/** A rule as it is being written: what it takes to try it on the past. */
export const RuleDraft = z.object({ selector: Selector.prefault({}), condition: Condition });
export type RuleDraft = z.infer<typeof RuleDraft>;

/** Days of history that a back-test looks at, at the most. */
export const BACKTEST_DAYS_MAX = 30;
/** Longest run of one back-test; what it has not reached by then it leaves out, and says so. */
export const BACKTEST_MS_MAX = 10_000;
/** Machines that one back-test reads. Of more, a fair sample is taken, always the same one. */
export const BACKTEST_MACHINES_MAX = 200;
/** Episodes that its answer lists, newest first; the counts are of all. */
export const BACKTEST_EPISODES_MAX = 200;
/** Machines that its answer ranks. */
export const BACKTEST_RANKED_MAX = 50;

/** One would-be alert. */
export const Episode = z.object({
  ciId: z.string(),
  ciName: z.string(),
  instance: z.string(),
  severity: Severity,
  /** When it would have opened; null at `to`: it would still be open. */
  from: IsoTime,
  to: IsoTime.nullable(),
  /** The value furthest beyond the level; null for silence. */
  worst: z.number().nullable(),
  /** Number of the incident that it would have opened or joined, from 1. */
  incident: z.int().optional(),
});
export type Episode = z.infer<typeof Episode>;

export const Backtest = z.object({
  from: IsoTime,
  to: IsoTime,
  /** What was evaluated: samples as they came, averages of a step, or intervals of presence. */
  basis: z.enum(['raw', '1m', '10m', '1h', 'presence']),
  machines: z.object({
    /** To which the rule applies. */
    matching: z.number(),
    /** Of which history was read. */
    looked: z.number(),
    /** Of those, with anything of the metric in the time. */
    withData: z.number(),
    /** On which a more particular rule is in force instead, for some or all of their series. */
    outdone: z.number(),
  }),
  /** Why fewer machines were looked at than match. */
  limitedBy: z.enum(['machines', 'time']).nullable(),
  count: z.number(),
  /** Would-be incidents: alerts of one cause that are hardly apart share one. */
  incidents: z.number().optional(),
  critical: z.number(),
  affected: z.number(),
  longestMs: z.number().nullable(),
  /** Share of the time for which there were samples, 0 to 100; null without any machine. */
  coverage: z.number().nullable(),
  /** The longest time of the whole for which one machine has data; null: none has any. */
  dataMs: z.number().nullable(),
  /** Data of one machine that the rule needs before it can say anything. */
  neededMs: z.number(),
  /** Each local day of the time, the first and the last one cut, with the alerts that would have opened in it. */
  days: z.array(z.object({ from: IsoTime, count: z.number(), critical: z.number() })),
  /** Machines with data, most would-be alerts first. */
  ranked: z.array(z.object({ ciId: z.string(), ciName: z.string(), count: z.number() })),
  episodes: z.array(Episode),
});
export type Backtest = z.infer<typeof Backtest>;

export const RULE_CHANGES = ['installed', 'created', 'changed', 'restored', 'deleted'] as const;

/** What a rule was after a change, by whom and when. */
export const RuleVersion = z.object({
  version: z.int(),
  at: IsoTime,
  /** As in the audit log: `user:anna`, `token:ci`, `system`. */
  by: z.string(),
  change: z.enum(RULE_CHANGES),
  /** For `restored`: the version that it was taken from. */
  restoredFrom: z.int().nullable(),
  rule: Rule,
});
export type RuleVersion = z.infer<typeof RuleVersion>;

/** Days over which the noise of a rule is counted. */
export const NOISE_DAYS = 30;
/** Minutes within which an alert that ends by itself has told nobody anything worth knowing. */
export const NOISE_BRIEF_MINUTES = 10;

/** Alerts of a rule in the last NOISE_DAYS, counted as a back-test does: planned absence is left aside. */
export const RuleNoise = z.object({
  alerts: z.int(),
  /** Of these: over by themselves within NOISE_BRIEF_MINUTES, acknowledged by nobody. */
  brief: z.int(),
  /** Which they opened or joined. */
  incidents: z.int(),
  /** On which they were. */
  machines: z.int(),
  /** Alerts for each machine that it applies to and NOISE_DAYS; null: it applies to none. */
  perMachine: z.number().nullable(),
  /** For how many of NOISE_DAYS the rule has been there; a rule is made, it was not there before. */
  days: z.number(),
});
export type RuleNoise = z.infer<typeof RuleNoise>;

/** What the list of rules shows beside the rules themselves. */
export const RuleFacts = z.object({
  ruleId: z.string(),
  /** To how many machines it applies, on or off. */
  machines: z.number(),
  openAlerts: z.number(),
  /** When an alert of it opened last. */
  lastFiredAt: IsoTime.nullable(),
  noise: RuleNoise,
});
export type RuleFacts = z.infer<typeof RuleFacts>;

/** The step by which a rule reaches a series: `ciId` stands for the machine; null: it is for everything. */
const SetBy = z.enum(REACH_STEPS).nullable();

/** What is in force for one series of a machine, and what it replaces. */
export const InForce = z.object({
  /** null: silence, and what stands on other rules. */
  metric: z.string().nullable(),
  /** null: the machine has not reported anything of the metric yet. */
  instance: z.string().nullable(),
  ruleId: z.string(),
  setBy: SetBy,
  /** Which rules it outdoes here, the most particular first. */
  outdone: z.array(z.object({ ruleId: z.string(), setBy: SetBy })),
});
export type InForce = z.infer<typeof InForce>;

export const ALERT_STATES = ['open', 'acknowledged', 'suppressed', 'resolved'] as const;

export const QUIET_KINDS = ['maintenance', 'dependency', 'flapping', 'storm'] as const;
export type QuietKind = (typeof QUIET_KINDS)[number];

/** Why an alert is not told by itself. */
export const SuppressedBy = z.object({
  kind: z.enum(QUIET_KINDS),
  /** The maintenance window, or the CI that is to blame; null: none of its own. */
  id: z.string().nullable(),
  words: NameWords,
});
export type SuppressedBy = z.infer<typeof SuppressedBy>;

export const Alert = z.object({
  id: z.string(),
  state: z.enum(ALERT_STATES),
  severity: Severity,
  ruleId: z.string(),
  ruleName: z.string(),
  /** As `Rule.nameWords`. */
  ruleNameWords: NameWords.optional(),
  ciId: z.string(),
  ciName: z.string(),
  instance: z.string(),
  /** Names of the rules that it stands on, where it is of a rule on other rules; then it has no value. */
  standsOn: z.array(NameWords).optional(),
  metric: z.string().nullable(),
  unit: z.string().nullable(),
  /** Value at the breach, the level in force, the latest value. */
  value: z.number().nullable(),
  level: z.number().nullable(),
  lastValue: z.number().nullable(),
  /** When the latest value was measured, where it is not of now: its machine is silent, or its series has stopped. */
  lastValueAt: IsoTime.optional(),
  /** First sample beyond the level; when the `for` time was over; when it was resolved. */
  breachedAt: IsoTime,
  openedAt: IsoTime,
  resolvedAt: IsoTime.nullable(),
  incidentId: z.string().nullable(),
  /** 'INC-0001', where the incident is known. */
  incidentRef: z.string().nullable().default(null),
  /** null: it is told, or its end was. */
  suppressedBy: SuppressedBy.nullable().default(null),
  /** Somebody has seen it. With `until` it is told again then, if it still stands. */
  acknowledgement: z
    .object({ by: z.string(), at: IsoTime, until: IsoTime.nullable(), note: z.string() })
    .nullable()
    .default(null),
  /** It changes so often that single changes are not told: the weighted share, in %, and the count of the last 20 moments. */
  flapping: z.object({ percent: z.number(), changes: z.int() }).nullable().default(null),
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
    body: z
      .object(RuleFields)
      .partial()
      // As it was read: a rule that has been changed since is not written over.
      .extend({ updatedAt: IsoTimeInput.optional() }),
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
  backtestRule: endpoint({
    id: 'backtestRule',
    method: 'POST',
    path: '/rules/backtest',
    // Whoever may read the history may ask what a rule would have made of it; nothing is written.
    right: 'read',
    audited: false,
    tag: 'rules',
    summary: 'Would-be alerts of a draft over stored history',
    body: RuleDraft.extend({
      /** The rule that the draft is to replace: it does not compete with itself. */
      ruleId: z.string().max(64).optional(),
      days: z.int().min(1).max(BACKTEST_DAYS_MAX).default(BACKTEST_DAYS_MAX),
      /** Only these of the machines that match. */
      ciIds: z.array(z.string().max(64)).min(1).max(BACKTEST_MACHINES_MAX).optional(),
      /** Minutes that local time is ahead of UTC: where days begin. */
      utcOffsetMinutes: z.int().min(-840).max(840).default(0),
    }),
    response: Backtest,
  }),
  ruleHistory: endpoint({
    id: 'ruleHistory',
    method: 'GET',
    path: '/rules/:id/history',
    right: 'read',
    tag: 'rules',
    summary: 'Versions of a rule, newest first; of a deleted one too',
    params: IdParams,
    query: Page,
    response: listOf(RuleVersion),
  }),
  restoreRule: endpoint({
    id: 'restoreRule',
    method: 'POST',
    path: '/rules/:id/restore',
    right: 'rules.write',
    tag: 'rules',
    summary: 'Make a rule what it was in a version; on or off stays, a deleted one comes back switched off',
    params: IdParams,
    body: z.object({ version: z.int().min(1) }),
    response: Rule,
  }),
  listRuleFacts: endpoint({
    id: 'listRuleFacts',
    method: 'GET',
    path: '/rule-facts',
    right: 'read',
    tag: 'rules',
    summary: 'Machines, open alerts, last alert and noise of each rule',
    response: z.object({ items: z.array(RuleFacts) }),
  }),
  rulesInForce: endpoint({
    id: 'rulesInForce',
    method: 'GET',
    path: '/cis/:id/rules',
    right: 'read',
    tag: 'rules',
    summary: 'Which rules are in force for each series of a machine, and by what they are set',
    params: IdParams,
    response: z.object({
      /** All that `items` speak of. */
      rules: z.array(Rule),
      /** What selectors ask of it beside its own fields; locations nearest first. */
      belongsTo: z.object({ locations: z.array(z.string()), services: z.array(z.string()) }),
      items: z.array(InForce),
    }),
  }),
  listAlerts: endpoint({
    id: 'listAlerts',
    method: 'GET',
    path: '/alerts',
    right: 'read',
    tag: 'rules',
    summary: 'Alerts, newest first',
    query: Page.extend({
      /** `live`: all that are not resolved. */
      state: z.enum([...ALERT_STATES, 'live']).optional(),
      /** Of those that are not resolved, why they are quiet. */
      quiet: z.enum(QUIET_KINDS).optional(),
      severity: Severity.optional(),
      rule: z.string().max(64).optional(),
      ci: z.string().max(64).optional(),
      /** Opened at or after, opened before. */
      from: IsoTimeInput.optional(),
      to: IsoTimeInput.optional(),
      /** Part of rule name, metric, instance or machine name; case is ignored. */
      q: z.string().trim().max(128).optional(),
    }),
    response: listOf(Alert),
  }),
};
