/** HTTP operations of rules and alerts. */
import { isDeepStrictEqual } from 'node:util';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { Alert, Rule } from '@muster/shared/api/rules.ts';
import { isMetricName, shownUnit } from '@muster/shared/metrics/catalogue.ts';
import { toIso, type Millis } from '@muster/shared/time.ts';
import type { CiDirectory } from '../cmdb/directory.ts';
import { flapCount, flapPercent } from '../correlation/flapping.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { AppError } from '../errors.ts';
import type { Actor, Routes } from '../http/routes.ts';
import { newId } from '../ids.ts';
import type { Acknowledgement, ShownAlert } from './alert.ts';
import type { RuleEngine } from './engine.ts';
import { saysOf } from './condition-words.ts';
import { nameWordsOf } from './packs/name-words.ts';
import type { StoredRule } from './rule.ts';
import { quietAlerts } from './quiet-alerts.ts';
import type { AlertFilter, RuleChange, RulesStore } from './store.ts';
import { validateCondition } from './validate.ts';

/** More rules than people can agree on. */
const RULES_MAX = 1_000;

interface RuleRouteDeps {
  readonly engine: RuleEngine;
  readonly store: RulesStore;
  readonly directory: CiDirectory;
  /** CIs that turned out to be this one. */
  readonly mergedIn?: (ciId: string) => readonly string[];
  /** Id → reference of those incidents that there are. */
  readonly incidentRefs?: (ids: readonly string[]) => Promise<ReadonlyMap<string, string>>;
}

export function addRuleRoutes(
  routes: Routes,
  { engine, store, directory, incidentRefs, mergedIn = () => [] }: RuleRouteDeps,
): void {
  function machinesNamed(part: string): string[] {
    const needle = part.toLowerCase();
    return [...directory.all()].filter(({ name }) => name.toLowerCase().includes(needle)).map(({ id }) => id);
  }

  function require(id: string): StoredRule {
    const rule = engine.rule(id);
    if (!rule) throw new AppError('not-found', `There is no rule ${id}.`);
    return rule;
  }

  const view = (rule: StoredRule) => ruleView(rule, (id) => engine.rule(id)?.name);

  routes.add(ENDPOINTS.listRules, async ({ query }) => {
    const after = query.cursor === undefined ? '' : (decodeCursor(query.cursor, 1)[0] ?? '');
    const rest = engine
      .rules()
      .filter((rule) => rule.id > after)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    const items = rest.slice(0, query.limit);
    const last = items.at(-1);
    return {
      items: items.map(view),
      nextCursor: last && rest.length > items.length ? encodeCursor([last.id]) : null,
    };
  });

  routes.add(ENDPOINTS.getRule, async ({ params }) => view(require(params.id)));

  routes.add(ENDPOINTS.createRule, async ({ body }, { nowMs, actor }) =>
    engine.inTurn(async () => {
      validateCondition(body.condition, othersThan(null, engine));
      requireRoom(engine);
      const rule: StoredRule = {
        ...body,
        id: newId('rul', nowMs),
        pack: null,
        createdAtMs: nowMs,
        updatedAtMs: nowMs,
      };
      await engine.putRule(rule, nowMs, changeBy(actor, 'created', nowMs));
      return view(rule);
    }),
  );

  routes.add(ENDPOINTS.updateRule, async ({ params, body }, { nowMs, actor }) =>
    engine.inTurn(async () => {
      const old = require(params.id);
      requireUnchanged(old, body.updatedAt);
      if (body.condition) {
        validateCondition(body.condition, othersThan(old.id, engine));
        if (body.condition.type === 'composite') requireUnused(old, engine, 'become one on other rules');
      }
      const rule: StoredRule = {
        ...old,
        name: body.name ?? old.name,
        enabled: body.enabled ?? old.enabled,
        selector: body.selector ?? old.selector,
        condition: body.condition ?? old.condition,
        owner: body.owner === undefined ? old.owner : body.owner,
        agreedOn: body.agreedOn === undefined ? old.agreedOn : body.agreedOn,
        explanation: body.explanation ?? old.explanation,
        updatedAtMs: laterThan(old, nowMs),
      };
      if (isDeepStrictEqual(rule, { ...old, updatedAtMs: rule.updatedAtMs })) return view(old);
      await engine.putRule(rule, nowMs, changeBy(actor, 'changed', nowMs));
      return view(rule);
    }),
  );

  routes.add(ENDPOINTS.deleteRule, async ({ params }, { nowMs, actor }) =>
    engine.inTurn(async () => {
      requireUnused(require(params.id), engine, 'be deleted');
      await engine.deleteRule(params.id, nowMs, changeBy(actor, 'deleted', nowMs));
      return {};
    }),
  );

  routes.add(ENDPOINTS.listAlerts, async ({ query }) => {
    const [openedAtMs, id] = query.cursor === undefined ? [] : decodeCursor(query.cursor, 2);
    const filter: AlertFilter = {
      limit: query.limit + 1,
      ...(query.state === undefined ? {} : { state: query.state }),
      ...(query.severity === undefined ? {} : { severity: query.severity }),
      ...(query.rule === undefined ? {} : { ruleIds: [query.rule] }),
      ...(query.ci === undefined ? {} : { ciId: query.ci, alsoOf: mergedIn(query.ci) }),
      ...(query.from === undefined ? {} : { fromMs: Date.parse(query.from) }),
      ...(query.to === undefined ? {} : { toMs: Date.parse(query.to) }),
      ...(query.q ? { text: { part: query.q, ciIds: machinesNamed(query.q) } } : {}),
      ...(openedAtMs === undefined || id === undefined
        ? {}
        : { after: { openedAtMs: Number(openedAtMs), id } }),
    };
    const found = query.quiet ? quietAlerts(engine.live(), query.quiet, filter) : await store.alerts(filter);
    const items = found.slice(0, query.limit);
    const last = items.at(-1);
    const incidentIds = new Set(items.flatMap(({ incidentId }) => incidentId ?? []));
    const refs = incidentIds.size === 0 ? undefined : await incidentRefs?.([...incidentIds]);
    return {
      items: items.map((alert) => alertView(engine.current(alert), directory, refs)),
      nextCursor:
        last && found.length > items.length ? encodeCursor([String(last.openedAtMs), last.id]) : null,
    };
  });
}

