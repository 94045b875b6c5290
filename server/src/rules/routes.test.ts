import type { Endpoint } from '@muster/shared/api/endpoint.ts';
import { Alert, Backtest, InForce, Rule, RuleFacts, RuleVersion } from '@muster/shared/api/rules.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS, toIso } from '@muster/shared/time.ts';
import { beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { Handler, Routes } from '../http/routes.ts';
import { NO_MEMBERSHIP } from '../relations/membership.ts';
import { createBacktester } from './backtest.ts';
import { addRuleEditorRoutes } from './editor-routes.ts';
import { addRuleRoutes } from './routes.ts';
import { Stage } from './stage.ts';

const Page = z.object({ items: z.array(z.unknown()), nextCursor: z.string().nullable() });
const actor = { name: 'user:anna', userId: 'usr_1', role: 'administrator' } as const;

/** The routes without the web: input and answer pass the schemas of the endpoint, as they do there. */
class Desk {
  readonly stage = new Stage();
  readonly #handlers = new Map<string, (input: unknown) => Promise<unknown>>();

  async open(): Promise<void> {
    await this.stage.start();
    const routes: Routes = {
      add: <E extends Endpoint>(endpoint: E, handler: Handler<E>) => {
        const handle = handler as (input: object, context: object) => Promise<unknown>;
        this.#handlers.set(endpoint.id, async (input) => {
          const { params = {}, query = {}, body = {} } = input as Record<string, unknown>;
          const parsed = {
            params: endpoint.params.parse(params),
            query: endpoint.query.parse(query),
            body: endpoint.body.parse(body),
          };
          const { signal } = new AbortController();
          const context = { actor, nowMs: this.stage.nowMs, address: '127.0.0.1', signal };
          return endpoint.response.parse(await handle(parsed, context));
        });
      },
    };
    const directory = {
      get: (id: string) => (id === this.stage.entry.id ? this.stage.entry : undefined),
      all: () => [this.stage.entry],
      onChange: () => undefined,
    };
    const { engine, store, metrics } = this.stage;
    addRuleRoutes(routes, { engine, store, directory });
    const backtester = createBacktester({
      directory,
      metrics,
      rules: () => engine.rules(),
      silences: async () => [],
      monotonicMs: () => 0,
      breathe: async () => undefined,
    });
    const belonging = NO_MEMBERSHIP;
    addRuleEditorRoutes(routes, { engine, store, directory, metrics, belonging, backtester });
  }

  call(id: string, input: object = {}): Promise<unknown> {
    const handler = this.#handlers.get(id);
    if (!handler) throw new Error(`no route ${id}`);
    return handler(input);
  }
}

const hot = {
  name: 'Hot',
  selector: { ciId: 'ci_1' },
  condition: {
    type: 'threshold',
    metric: 'temperature',
    op: 'above',
    levels: [{ severity: 'warning', level: 80, clear: 70 }],
    forMs: 0,
    keepForMs: 0,
  },
};

/** More particular than the rules that come with the product. */
const draft = { selector: hot.selector, condition: hot.condition };

let desk: Desk;
beforeEach(async () => {
  desk = new Desk();
  await desk.open();
});

test('[RU13] a rule is added, changed, switched off and deleted', async () => {
  const made = Rule.parse(await desk.call('createRule', { body: hot }));
  expect(made).toMatchObject({ name: 'Hot', enabled: true, pack: null, owner: null });
  const params = { id: made.id };
  const body = { enabled: false, owner: '李娜', agreedOn: '2026-11-20' };
  expect(await desk.call('updateRule', { params, body })).toMatchObject({ ...body, name: 'Hot' });
  expect(await desk.call('updateRule', { params, body: { owner: null } })).toMatchObject({
    owner: null,
    agreedOn: '2026-11-20',
    enabled: false,
  });
  await desk.call('deleteRule', { params });
  await expect(desk.call('getRule', { params })).rejects.toMatchObject({ code: 'not-found' });
  await expect(desk.call('deleteRule', { params })).rejects.toMatchObject({ code: 'not-found' });
});

