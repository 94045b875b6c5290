/** Table of the findings. */
import type { FindingKind, FindingRule, FindingState } from '@muster/shared/api/findings.ts';
import type { Kit } from '../kit.ts';

export function findingTables(k: Kit) {
  const findings = k.table(
    'findings',
    {
      id: k.text('id').primaryKey(),
      kind: k.text('kind').$type<FindingKind>().notNull(),
      key: k.text('key').notNull(),
      ciId: k.text('ci_id'),
      title: k.json<{ en: string; zh: string }>('title').notNull(),
      evidence: k.json<Readonly<Record<string, unknown>>>('evidence').notNull(),
      state: k.text('state').$type<FindingState>().notNull(),
      count: k.int('count').notNull(),
      openedAtMs: k.millis('opened_at_ms').notNull(),
      lastAtMs: k.millis('last_at_ms').notNull(),
      decidedBy: k.text('decided_by'),
      decidedAtMs: k.millis('decided_at_ms'),
      note: k.text('note'),
      changeId: k.text('change_id'),
      incidentRef: k.text('incident_ref'),
    },
    (t) => [
      k.index('findings_key').on(t.kind, t.key, t.openedAtMs),
      k.index('findings_state').on(t.state, t.openedAtMs, t.id),
      k.index('findings_ci').on(t.ciId),
    ],
  );
  /** One row: the rules as they are set. */
  const findingRules = k.table('finding_rules', {
    id: k.text('id').primaryKey(),
    rules: k.json<readonly FindingRule[]>('rules').notNull(),
  });
  return { findings, findingRules };
}
