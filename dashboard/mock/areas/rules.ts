/** The mock's rules: written, tried on the invented past, with versions. */
import type { Backtest, Episode, InForce, Rule, RuleNoise, RuleVersion } from '@muster/shared/api/rules.ts';
import { isMetricName } from '@muster/shared/metrics/catalogue.ts';
import { familyOf, highestStep, inForce, isCounting } from '@muster/shared/rules/precedence.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, toIso, type Millis } from '@muster/shared/time.ts';
import { moreRules } from '../more-rules.ts';
import { Refusal } from '../refusal.ts';
import type { Handlers } from '../handlers.ts';
import { hash, instancesOf, valueAt } from '../signal.ts';
import type { Machine, World } from '../world.ts';

type Draft = Pick<Rule, 'selector' | 'condition'>;

const LISTED = 200;

export function ruleHandlers(world: World): Handlers {
  const erp = world.machines.find(({ detail }) => detail.name === 'SRV-ERP01')?.detail.id ?? null;
  world.rules.push(...moreRules(world.startMs, erp));
  const versions = new Map(world.rules.map((rule) => [rule.id, pastOf(rule, world.startMs)]));
  const ruleOf = (id: string): Rule => {
    const found = world.rules.find((rule) => rule.id === id);
    if (!found) throw new Refusal(404, 'not-found', `There is no rule ${id}.`);
    return found;
  };
  const note = (rule: Rule, change: RuleVersion['change'], restoredFrom: number | null = null): Rule => {
    const held = versions.get(rule.id) ?? [];
    const version = (held[0]?.version ?? 0) + 1;
    const at = toIso(Date.now());
    versions.set(rule.id, [{ version, at, by: 'user:Liu Wei', change, restoredFrom, rule }, ...held]);
    return rule;
  };
  const put = (rule: Rule): Rule => {
    const index = world.rules.findIndex(({ id }) => id === rule.id);
    if (index < 0) world.rules.push(rule);
    else world.rules.splice(index, 1, rule);
    return rule;
  };
  return {
    listRules: () => ({ items: world.rules, nextCursor: null }),
    getRule: ({ params }) => ruleOf(params.id),
    createRule: ({ body }) => {
      const now = toIso(Date.now());
      const id = `rul_own${world.rules.length}`;
      return note(put({ ...body, id, pack: null, createdAt: now, updatedAt: now }), 'created');
    },
    updateRule: ({ params, body: { updatedAt, ...body } }) => {
      if (updatedAt !== undefined && updatedAt !== ruleOf(params.id).updatedAt)
        throw new Refusal(409, 'conflict', 'The rule was changed after it was read.');
      const set = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
      const changed = { ...ruleOf(params.id), ...set, updatedAt: toIso(Date.now()) };
      return note(put(changed), 'changed');
    },
    deleteRule: ({ params }) => {
      if (
        world.rules.some(
          ({ condition }) => condition.type === 'composite' && condition.rules.includes(params.id),
        )
      )
        throw new Refusal(409, 'rule-in-use', 'Another rule stands on this one.');
      const rule = note(ruleOf(params.id), 'deleted');
      world.rules.splice(world.rules.indexOf(rule), 1);
      return {};
    },
    ruleHistory: ({ params }) => {
      const items = versions.get(params.id);
      if (!items) throw new Refusal(404, 'not-found', `There is no rule ${params.id}.`);
      return { items, nextCursor: null };
    },
    restoreRule: ({ params, body }) => {
      const held = versions.get(params.id)?.find(({ version }) => version === body.version);
      if (!held) throw new Refusal(404, 'not-found', `There is no version ${body.version}.`);
      const enabled = world.rules.find(({ id }) => id === params.id)?.enabled ?? false;
      return note(put({ ...held.rule, enabled, updatedAt: toIso(Date.now()) }), 'restored', body.version);
    },
    listRuleFacts: () => ({
      items: world.rules.map((rule) => ({
        ruleId: rule.id,
        machines: matching(world, rule).length,
        openAlerts: world.incidents
          .flatMap(({ alerts }) => alerts)
          .filter((alert) => alert.ruleId === rule.id && alert.state !== 'resolved').length,
        lastFiredAt:
          rule.id === 'rul_mem'
            ? null
            : toIso(world.startMs - Math.round(hash(rule.id) * 40) * HOUR_MS - 11 * MINUTE_MS),
        noise: noiseOf(rule, matching(world, rule).length),
      })),
    }),
    rulesInForce: ({ params }) => {
      const rules = world.rules.filter(
        (rule) => rule.enabled && matching(world, rule).some(({ detail }) => detail.id === params.id),
      );
      const machine = world.machines.find(({ detail }) => detail.id === params.id);
      return {
        rules,
        belongsTo: { locations: [], services: [] },
        items: machine ? standings(rules, machine) : [],
      };
    },
    backtestRule: ({ body }) => backtest(world, body, body.days),
  };
}