test('[RU13] a rule that cannot work is refused when it is added and when it is changed', async () => {
  const levels = [{ severity: 'warning', level: 80, clear: 85 }];
  const wrong = { ...hot, condition: { ...hot.condition, levels } };
  await expect(desk.call('createRule', { body: wrong })).rejects.toMatchObject({
    code: 'clear-level-invalid',
  });
  const [rule] = desk.stage.engine.rules();
  const change = { params: { id: rule?.id }, body: { condition: { ...hot.condition, metric: 'nothing' } } };
  await expect(desk.call('updateRule', change)).rejects.toMatchObject({ code: 'metric-unknown' });
  expect(desk.stage.engine.rule(rule?.id ?? '')).toEqual(rule);
});

test('[RU14] the list of rules comes in pages without gap or repeat', async () => {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const query: object = { limit: 5, ...(cursor === null ? {} : { cursor }) };
    const page = Page.parse(await desk.call('listRules', { query }));
    ids.push(...page.items.map((item) => Rule.parse(item).id));
    cursor = page.nextCursor;
  } while (cursor !== null);
  expect(ids).toEqual(desk.stage.engine.rules().map(({ id }) => id));
  await expect(desk.call('listRules', { query: { cursor: 'x' } })).rejects.toMatchObject({
    code: 'input-invalid',
  });
});

test('[RU9] alerts are listed with name, unit and latest value, page by page', async () => {
  await desk.call('createRule', { body: hot });
  for (const value of [90, 95]) {
    const readings = { 'temperature a': value, 'temperature b': value };
    await desk.stage.deliver(desk.stage.tickOf(desk.stage.nowMs, readings));
    await desk.stage.wait(10 * SECOND_MS);
  }
  const first = Page.parse(await desk.call('listAlerts', { query: { limit: 1, state: 'open' } }));
  expect(first.items).toMatchObject([
    {
      ciName: 'SRV-ERP01',
      metric: 'temperature',
      unit: '°C',
      value: 90,
      level: 80,
      lastValue: 95,
      state: 'open',
    },
  ]);
  const second = Page.parse(await desk.call('listAlerts', { query: { limit: 1, cursor: first.nextCursor } }));
  const instances = [...first.items, ...second.items].map((item) => Alert.parse(item).instance);
  expect(instances.toSorted()).toEqual(['a', 'b']);
  expect(second.nextCursor).toBeNull();
  expect(Page.parse(await desk.call('listAlerts', { query: { ci: 'ci_other' } })).items).toEqual([]);
});

test('[RU41] what is not measured any more is shown as of when it was', async () => {
  await desk.call('createRule', { body: hot });
  await desk.stage.deliver(desk.stage.tickOf(desk.stage.nowMs, { 'temperature a': 90 }));
  const measuredMs = desk.stage.nowMs;
  const shown = async () => {
    const { items } = Page.parse(await desk.call('listAlerts', { query: { limit: 1, state: 'open' } }));
    return Alert.parse(items[0]).lastValueAt;
  };
  await desk.stage.wait(20 * SECOND_MS);
  expect(await shown()).toBeUndefined();
  await desk.stage.wait(5 * MINUTE_MS);
  expect(await shown()).toBe(toIso(measuredMs));
});

test('[RU35] an alert of a rule on other rules names those, and claims no value', async () => {
  const made = Rule.parse(await desk.call('createRule', { body: hot }));
  const condition = { type: 'composite', op: 'and', rules: [made.id], severity: 'critical' };
  await desk.call('createRule', { body: { name: 'Both', condition } });
  await desk.stage.deliver(desk.stage.tickOf(desk.stage.nowMs, { 'temperature a': 90 }));
  await desk.stage.wait(2 * SECOND_MS);
  const { items } = Page.parse(await desk.call('listAlerts'));
  const shown = items.map((item) => Alert.parse(item));
  expect(shown.find(({ ruleName }) => ruleName === 'Both')).toMatchObject({
    value: null,
    standsOn: [{ en: 'Hot', zh: 'Hot' }],
  });
  expect(shown.find(({ ruleName }) => ruleName === 'Hot')?.standsOn).toBeUndefined();
});