/** A change made by a person or a program. */
function changeBy(actor: Actor, change: RuleChange['change'], nowMs: Millis): RuleChange {
  return { atMs: nowMs, by: actor.name, change, restoredFrom: null };
}

/** What a composite may stand on. `self`: the rule that is being changed; null for a new one. */
export function othersThan(self: string | null, engine: Pick<RuleEngine, 'rule'>) {
  return { self, conditionOf: (id: string) => engine.rule(id)?.condition };
}

/** @throws AppError rule-in-use where a composite stands on the rule. */
export function requireUnused(rule: StoredRule, engine: Pick<RuleEngine, 'rules'>, what: string): void {
  const user = engine
    .rules()
    .find(({ condition }) => condition.type === 'composite' && condition.rules.includes(rule.id));
  if (user)
    throw new AppError(
      'rule-in-use',
      `The rule ${rule.name} cannot ${what}: the rule ${user.name} stands on it. Change that one first.`,
    );
}

/** @throws AppError rules-full */
export function requireRoom(engine: Pick<RuleEngine, 'rules'>): void {
  if (engine.rules().length >= RULES_MAX)
    throw new AppError('rules-full', `There are ${RULES_MAX} rules, which is the limit. Delete one first.`);
}

/** `readAt`: the rule's time of change when it was read; where it is not said, the change is of single fields. */
function requireUnchanged(rule: StoredRule, readAt: string | undefined): void {
  if (readAt !== undefined && Date.parse(readAt) !== rule.updatedAtMs)
    throw new AppError(
      'conflict',
      `The rule ${rule.name} was changed at ${toIso(rule.updatedAtMs)}, after it was read. Read it again.`,
    );
}

/** By its time of change a form of a rule is told from the one before. */
export function laterThan(rule: StoredRule, nowMs: Millis): Millis {
  return Math.max(nowMs, rule.updatedAtMs + 1);
}

/** `nameOf` other rules, for those that stand on them. */
export function ruleView(
  { createdAtMs, updatedAtMs, ...rule }: StoredRule,
  nameOf: (ruleId: string) => string | undefined,
): Rule {
  const nameWords = nameWordsOf(rule.name);
  return {
    ...rule,
    ...(nameWords ? { nameWords } : {}),
    says: saysOf(rule.condition, (id) => {
      const name = nameOf(id) ?? id;
      return nameWordsOf(name) ?? { en: name, zh: name };
    }),
    createdAt: toIso(createdAtMs),
    updatedAt: toIso(updatedAtMs),
  };
}

function flappingView(bits: number): Alert['flapping'] {
  return { percent: Math.round(flapPercent(bits) * 10) / 10, changes: flapCount(bits) };
}

function acknowledgementView({ by, atMs, untilMs, note }: Acknowledgement): Alert['acknowledgement'] {
  return { by, at: toIso(atMs), until: untilMs === null ? null : toIso(untilMs), note };
}

export function alertView(
  alert: ShownAlert,
  directory: CiDirectory,
  incidentRefs?: ReadonlyMap<string, string>,
): Alert {
  const { metric } = alert;
  const ruleNameWords = nameWordsOf(alert.ruleName);
  return {
    id: alert.id,
    state: alert.state,
    severity: alert.severity,
    ruleId: alert.ruleId,
    ruleName: alert.ruleName,
    ...(ruleNameWords ? { ruleNameWords } : {}),
    ciId: alert.ciId,
    ciName: directory.get(alert.ciId)?.name ?? alert.ciId,
    instance: alert.instance,
    ...(alert.standsOn ? { standsOn: [...alert.standsOn] } : {}),
    metric,
    unit: metric !== null && isMetricName(metric) ? shownUnit(metric) : null,
    value: alert.value,
    level: alert.level,
    lastValue: alert.lastValue,
    ...(alert.lastValueAtMs === null ? {} : { lastValueAt: toIso(alert.lastValueAtMs) }),
    breachedAt: toIso(alert.breachedAtMs),
    openedAt: toIso(alert.openedAtMs),
    resolvedAt: alert.resolvedAtMs === null ? null : toIso(alert.resolvedAtMs),
    incidentId: alert.incidentId,
    incidentRef: alert.incidentId === null ? null : (incidentRefs?.get(alert.incidentId) ?? null),
    suppressedBy: alert.suppressedBy,
    flapping: alert.flaps?.flapping ? flappingView(alert.flaps.bits) : null,
    acknowledgement: alert.acknowledgement && acknowledgementView(alert.acknowledgement),
  };
}