/** As the server does it, without places and services. */
function standings(rules: readonly Rule[], { load }: Machine): InForce[] {
  const families = Map.groupBy(rules, ({ id, condition }) => familyOf(condition) ?? id);
  return [...families.values()].flatMap((family) => {
    const condition = family[0]?.condition;
    const metric = condition && 'metric' in condition ? condition.metric : null;
    const known = metric !== null && isMetricName(metric) ? instancesOf(metric, load) : [''];
    return known.flatMap((instance) => {
      const here = family.filter(
        ({ selector }) => selector.instance === null || selector.instance.replace('*', '') === instance,
      );
      const standing = inForce(here, ({ selector }) => ({ reach: selector, op: '' }));
      const outdone = here
        .filter((rule) => !standing.includes(rule))
        .map(({ id, selector }) => ({ ruleId: id, setBy: highestStep(selector) }));
      return standing.map(({ id, selector }) => ({
        metric,
        instance,
        ruleId: id,
        setBy: highestStep(selector),
        outdone,
      }));
    });
  });
}

function noiseOf({ id }: Rule, machines: number): RuleNoise {
  const alerts = id === 'rul_mem' ? 0 : Math.round(hash(id) * 24);
  return {
    alerts,
    brief: Math.round(alerts * hash(`${id} brief`)),
    incidents: Math.ceil(alerts * 0.7),
    machines: Math.min(machines, Math.ceil(alerts / 3)),
    perMachine: machines === 0 ? null : alerts / machines,
    days: 30,
  };
}

function matching(world: World, { selector }: Pick<Rule, 'selector'>): Machine[] {
  return world.machines.filter(
    ({ detail }) =>
      (selector.class === null || selector.class.includes(detail.class)) &&
      (selector.tag === null || detail.tags.includes(selector.tag)) &&
      (selector.ciId === null || selector.ciId === detail.id),
  );
}

/** By the hour, which is enough for a picture; silence at invented times. */
function backtest(world: World, draft: Draft, days: number): Backtest {
  const toMs = Date.now();
  const fromMs = Math.ceil((toMs - days * DAY_MS) / HOUR_MS) * HOUR_MS;
  const machines = matching(world, draft);
  const counted = machines.map((machine) => ({
    machine,
    episodes:
      draft.condition.type === 'threshold' && !isCounting(draft.condition)
        ? breaches(machine, draft, draft.condition, fromMs, toMs)
        : invented(machine, draft, fromMs),
  }));
  const episodes = counted.flatMap((each) => each.episodes).toSorted((a, b) => (a.from < b.from ? 1 : -1));
  const offsetMs = 8 * HOUR_MS;
  const dayOf = (atMs: Millis) => Math.floor((atMs + offsetMs) / DAY_MS) * DAY_MS - offsetMs;
  const starts = Array.from({ length: days + 1 }, (_, day) => dayOf(fromMs) + day * DAY_MS);
  const lengths = episodes.map(({ from, to }) => (to === null ? toMs : Date.parse(to)) - Date.parse(from));
  const withData = counted.filter(({ machine }) => has(machine, draft));
  return {
    from: toIso(fromMs),
    to: toIso(toMs),
    basis: draft.condition.type === 'silent' ? 'presence' : '1m',
    machines: { matching: machines.length, looked: machines.length, withData: withData.length, outdone: 0 },
    limitedBy: null,
    count: episodes.length,
    incidents: Math.ceil(episodes.length * 0.8),
    critical: episodes.filter(({ severity }) => severity === 'critical').length,
    affected: counted.filter((each) => each.episodes.length > 0).length,
    longestMs: lengths.length === 0 ? null : Math.max(...lengths),
    coverage: withData.length === 0 ? null : 97.4,
    dataMs: withData.length === 0 ? null : toMs - fromMs,
    neededMs: 0,
    days: starts.map((start) => {
      const inDay = episodes.filter(({ from }) => dayOf(Date.parse(from)) === start);
      return {
        from: toIso(Math.max(start, fromMs)),
        count: inDay.length,
        critical: inDay.filter(({ severity }) => severity === 'critical').length,
      };
    }),
    ranked: withData
      .map(({ machine: { detail }, episodes: own }) => ({
        ciId: detail.id,
        ciName: detail.name,
        count: own.length,
      }))
      .toSorted((a, b) => b.count - a.count)
      .slice(0, 50),
    episodes: episodes.slice(0, LISTED),
  };
}

