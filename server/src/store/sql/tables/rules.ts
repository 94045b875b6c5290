/** Tables of rules: the rules, which rules of packs were installed, phases of evaluation, alerts. */
import type { Words } from '@muster/shared/api/incidents.ts';
import type { Rule, Severity, SuppressedBy } from '@muster/shared/api/rules.ts';
import type { FlapRing } from '../../../correlation/flapping.ts';
import type { Acknowledgement, AlertState, ResolvedBecause } from '../../../rules/alert.ts';
import type { Track } from '../../../rules/evaluate.ts';
import type { RuleSelector, StoredRule } from '../../../rules/rule.ts';
import type { RuleChange } from '../../../rules/store.ts';
import type { Kit } from '../kit.ts';

export function rulesTables(k: Kit) {
  const rules = k.table('rules', {
    id: k.text('id').primaryKey(),
    name: k.text('name').notNull(),
    enabled: k.bool('enabled').notNull(),
    selector: k.json<RuleSelector>('selector').notNull(),
    condition: k.json<Rule['condition']>('condition').notNull(),
    owner: k.text('owner'),
    agreedOn: k.text('agreed_on'),
    explanation: k.json<Words>('explanation').notNull(),
    pack: k.text('pack'),
    createdAtMs: k.millis('created_at_ms').notNull(),
    updatedAtMs: k.millis('updated_at_ms').notNull(),
  });
  /** Outlives the rule: what was deleted stays deleted. */
  const rulePacks = k.table('rule_packs', { key: k.text('key').primaryKey() });
  /** Outlives the rule too. */
  const ruleVersions = k.table(
    'rule_versions',
    {
      ruleId: k.text('rule_id').notNull(),
      version: k.int('version').notNull(),
      atMs: k.millis('at_ms').notNull(),
      by: k.text('by').notNull(),
      change: k.text('change').$type<RuleChange['change']>().notNull(),
      restoredFrom: k.int('restored_from'),
      rule: k.json<StoredRule>('rule').notNull(),
    },
    (t) => [k.primaryKey({ columns: [t.ruleId, t.version] })],
  );
  const ruleStates = k.table(
    'rule_states',
    {
      ruleId: k
        .text('rule_id')
        .notNull()
        .references(() => rules.id, { onDelete: 'cascade' }),
      ciId: k.text('ci_id').notNull(),
      instance: k.text('instance').notNull(),
      tracks: k.json<readonly Track[]>('tracks').notNull(),
      atMs: k.millis('at_ms').notNull(),
    },
    (t) => [k.primaryKey({ columns: [t.ruleId, t.ciId, t.instance] })],
  );
  const alerts = k.table(
    'alerts',
    {
      id: k.text('id').primaryKey(),
      ruleId: k.text('rule_id').notNull(),
      ciId: k.text('ci_id').notNull(),
      instance: k.text('instance').notNull(),
      /** Rule, CI and instance while it lives, null when resolved: at most one of a key lives. */
      liveKey: k.text('live_key').unique(),
      state: k.text('state').$type<AlertState>().notNull(),
      severity: k.text('severity').$type<Severity>().notNull(),
      ruleName: k.text('rule_name').notNull(),
      metric: k.text('metric'),
      value: k.real('value'),
      level: k.real('level'),
      lastValue: k.real('last_value'),
      levelSinceMs: k.millis('level_since_ms').notNull(),
      breachedAtMs: k.millis('breached_at_ms').notNull(),
      openedAtMs: k.millis('opened_at_ms').notNull(),
      resolvedAtMs: k.millis('resolved_at_ms'),
      resolvedBecause: k.text('resolved_because').$type<ResolvedBecause>(),
      reopened: k.int('reopened').notNull(),
      incidentId: k.text('incident_id'),
      suppressedBy: k.json<SuppressedBy>('suppressed_by'),
      acknowledgement: k.json<Acknowledgement>('acknowledgement'),
      flaps: k.json<FlapRing>('flaps'),
      settled: k.bool('settled').notNull(),
      version: k.int('version').notNull(),
    },
    (t) => [
      k.index('alerts_opened').on(t.openedAtMs, t.id),
      k.index('alerts_ci').on(t.ciId, t.openedAtMs),
      k.index('alerts_state').on(t.state, t.openedAtMs),
      k.index('alerts_rule').on(t.ruleId, t.openedAtMs),
      k.index('alerts_resolved').on(t.resolvedAtMs),
    ],
  );
  return { rules, rulePacks, ruleVersions, ruleStates, alerts };
}
