/** HTTP operations that the rule editor needs beside reading and writing: trying a draft on the past, versions, facts. */
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { RuleVersion } from '@muster/shared/api/rules.ts';
import { toIso } from '@muster/shared/time.ts';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { AppError } from '../errors.ts';
import type { Routes } from '../http/routes.ts';
import type { Backtester } from './backtest.ts';
import type { RuleEngine } from './engine.ts';
import { ruleView, RULES_MAX } from './routes.ts';
import { appliesTo } from './rule.ts';
import type { StoredRule } from './rule.ts';
import type { RulesStore, RuleVersionRecord } from './store.ts';
import { validateCondition } from './validate.ts';

interface EditorRouteDeps {
  readonly engine: RuleEngine;
  readonly store: Pick<RulesStore, 'versions' | 'version'>;
  readonly directory: CiDirectory;
  readonly backtester: Backtester;
}

export function addRuleEditorRoutes(routes: Routes, deps: EditorRouteDeps): void {
  const { engine, store, directory, backtester } = deps;

  routes.add(ENDPOINTS.backtestRule, async ({ body }, { nowMs, signal }) => {
    validateCondition(body.condition);
    return backtester.run(body, nowMs, signal);
  });

  routes.add(ENDPOINTS.ruleHistory, async ({ params, query }) => {
    const before = query.cursor === undefined ? undefined : Number(decodeCursor(query.cursor, 1)[0]);
    const found = await store.versions(params.id, query.limit + 1, before);
    const items = found.slice(0, query.limit);
    const last = items.at(-1);
    if (found.length === 0 && before === undefined && !engine.rule(params.id))
      throw new AppError('not-found', `There is no rule ${params.id}, and there was none.`);
    return {
      items: items.map(versionView),
      nextCursor: last && found.length > items.length ? encodeCursor([String(last.version)]) : null,
    };
  });

  routes.add(ENDPOINTS.restoreRule, async ({ params, body }, { nowMs, actor }) => {
    const held = await store.version(params.id, body.version);
    if (!held) throw new AppError('not-found', `Rule ${params.id} has no version ${body.version}.`);
    const present = engine.rule(params.id);
    if (!present && engine.rules().length >= RULES_MAX)
      throw new AppError('conflict', `There are ${RULES_MAX} rules, which is the limit. Delete one first.`);
    // What was valid then may not be any more: metrics come and go with upgrades.
    validateCondition(held.rule.condition);
    const rule: StoredRule = { ...held.rule, enabled: present?.enabled ?? false, updatedAtMs: nowMs };
    const change = { atMs: nowMs, by: actor.name, change: 'restored', restoredFrom: body.version } as const;
    await engine.putRule(rule, nowMs, change);
    return ruleView(rule);
  });

  routes.add(ENDPOINTS.listRuleFacts, async () => {
    const alerts = engine.alertFacts();
    const machines = [...directory.all()];
    return {
      items: engine.rules().map((rule) => {
        const { open = 0, lastOpenedMs = null } = alerts.get(rule.id) ?? {};
        return {
          ruleId: rule.id,
          machines: countOf(rule, machines),
          openAlerts: open,
          lastFiredAt: lastOpenedMs === null ? null : toIso(lastOpenedMs),
        };
      }),
    };
  });
}

/** On or off: what it would apply to. */
function countOf(rule: StoredRule, machines: readonly CiEntry[]): number {
  const on = { ...rule, enabled: true };
  let count = 0;
  for (const entry of machines) if (appliesTo(on, entry)) count += 1;
  return count;
}

function versionView({ atMs, rule, ...version }: RuleVersionRecord): RuleVersion {
  return { ...version, at: toIso(atMs), rule: ruleView(rule) };
}
