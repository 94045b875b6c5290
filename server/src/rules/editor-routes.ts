/** HTTP operations that the rule editor needs beside reading and writing: trying a draft on the past, versions, facts. */
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { NOISE_BRIEF_MINUTES, NOISE_DAYS, type RuleVersion } from '@muster/shared/api/rules.ts';
import { DAY_MS, MINUTE_MS, toIso } from '@muster/shared/time.ts';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { AppError } from '../errors.ts';
import type { Routes } from '../http/routes.ts';
import type { MetricStore } from '../metrics/store.ts';
import type { Backtester } from './backtest.ts';
import type { RuleEngine } from './engine.ts';
import { laterThan, othersThan, requireRoom, requireUnused, ruleView } from './routes.ts';
import { appliesTo } from './rule.ts';
import type { Belonging, StoredRule } from './rule.ts';
import { standingsOn } from './standing.ts';
import type { RulesStore } from './store.ts';
import { validateCondition } from './validate.ts';

interface EditorRouteDeps {
  readonly engine: RuleEngine;
  readonly store: Pick<RulesStore, 'versions' | 'version' | 'noise'>;
  readonly directory: CiDirectory;
  readonly metrics: Pick<MetricStore, 'latest'>;
  readonly belonging: Belonging;
  readonly backtester: Backtester;
}

export function addRuleEditorRoutes(routes: Routes, deps: EditorRouteDeps): void {
  const { engine, store, directory, metrics, belonging, backtester } = deps;
  const view = (rule: StoredRule) => ruleView(rule, (id) => engine.rule(id)?.name);

  routes.add(ENDPOINTS.backtestRule, async ({ body }, { nowMs, signal }) => {
    validateCondition(body.condition, othersThan(body.ruleId ?? null, engine));
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
      items: items.map(
        ({ atMs, rule, ...version }): RuleVersion => ({
          ...version,
          at: toIso(atMs),
          rule: view(rule),
        }),
      ),
      nextCursor: last && found.length > items.length ? encodeCursor([String(last.version)]) : null,
    };
  });

  routes.add(ENDPOINTS.restoreRule, async ({ params, body }, { nowMs, actor }) =>
    engine.inTurn(async () => {
      const held = await store.version(params.id, body.version);
      if (!held) throw new AppError('not-found', `Rule ${params.id} has no version ${body.version}.`);
      const present = engine.rule(params.id);
      if (!present) requireRoom(engine);
      // What was valid then may not be any more: metrics come and go with upgrades.
      validateCondition(held.rule.condition, othersThan(params.id, engine));
      if (held.rule.condition.type === 'composite')
        requireUnused(held.rule, engine, 'become one on other rules');
      const updatedAtMs = laterThan(present ?? held.rule, nowMs);
      const rule: StoredRule = { ...held.rule, enabled: present?.enabled ?? false, updatedAtMs };
      const change = {
        atMs: nowMs,
        by: actor.name,
        change: 'restored',
        restoredFrom: body.version,
      } as const;
      await engine.putRule(rule, nowMs, change);
      return view(rule);
    }),
  );

  routes.add(ENDPOINTS.rulesInForce, async ({ params }) => {
    const entry = directory.get(params.id);
    if (!entry) throw new AppError('not-found', `There is no machine ${params.id}.`);
    const series = metrics.latest(entry.id).map(({ identity }) => identity);
    const items = standingsOn(entry, series, engine.rules(), belonging);
    const named = new Set(
      items.flatMap(({ ruleId, outdone }) => [ruleId, ...outdone.map((one) => one.ruleId)]),
    );
    return {
      rules: engine
        .rules()
        .filter(({ id }) => named.has(id))
        .map(view),
      belongsTo: {
        locations: [...belonging.locationsOf(entry.id)],
        services: [...belonging.servicesOf(entry.id)],
      },
      items,
    };
  });

  routes.add(ENDPOINTS.listRuleFacts, async (_, { nowMs }) => {
    const alerts = engine.alertFacts();
    const counted = await store.noise(nowMs - NOISE_DAYS * DAY_MS, NOISE_BRIEF_MINUTES * MINUTE_MS);
    const noise = new Map(counted.map(({ ruleId, ...counts }) => [ruleId, counts]));
    const machines = [...directory.all()];
    return {
      items: engine.rules().map((rule) => {
        const { open = 0, lastOpenedMs = null } = alerts.get(rule.id) ?? {};
        const applies = countOf(rule, machines, belonging);
        const counts = noise.get(rule.id) ?? NO_NOISE;
        return {
          ruleId: rule.id,
          machines: applies,
          openAlerts: open,
          lastFiredAt: lastOpenedMs === null ? null : toIso(lastOpenedMs),
          noise: {
            ...counts,
            perMachine: applies === 0 ? null : counts.alerts / applies,
            days: Math.min(NOISE_DAYS, Math.max(0, nowMs - rule.createdAtMs) / DAY_MS),
          },
        };
      }),
    };
  });
}

const NO_NOISE = { alerts: 0, brief: 0, incidents: 0, machines: 0 };

/** On or off: what it would apply to. */
function countOf(rule: StoredRule, machines: readonly CiEntry[], belonging: Belonging): number {
  const on = { ...rule, enabled: true };
  let count = 0;
  for (const entry of machines) if (appliesTo(on, entry, belonging)) count += 1;
  return count;
}
