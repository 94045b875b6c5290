import { HOUR_MS, MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import { expect, test } from 'vitest';
import { createMemoryRulesStore } from '../store/memory/rules.ts';
import { PACKS } from './packs/all.ts';
import { nameWordsOf } from './packs/name-words.ts';
import type { StoredRule } from './rule.ts';
import { machineEntry, Stage } from './stage.ts';
import { validateCondition } from './validate.ts';

/** A stage with one rule of a pack, and samples of one metric every ten seconds. */
async function stageWith(pack: string): Promise<Stage> {
  const stage = new Stage();
  await stage.start();
  await stage.keepOnly((rule) => rule.pack === pack);
  return stage;
}

async function send(stage: Stage, value: number, count: number, metric = 'cpu.utilisation'): Promise<void> {
  for (let i = 0; i < count; i++) {
    await stage.deliver(stage.tickOf(stage.nowMs, { [metric]: value }));
    await stage.wait(10 * SECOND_MS);
  }
}
const toldOf = (stage: Stage) => stage.told.map(({ type, alert }) => `${type} ${alert.id}`);

test('[RU12] an alert is told again after a crash between its writing and its telling', async () => {
  const stage = await stageWith('server/cpu');
  stage.react = () => Promise.reject(new Error('the process dies here'));
  await send(stage, 99, 25);
  expect(stage.told).toEqual([]);
  expect((await stage.store.live(0))[0]).toMatchObject({ state: 'open', settled: false, incidentId: null });
  stage.react = async () => undefined;
  await stage.start();
  expect(stage.told).toEqual([]);
  await stage.tick();
  expect(stage.told).toMatchObject([
    { type: 'opened', alert: { severity: 'warning' }, value: 99, level: 90 },
  ]);
  const [alert] = await stage.store.live(0);
  expect(alert).toMatchObject({ settled: true, incidentId: `inc_${alert?.id}` });
});

test('[RU12] the end of an alert is told again too, also when its rule is gone by then', async () => {
  const stage = await stageWith('server/cpu');
  await send(stage, 99, 20);
  stage.react = () => Promise.reject(new Error('the process dies here'));
  const [rule] = stage.engine.rules();
  await stage.engine.deleteRule(rule?.id ?? '', stage.nowMs);
  stage.react = async () => undefined;
  await stage.start();
  await stage.tick();
  expect(stage.told.map(({ type }) => type)).toEqual(['opened', 'resolved']);
  expect(stage.told[1]?.rule.name).toBe('CPU busy');
});

test('[RU10] what breaches again is breached since then, not since the first time', async () => {
  const stage = await stageWith('server/cpu');
  await send(stage, 99, 20);
  await send(stage, 10, 20);
  const againMs = stage.nowMs;
  await send(stage, 99, 20);
  const again = stage.told.filter(({ type }) => type === 'opened').at(-1);
  expect(again).toMatchObject({
    breachedAtMs: againMs,
    alert: { breachedAtMs: againMs, levelSinceMs: againMs, reopened: 1 },
  });
  expect((await stage.store.live(0))[0]).toMatchObject({ breachedAtMs: againMs });
  expect(again?.alert.openedAtMs).toBeLessThan(againMs);
});

test('[RU12] what nobody could take is told with the next tick, in order', async () => {
  const stage = await stageWith('server/cpu');
  await send(stage, 99, 18);
  stage.react = () => Promise.reject(new Error('busy'));
  await send(stage, 99, 2);
  await send(stage, 10, 10);
  expect(stage.logged).toContain('writing alerts failed');
  stage.react = async () => undefined;
  await stage.tick();
  const [id] = stage.told.map(({ alert }) => alert.id);
  expect(toldOf(stage)).toEqual([`opened ${id}`, `resolved ${id}`]);
});

test('[RU12] a full disk delays the telling, and nothing is told that is not written', async () => {
  const stage = new Stage();
  let isFull = true;
  const store = createMemoryRulesStore();
  stage.store = {
    ...store,
    record: async (change) => {
      if (isFull) throw new Error('the disk is full');
      await store.record(change);
    },
  };
  await stage.start();
  await stage.keepOnly((rule) => rule.pack === 'server/cpu');
  await send(stage, 99, 25);
  expect(stage.told).toEqual([]);
  isFull = false;
  await stage.tick();
  expect(stage.told.map(({ type }) => type)).toEqual(['opened']);
  expect(await stage.store.states()).toHaveLength(1);
});

test('[RU11] samples that were stored but not seen by the last server count towards the hold, or break it', async () => {
  for (const [missed, expected] of [
    [99, 1],
    [50, 0],
  ] as const) {
    const stage = await stageWith('server/cpu');
    await send(stage, 99, 10);
    const lost = [];
    for (let i = 0; i < 6; i++) {
      lost.push(stage.tickOf(stage.nowMs, { 'cpu.utilisation': missed }));
      stage.nowMs += 10 * SECOND_MS;
    }
    const delivery = { agentId: 'agent_1', epoch: '0000000000000001', seq: 1_000 };
    await stage.metrics.append(delivery, lost, stage.nowMs);
    await stage.start();
    await send(stage, 99, 3);
    expect(stage.told).toHaveLength(expected);
  }
});

test('[RU11] an acknowledged alert stays acknowledged over a restart, and opens anew when it gets worse', async () => {
  const stage = await stageWith('server/memory');
  await send(stage, 91, 31, 'memory.utilisation');
  const id = stage.told[0]?.alert.id ?? '';
  expect(await stage.engine.acknowledge(id, stage.nowMs)).toBe(true);
  expect(await stage.engine.acknowledge(id, stage.nowMs)).toBe(false);
  await stage.start();
  expect(await stage.store.alerts({ state: 'acknowledged', limit: 9 })).toHaveLength(1);
  await send(stage, 99, 32, 'memory.utilisation');
  expect(stage.told.at(-1)).toMatchObject({
    type: 'escalated',
    alert: { state: 'open', severity: 'critical' },
  });
});

test('[RU9] when a machine changes, no alert of another is looked at', async () => {
  const stage = await stageWith('server/cpu');
  await send(stage, 99, 20);
  // The directory of the stage knows only this one now: an alert of the other would end where it is looked at.
  stage.change(machineEntry({ id: 'ci_2' }));
  await stage.tick();
  expect(stage.told.map(({ type }) => type)).toEqual(['opened']);
});

test('[RU9] a machine that changes its class leaves the rules of the old one', async () => {
  const stage = await stageWith('server/cpu');
  await send(stage, 99, 20);
  stage.change(machineEntry({ class: 'Workstation' }));
  await stage.tick();
  await send(stage, 99, 30);
  expect(stage.told.map(({ type, alert }) => [type, alert.resolvedBecause])).toEqual([
    ['opened', null],
    ['resolved', 'rule-ended'],
  ]);
  stage.change(machineEntry());
  await send(stage, 99, 20);
  expect(stage.told.at(-1)?.type).toBe('opened');
});

test('[RU9] a retired machine raises nothing', async () => {
  const stage = await stageWith('server/cpu');
  stage.change(machineEntry({ lifecycle: 'retired' }));
  await send(stage, 99, 30);
  expect(stage.told).toEqual([]);
});

test('[RU9] a rule may name an instance by pattern', async () => {
  const stage = await stageWith('server/inodes');
  const [rule] = stage.engine.rules();
  if (!rule) throw new Error('the pack has the rule');
  const selector = { ...rule.selector, instance: '/var*' };
  await stage.engine.putRule({ ...rule, selector }, stage.nowMs);
  for (let i = 0; i < 10; i++) {
    const full = { 'filesystem.inodes.utilisation /var/lib': 99, 'filesystem.inodes.utilisation /home': 99 };
    await stage.deliver(stage.tickOf(stage.nowMs, full));
    await stage.wait(10 * SECOND_MS);
  }
  expect(stage.told.map(({ alert }) => alert.instance)).toEqual(['/var/lib']);
});

test('[RU19] the news names the thing, the level and since when, the reasons the value, in both languages', async () => {
  const stage = await stageWith('server/disk-space');
  for (let i = 0; i < 8; i++) {
    const full = { 'filesystem.utilisation /var': 96.04, 'filesystem.available /var': 4.2 * 1_073_741_824 };
    await stage.deliver(stage.tickOf(stage.nowMs, full));
    await stage.wait(10 * SECOND_MS);
  }
  expect(stage.told[0]).toMatchObject({
    title: {
      en: 'File system in use of /var on SRV-ERP01 has been at or above 95 % since 20 Nov 2026, 12:00:00 (+00:00)',
      zh: 'SRV-ERP01 上 /var 的文件系统使用率自 2026-11-20 12:00:00（+00:00）起达到或超过 95%',
    },
    reasonWords: [
      {
        en: 'It was 96 % when the alert opened, after 1 min without a pause.',
        zh: '持续越限 1 分钟后触发告警，当时为 96%。',
      },
      {
        en: 'File system available was 4.2 GiB, below 5 GiB.',
        zh: '文件系统可用：4.2 GiB，低于 5 GiB。',
      },
    ],
  });
});

test('[RU19] what got worse says since when the higher level is reached, not since when the lower one was', async () => {
  const stage = await stageWith('server/disk-space');
  const deliver = async (value: number) => {
    const full = { 'filesystem.utilisation /var': value, 'filesystem.available /var': 4.2 * 1_073_741_824 };
    await stage.deliver(stage.tickOf(stage.nowMs, full));
    await stage.wait(10 * SECOND_MS);
  };
  for (let i = 0; i < 60; i++) await deliver(92);
  for (let i = 0; i < 8; i++) await deliver(97);
  expect(stage.told.map(({ type, title }) => [type, title.en])).toEqual([
    [
      'opened',
      'File system in use of /var on SRV-ERP01 has been at or above 90 % since 20 Nov 2026, 12:00:00 (+00:00)',
    ],
    [
      'escalated',
      'File system in use of /var on SRV-ERP01 has been at or above 95 % since 20 Nov 2026, 12:10:00 (+00:00)',
    ],
  ]);
  // Also from the record alone.
  const [, worse] = stage.told;
  expect(stage.engine.opening(worse?.alert.id ?? '')?.title).toEqual(worse?.title);
  expect(worse?.alert.breachedAtMs).toBe(stage.told[0]?.breachedAtMs);
});

test('[RU19] the news of silence names the cause and carries the evidence', async () => {
  const stage = await stageWith('server/silent');
  stage.silent('Nothing answered.', 'agent-stopped');
  await stage.tick();
  stage.presence({});
  await stage.tick();
  expect(stage.told[0]).toMatchObject({
    title: {
      en: 'SRV-ERP01 is silent since 20 Nov 2026, 12:00:00 (+00:00): the agent has stopped',
      zh: 'SRV-ERP01 自 2026-11-20 12:00:00（+00:00）起失联：代理程序已停止',
    },
    reasonWords: [{ en: 'Nothing answered.' }],
  });
  expect(stage.told[1]?.title).toEqual({ en: 'SRV-ERP01 is heard again', zh: 'SRV-ERP01 已恢复上报' });
});

test('[RU14] the packs are whole: known metrics, right clear levels, words in both languages, keys once', async () => {
  const rules = PACKS.flatMap((pack) =>
    pack.rules.map((rule) => ({ ...rule, key: `${pack.id}/${rule.key}` })),
  );
  expect(new Set(rules.map(({ key }) => key)).size).toBe(rules.length);
  for (const { name, condition, explanation } of rules) {
    validateCondition(condition);
    expect(explanation.en.length).toBeGreaterThan(40);
    expect(explanation.zh).toMatch(/[\u4e00-\u9fff]{10}/);
    expect(name.zh).toMatch(/[\u4e00-\u9fff]{2}/);
    expect(nameWordsOf(name.en)).toEqual(name);
  }
  const stage = new Stage();
  await stage.start();
  expect(stage.engine.rules().map(({ pack }) => pack)).toEqual(rules.map(({ key }) => key));
});

test('[RU20] levels that wake a holding agent, and the shortest hold', async () => {
  const stage = await stageWith('server/memory');
  expect(stage.engine.wakeLevels('ci_1')).toEqual([
    { metric: 'memory.utilisation', instance: null, op: 'above', level: 90 },
    { metric: 'memory.utilisation', instance: null, op: 'above', level: 97 },
  ]);
  expect(stage.engine.shortestForMs('ci_1')).toBe(5 * MINUTE_MS);
  expect(stage.engine.shortestForMs('ci_nobody')).toBeNull();
  const all = new Stage();
  await all.start();
  expect(all.engine.shortestForMs('ci_1')).toBe(MINUTE_MS);
});

test('[RU9] the latest value of an open alert is that of the last sample', async () => {
  const stage = await stageWith('server/cpu');
  await send(stage, 99, 20);
  await send(stage, 93, 1);
  const [alert] = await stage.store.alerts({ limit: 1 });
  if (!alert) throw new Error('the alert is open');
  expect(stage.engine.current(alert)).toMatchObject({ value: 99, lastValue: 93 });
});

test('[RU26] of several rules on one metric and direction the most particular one is in force', async () => {
  const stage = new Stage(machineEntry({ tags: ['web'] }));
  await stage.start();
  await stage.keepOnly(() => false);
  const put = (id: string, level: number, selector: Partial<StoredRule['selector']>, enabled = true) =>
    stage.engine.putRule(
      {
        id,
        name: id,
        enabled,
        selector: { class: null, tag: null, ciId: null, instance: null, ...selector },
        condition: {
          type: 'threshold',
          metric: 'filesystem.utilisation',
          op: 'above',
          levels: [{ severity: 'warning', level, clear: level - 5 }],
          forMs: 0,
          keepForMs: 0,
          floor: null,
        },
        owner: null,
        agreedOn: null,
        explanation: { en: '', zh: '' },
        pack: null,
        createdAtMs: stage.nowMs,
        updatedAtMs: stage.nowMs,
      },
      stage.nowMs,
    );
  const beat = async () => {
    stage.nowMs += 10_000;
    await stage.deliver(
      stage.tickOf(stage.nowMs, { 'filesystem.utilisation /': 85, 'filesystem.utilisation /var': 85 }),
    );
  };
  const open = async () =>
    (await stage.store.alerts({ limit: 10, state: 'open' }))
      .map(({ ruleId, instance }) => `${ruleId} ${instance}`)
      .toSorted();
  await put('class', 80, { class: ['Server'] });
  await beat();
  expect(await open()).toEqual(['class /', 'class /var']);
  // The one for the tag says that 85 % is well: what the other had opened ends.
  await put('tag', 90, { tag: 'web' });
  await beat();
  expect(await open()).toEqual([]);
  await put('instance', 70, { instance: '/var' });
  await beat();
  expect(await open()).toEqual(['instance /var']);
  // Equally particular ones stand side by side, and a rule that is off stands for nothing.
  await put('tag too', 60, { tag: 'web' });
  await put('instance', 70, { instance: '/var' }, false);
  await beat();
  expect(await open()).toEqual(['tag too /', 'tag too /var']);
  await stage.start();
  await stage.engine.deleteRule('tag', stage.nowMs);
  await stage.engine.deleteRule('tag too', stage.nowMs);
  await beat();
  expect(await open()).toEqual(['class /', 'class /var']);
});

test('[RU12] an alert that cannot be told keeps back its own news and no other', async () => {
  const stage = await stageWith('server/disk-space');
  stage.react = async (transitions) => {
    if (transitions.some(({ alert }) => alert.instance === '/bad')) throw new Error('refused');
  };
  const beat = async (bad: number, good: number) => {
    const of = (mount: string, share: number) => ({
      [`filesystem.utilisation ${mount}`]: share,
      [`filesystem.available ${mount}`]: 2 ** 30,
    });
    for (let i = 0; i < 8; i++) {
      await stage.deliver(stage.tickOf(stage.nowMs, { ...of('/bad', bad), ...of('/good', good) }));
      await stage.wait(10 * SECOND_MS);
    }
  };
  const told = () => stage.told.map(({ type, alert }) => `${type} ${alert.instance}`);
  await beat(92, 92);
  expect(told()).toEqual(['opened /good']);
  await beat(97, 50);
  expect(told()).toEqual(['opened /good', 'resolved /good']);
  stage.react = async () => undefined;
  await stage.wait(2 * SECOND_MS);
  expect(told().slice(2)).toEqual(['opened /bad', 'escalated /bad']);
  await stage.wait(2 * SECOND_MS);
  expect(told().length).toBe(4);
});

test.each([undefined, { fn: 'avg', overMs: 2 * MINUTE_MS } as const])(
  '[RU47] after the clock was set back what comes now is judged, window %s',
  async (window) => {
    const stage = await stageWith('server/memory');
    const [rule] = stage.engine.rules();
    if (rule?.condition.type === 'threshold' && window)
      await stage.engine.putRule({ ...rule, condition: { ...rule.condition, window } }, stage.nowMs);
    await send(stage, 40, 90, 'memory.utilisation');
    const realMs = stage.nowMs;
    stage.nowMs += HOUR_MS;
    await send(stage, 95, 3, 'memory.utilisation');
    stage.nowMs = realMs;
    await send(stage, 95, 28, 'memory.utilisation');
    // What was pending at a later time does not count.
    expect(stage.told).toEqual([]);
    await send(stage, 95, 30, 'memory.utilisation');
    expect(stage.told.map(({ type }) => type)).toEqual(['opened']);
    await send(stage, 20, 40, 'memory.utilisation');
    expect(stage.told.map(({ type }) => type)).toEqual(['opened', 'resolved']);
    expect(stage.nowMs).toBeLessThan(realMs + HOUR_MS);
  },
);