function has({ load }: Machine, { condition }: Draft): boolean {
  if (!('metric' in condition)) return true;
  return isMetricName(condition.metric) && instancesOf(condition.metric, load).length > 0;
}

function breaches(
  { detail, load }: Machine,
  { selector }: Draft,
  condition: Extract<Rule['condition'], { type: 'threshold' }>,
  fromMs: Millis,
  toMs: Millis,
): Episode[] {
  const { metric, op, levels } = condition;
  if (!isMetricName(metric)) return [];
  const beyond = (value: number, level: number) => (op === 'above' ? value >= level : value < level);
  const found: Episode[] = [];
  for (const instance of instancesOf(metric, load)) {
    if (selector.instance !== null && selector.instance !== instance) continue;
    let open: Episode | null = null;
    for (let atMs = fromMs; atMs < toMs; atMs += HOUR_MS) {
      const value = valueAt(detail.id, load, metric, instance, atMs);
      const reached = levels.filter(({ level }) => beyond(value, level));
      const severity = reached.some((level) => level.severity === 'critical') ? 'critical' : 'warning';
      if (reached.length > 0 && open === null) {
        const from = toIso(atMs + condition.forMs);
        open = { ciId: detail.id, ciName: detail.name, instance, severity, from, to: null, worst: value };
      } else if (reached.length === 0 && open !== null) {
        found.push({ ...open, to: toIso(atMs + condition.keepForMs + condition.forMs) });
        open = null;
      }
    }
    if (open !== null) found.push(open);
  }
  return found;
}

/** At times that mean nothing, on one machine of four. */
function invented(
  { detail, load, hours }: Machine,
  { selector, condition }: Draft,
  fromMs: Millis,
): Episode[] {
  const seed = `${detail.id} ${condition.type}`;
  if (hours !== null || hash(seed) > 0.25) return [];
  const startMs = fromMs + hash(`${seed} when`) * 28 * DAY_MS;
  const from = toIso(Math.round(startMs));
  const to = toIso(Math.round(startMs + hash(`${seed} long`) * 3 * HOUR_MS + 4 * MINUTE_MS));
  const metric = 'metric' in condition && isMetricName(condition.metric) ? condition.metric : null;
  // What is missing now is among those that are there no more.
  const wanted = selector.instance?.replaceAll('*', '') ?? null;
  const instance = metric === null ? '' : (wanted ?? instancesOf(metric, load)[0] ?? '');
  const worst =
    metric === null || condition.type === 'absence'
      ? null
      : condition.type === 'threshold'
        ? Math.max(...condition.levels.map(({ level }) => level))
        : valueAt(detail.id, load, metric, instance, startMs);
  const severity = 'severity' in condition ? condition.severity : 'warning';
  return [{ ciId: detail.id, ciName: detail.name, instance, severity, from, to, worst }];
}

/** Newest first: it came with the product, was agreed, and was changed once. */
function pastOf(rule: Rule, nowMs: Millis): RuleVersion[] {
  const first: Rule = { ...rule, owner: null, agreedOn: null, updatedAt: rule.createdAt };
  const { condition } = rule;
  const before: Rule =
    condition.type !== 'threshold'
      ? { ...rule, enabled: false }
      : {
          ...rule,
          condition: {
            ...condition,
            forMs: 2 * condition.forMs,
            levels: condition.levels.map((level) => ({
              ...level,
              level: level.level - 5,
              clear: level.clear - 5,
            })),
          },
        };
  const version = (
    number: number,
    days: number,
    by: string,
    change: RuleVersion['change'],
    what: Rule,
  ): RuleVersion => ({
    version: number,
    at: toIso(nowMs - days * DAY_MS),
    by,
    change,
    restoredFrom: null,
    rule: what,
  });
  return [
    version(3, 20, 'user:Chen Jie', 'changed', rule),
    version(2, 80, 'user:Liu Wei', 'changed', before),
    version(1, 200, 'system', 'installed', first),
  ];
}