async function versions(id: string): Promise<RuleVersion[]> {
  const page = Page.parse(await desk.call('ruleHistory', { params: { id } }));
  return page.items.map((item) => RuleVersion.parse(item));
}

test('[RU24] each change is a version with who and when; a save that changes nothing is none', async () => {
  const made = Rule.parse(await desk.call('createRule', { body: hot }));
  const params = { id: made.id };
  desk.stage.nowMs += SECOND_MS;
  await desk.call('updateRule', { params, body: { name: 'Too hot', owner: '李娜' } });
  await desk.call('updateRule', { params, body: { name: 'Too hot' } });
  const [second, first, ...rest] = await versions(made.id);
  expect(rest).toEqual([]);
  expect(first).toMatchObject({ version: 1, by: 'user:anna', change: 'created', rule: { name: 'Hot' } });
  expect(second).toMatchObject({
    version: 2,
    by: 'user:anna',
    change: 'changed',
    rule: { name: 'Too hot', owner: '李娜' },
  });
  const [pack] = desk.stage.engine.rules();
  expect(await versions(pack?.id ?? '')).toMatchObject([{ change: 'installed', by: 'system' }]);
  await expect(desk.call('ruleHistory', { params: { id: 'rul_none' } })).rejects.toMatchObject({
    code: 'not-found',
  });
});

test('[RU24] a version is restored, on or off as it is; a deleted rule comes back switched off', async () => {
  const made = Rule.parse(await desk.call('createRule', { body: hot }));
  const params = { id: made.id };
  await desk.call('updateRule', { params, body: { name: 'Other', enabled: false } });
  const back = Rule.parse(await desk.call('restoreRule', { params, body: { version: 1 } }));
  expect(back).toMatchObject({ name: 'Hot', enabled: false });
  await desk.call('updateRule', { params, body: { enabled: true } });
  await desk.call('deleteRule', { params });
  const [deleted] = await versions(made.id);
  expect(deleted).toMatchObject({ change: 'deleted', rule: { name: 'Hot' } });
  await desk.call('restoreRule', { params, body: { version: 1 } });
  expect(desk.stage.engine.rule(made.id)).toMatchObject({ name: 'Hot', enabled: false });
  expect((await versions(made.id))[0]).toMatchObject({ change: 'restored', restoredFrom: 1 });
  await expect(desk.call('restoreRule', { params, body: { version: 99 } })).rejects.toMatchObject({
    code: 'not-found',
  });
});

test('[RU25] facts of each rule: machines it applies to, on or off, open alerts, last alert, noise', async () => {
  const made = Rule.parse(await desk.call('createRule', { body: hot }));
  await desk.stage.deliver(desk.stage.tickOf(desk.stage.nowMs, { 'temperature a': 90, 'temperature b': 91 }));
  await desk.stage.tick();
  const openedAt = new Date(desk.stage.nowMs).toISOString();
  const facts = async () => {
    const { items } = z.object({ items: z.array(RuleFacts) }).parse(await desk.call('listRuleFacts'));
    return items.find(({ ruleId }) => ruleId === made.id);
  };
  const noise = { alerts: 2, brief: 0, incidents: 2, machines: 1, perMachine: 2, days: 0 };
  const known = { ruleId: made.id, machines: 1, lastFiredAt: openedAt, noise };
  expect(await facts()).toEqual({ ...known, openAlerts: 2 });
  await desk.call('updateRule', { params: { id: made.id }, body: { enabled: false } });
  expect(await facts()).toEqual({ ...known, openAlerts: 0 });
  await desk.stage.start();
  expect(desk.stage.engine.alertFacts().get(made.id)?.lastOpenedMs).toBe(desk.stage.nowMs);
});

