/** HTTP operations of rules and alerts. */
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { Alert, Rule } from '@muster/shared/api/rules.ts';
import { isMetricName, shownUnit } from '@muster/shared/metrics/catalogue.ts';
import { toIso } from '@muster/shared/time.ts';
import type { CiDirectory } from '../cmdb/directory.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { AppError } from '../errors.ts';
import type { Routes } from '../http/routes.ts';
import { newId } from '../ids.ts';
import type { AlertRecord } from './alert.ts';
import type { RuleEngine } from './engine.ts';
import type { StoredRule } from './rule.ts';
import type { RulesStore } from './store.ts';
import { validateCondition } from './validate.ts';

/** More rules than people can agree on. */
export const RULES_MAX = 1_000;

interface RuleRouteDeps {
  readonly engine: RuleEngine;
  readonly store: RulesStore;
  readonly directory: CiDirectory;
}

export function addRuleRoutes(routes: Routes, { engine, store, directory }: RuleRouteDeps): void {
  function require(id: string): StoredRule {
    const rule = engine.rule(id);
    if (!rule) throw new AppError('not-found', `There is no rule ${id}.`);
    return rule;
  }

  routes.add(ENDPOINTS.listRules, async ({ query }) => {
    const after = query.cursor === undefined ? '' : (decodeCursor(query.cursor, 1)[0] ?? '');
    const rest = engine
      .rules()
      .filter((rule) => rule.id > after)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    const items = rest.slice(0, query.limit);
    const last = items.at(-1);
    return {
      items: items.map(ruleView),
      nextCursor: last && rest.length > items.length ? encodeCursor([last.id]) : null,
    };
  });

  routes.add(ENDPOINTS.getRule, async ({ params }) => ruleView(require(params.id)));

  routes.add(ENDPOINTS.createRule, async ({ body }, { nowMs }) => {
    validateCondition(body.condition);
    if (engine.rules().length >= RULES_MAX)
      throw new AppError('conflict', `There are ${RULES_MAX} rules, which is the limit. Delete one first.`);
    const rule: StoredRule = {
      ...body,
      id: newId('rul', nowMs),
      pack: null,
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    };
    await engine.putRule(rule, nowMs);
    return ruleView(rule);
  });

  routes.add(ENDPOINTS.updateRule, async ({ params, body }, { nowMs }) => {
    const old = require(params.id);
    if (body.condition) validateCondition(body.condition);
    const rule: StoredRule = {
      ...old,
      name: body.name ?? old.name,
      enabled: body.enabled ?? old.enabled,
      selector: body.selector ?? old.selector,
      condition: body.condition ?? old.condition,
      owner: body.owner === undefined ? old.owner : body.owner,
      agreedOn: body.agreedOn === undefined ? old.agreedOn : body.agreedOn,
      explanation: body.explanation ?? old.explanation,
      updatedAtMs: nowMs,
    };
    await engine.putRule(rule, nowMs);
    return ruleView(rule);
  });

  routes.add(ENDPOINTS.deleteRule, async ({ params }, { nowMs }) => {
    require(params.id);
    await engine.deleteRule(params.id, nowMs);
    return {};
  });

  routes.add(ENDPOINTS.listAlerts, async ({ query }) => {
    const [openedAtMs, id] = query.cursor === undefined ? [] : decodeCursor(query.cursor, 2);
    const found = await store.alerts({
      limit: query.limit + 1,
      ...(query.state === undefined ? {} : { state: query.state }),
      ...(query.ci === undefined ? {} : { ciId: query.ci }),
      ...(openedAtMs === undefined || id === undefined
        ? {}
        : { after: { openedAtMs: Number(openedAtMs), id } }),
    });
    const items = found.slice(0, query.limit);
    const last = items.at(-1);
    return {
      items: items.map((alert) => alertView(engine.current(alert), directory)),
      nextCursor:
        last && found.length > items.length ? encodeCursor([String(last.openedAtMs), last.id]) : null,
    };
  });
}

function ruleView({ createdAtMs, updatedAtMs, ...rule }: StoredRule): Rule {
  return { ...rule, createdAt: toIso(createdAtMs), updatedAt: toIso(updatedAtMs) };
}

export function alertView(alert: AlertRecord, directory: CiDirectory): Alert {
  const { metric } = alert;
  return {
    id: alert.id,
    state: alert.state,
    severity: alert.severity,
    ruleId: alert.ruleId,
    ruleName: alert.ruleName,
    ciId: alert.ciId,
    ciName: directory.get(alert.ciId)?.name ?? alert.ciId,
    instance: alert.instance,
    metric,
    unit: metric !== null && isMetricName(metric) ? shownUnit(metric) : null,
    value: alert.value,
    level: alert.level,
    lastValue: alert.lastValue,
    breachedAt: toIso(alert.breachedAtMs),
    openedAt: toIso(alert.openedAtMs),
    resolvedAt: alert.resolvedAtMs === null ? null : toIso(alert.resolvedAtMs),
    incidentId: alert.incidentId,
  };
}