test('[RU25] what was over within ten minutes and acknowledged by nobody is brief; a month later it is forgotten', async () => {
  const made = Rule.parse(await desk.call('createRule', { body: hot }));
  const noise = async () => {
    const { items } = z.object({ items: z.array(RuleFacts) }).parse(await desk.call('listRuleFacts'));
    return items.find(({ ruleId }) => ruleId === made.id)?.noise;
  };
  const report = (readings: Record<string, number>) =>
    desk.stage.deliver(desk.stage.tickOf(desk.stage.nowMs, readings));
  await report({ 'temperature a': 90, 'temperature b': 90 });
  await desk.stage.tick();
  const [seen] = desk.stage.engine.live();
  const by = { by: 'anna', atMs: desk.stage.nowMs, untilMs: null, note: '' };
  await desk.stage.engine.acknowledge(seen?.id ?? '', desk.stage.nowMs, by);
  desk.stage.nowMs += 5 * MINUTE_MS;
  await report({ 'temperature a': 60, 'temperature b': 60 });
  const days = 5 / (24 * 60);
  expect(await noise()).toEqual({ alerts: 2, brief: 1, incidents: 2, machines: 1, perMachine: 2, days });
  desk.stage.nowMs += 30 * DAY_MS;
  expect(await noise()).toEqual({ alerts: 0, brief: 0, incidents: 0, machines: 0, perMachine: 0, days: 30 });
});

test('[RU38] what is in force for each series, by which step, and what it outdoes', async () => {
  await desk.stage.deliver(desk.stage.tickOf(desk.stage.nowMs, { 'temperature a': 50, 'temperature b': 50 }));
  const machine = Rule.parse(await desk.call('createRule', { body: hot }));
  const one = Rule.parse(
    await desk.call('createRule', { body: { ...hot, selector: { instance: 'b' }, name: 'B' } }),
  );
  const off = { ...hot, selector: { ciId: 'ci_1', instance: 'a' }, enabled: false };
  await desk.call('createRule', { body: off });
  const answer = z
    .object({ rules: z.array(Rule), items: z.array(InForce) })
    .parse(await desk.call('rulesInForce', { params: { id: 'ci_1' } }));
  const pack = desk.stage.engine.rules().find(({ pack }) => pack === 'server/temperature');
  const byClass = { ruleId: pack?.id, setBy: 'class' };
  expect(answer.items.filter(({ metric }) => metric === 'temperature')).toEqual([
    { metric: 'temperature', instance: 'a', ruleId: machine.id, setBy: 'ciId', outdone: [byClass] },
    {
      metric: 'temperature',
      instance: 'b',
      ruleId: one.id,
      setBy: 'instance',
      outdone: [{ ruleId: machine.id, setBy: 'ciId' }, byClass],
    },
  ]);
  const cpu = desk.stage.engine.rules().find(({ pack }) => pack === 'server/cpu');
  expect(answer.items).toContainEqual({
    metric: 'cpu.utilisation',
    instance: null,
    ruleId: cpu?.id,
    setBy: 'class',
    outdone: [],
  });
  const ids = new Set(answer.rules.map(({ id }) => id));
  for (const { ruleId } of answer.items) expect(ids).toContain(ruleId);
  const silence = answer.items.filter(({ metric }) => metric === null);
  expect(silence).toMatchObject([{ instance: '', setBy: 'class', outdone: [] }]);
  await expect(desk.call('rulesInForce', { params: { id: 'ci_none' } })).rejects.toMatchObject({
    code: 'not-found',
  });
});

test('[RU35] a rule that another stands on stays, and a composite stands on rules that are there', async () => {
  const made = Rule.parse(await desk.call('createRule', { body: hot }));
  const both = (rules: readonly string[]) => ({
    name: 'Both',
    condition: { type: 'composite', op: 'and', rules, severity: 'critical' },
  });
  const invalid = { code: 'input-invalid' };
  await expect(desk.call('createRule', { body: both(['rul_none']) })).rejects.toMatchObject(invalid);
  const above = Rule.parse(await desk.call('createRule', { body: both([made.id]) }));
  expect(above.says?.[0]?.en).toContain('Hot');
  await expect(desk.call('createRule', { body: both([above.id]) })).rejects.toMatchObject(invalid);
  const params = { id: above.id };
  await expect(desk.call('updateRule', { params, body: both([above.id]) })).rejects.toMatchObject(invalid);
  await expect(desk.call('deleteRule', { params: { id: made.id } })).rejects.toMatchObject({
    code: 'rule-in-use',
  });
  const other = Rule.parse(await desk.call('createRule', { body: hot }));
  await expect(
    desk.call('updateRule', { params: { id: made.id }, body: both([other.id]) }),
  ).rejects.toMatchObject({ code: 'rule-in-use' });
  await desk.call('deleteRule', { params });
  await desk.call('deleteRule', { params: { id: made.id } });
  // What it stands on is gone: the version cannot come back before that does.
  const restore = { params, body: { version: 1 } };
  await expect(desk.call('restoreRule', restore)).rejects.toMatchObject(invalid);
  await desk.call('restoreRule', { params: { id: made.id }, body: { version: 1 } });
  await desk.call('restoreRule', restore);
});

test('[RU21] a draft is tried on the past; one that cannot work is refused', async () => {
  await desk.stage.deliver(desk.stage.tickOf(desk.stage.nowMs, { 'temperature a': 90 }));
  await desk.stage.wait(10 * SECOND_MS);
  const past = Backtest.parse(await desk.call('backtestRule', { body: { ...draft, days: 1 } }));
  expect(past).toMatchObject({ count: 1, affected: 1, ranked: [{ ciName: 'SRV-ERP01', count: 1 }] });
  const levels = [{ severity: 'warning', level: 80, clear: 85 }];
  await expect(
    desk.call('backtestRule', { body: { condition: { ...hot.condition, levels } } }),
  ).rejects.toMatchObject({ code: 'clear-level-invalid' });
});

test('[RU39] a save of what somebody else has changed meanwhile is refused, and nothing is lost', async () => {
  const made = Rule.parse(await desk.call('createRule', { body: hot }));
  const params = { id: made.id };
  const first = { params, body: { owner: 'Anna', updatedAt: made.updatedAt } };
  const second = { params, body: { name: 'Hotter', updatedAt: made.updatedAt } };
  const saved = await Promise.allSettled([desk.call('updateRule', first), desk.call('updateRule', second)]);
  expect(saved.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(saved[1]).toMatchObject({ reason: { code: 'conflict' } });
  const now = Rule.parse(await desk.call('getRule', { params }));
  expect(now).toMatchObject({ owner: 'Anna', name: 'Hot' });
  expect(now.updatedAt).not.toBe(made.updatedAt);
  const again = { params, body: { name: 'Hotter', updatedAt: now.updatedAt } };
  expect(await desk.call('updateRule', again)).toMatchObject({ owner: 'Anna', name: 'Hotter' });
});

test('[RU39] changes of one field by two at once are both kept, where neither says what it had read', async () => {
  const made = Rule.parse(await desk.call('createRule', { body: hot }));
  const params = { id: made.id };
  await Promise.all([
    desk.call('updateRule', { params, body: { owner: 'Anna' } }),
    desk.call('updateRule', { params, body: { enabled: false } }),
  ]);
  expect(await desk.call('getRule', { params })).toMatchObject({ owner: 'Anna', enabled: false });
});

test('[RU39] [RU35] a rule is not deleted while another comes to stand on it', async () => {
  const made = Rule.parse(await desk.call('createRule', { body: hot }));
  const body = {
    ...hot,
    name: 'Both',
    condition: { type: 'composite', op: 'and', rules: [made.id], severity: 'critical' },
  };
  const saved = await Promise.allSettled([
    desk.call('createRule', { body }),
    desk.call('deleteRule', { params: { id: made.id } }),
  ]);
  expect(saved.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
});
