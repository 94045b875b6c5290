/** What a change of rules, tags and levels does to what is being evaluated. */
import type { Condition } from '@muster/shared/api/rules.ts';
import { MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import { expect, test } from 'vitest';
import type { StoredRule } from './rule.ts';
import { machineEntry, Stage } from './stage.ts';

type Threshold = Extract<Condition, { type: 'threshold' }>;

const HOT: Threshold = {
  type: 'threshold',
  metric: 'temperature',
  op: 'above',
  levels: [{ severity: 'warning', level: 90, clear: 80 }],
  forMs: 3 * MINUTE_MS,
  keepForMs: MINUTE_MS,
  floor: null,
};
const ERRORS: Threshold = {
  ...HOT,
  metric: 'disk.errors',
  levels: [{ severity: 'warning', level: 3, clear: 1 }],
  forMs: 0,
  keepForMs: 0,
  window: { fn: 'increase', overMs: 10 * MINUTE_MS },
};

function ruleOf(
  id: string,
  condition: Condition,
  selector: Partial<StoredRule['selector']> = {},
): StoredRule {
  return {
    id,
    name: id,
    enabled: true,
    selector: { class: null, tag: null, ciId: null, instance: null, ...selector },
    condition,
    owner: null,
    agreedOn: null,
    explanation: { en: '', zh: '' },
    pack: null,
    createdAtMs: 0,
    updatedAtMs: 0,
  };
}

async function stageWith(...rules: StoredRule[]): Promise<Stage> {
  const stage = new Stage(machineEntry({ tags: ['db'] }));
  await stage.start();
  await stage.keepOnly(() => false);
  for (const rule of rules) await stage.engine.putRule(rule, stage.nowMs);
  return stage;
}

async function send(stage: Stage, values: Readonly<Record<string, number>>, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await stage.deliver(stage.tickOf(stage.nowMs, values));
    await stage.wait(10 * SECOND_MS);
  }
}

const toldOf = (stage: Stage) => stage.told.map(({ type, alert }) => `${type} ${alert.ruleId}`);

/** How often stored history is asked for. */
function countReads(stage: Stage): () => number {
  let reads = 0;
  const { range } = stage.metrics;
  stage.metrics.range = (...input) => {
    reads += 1;
    return range(...input);
  };
  return () => reads;
}

test('[RU33] a change of one rule lets the others go on: none reads its past again', async () => {
  const other = ruleOf('rul_hot', HOT);
  const stage = await stageWith(ruleOf('rul_errors', ERRORS), other);
  await send(stage, { 'disk.errors sda': 0, 'temperature cpu': 20 }, 3);
  const reads = countReads(stage);
  await stage.engine.putRule({ ...other, owner: 'IT', updatedAtMs: 1 }, stage.nowMs);
  await send(stage, { 'disk.errors sda': 5, 'temperature cpu': 20 }, 1);
  expect(reads()).toBe(0);
  expect(toldOf(stage)).toEqual(['opened rul_errors']);
});

test('[RU33] neither does a rule of which only name, owner or holds have changed', async () => {
  const rule = ruleOf('rul_errors', ERRORS);
  const stage = await stageWith(rule);
  await send(stage, { 'disk.errors sda': 0 }, 3);
  const reads = countReads(stage);
  await stage.engine.putRule(
    { ...rule, owner: 'IT', condition: { ...ERRORS, keepForMs: 60_000 } },
    stage.nowMs,
  );
  await send(stage, { 'disk.errors sda': 5 }, 1);
  expect(reads()).toBe(0);
  expect(toldOf(stage)).toEqual(['opened rul_errors']);
});

test('[RU33] what came in while a rule was not in force counts when it is again', async () => {
  const stage = await stageWith(ruleOf('rul_errors', ERRORS, { tag: 'db' }));
  await send(stage, { 'disk.errors sda': 0 }, 3);
  stage.change({ ...stage.entry, tags: [] });
  await send(stage, { 'disk.errors sda': 5 }, 3);
  expect(toldOf(stage)).toEqual([]);
  stage.change({ ...stage.entry, tags: ['db'] });
  // The first one tells no rate yet.
  await send(stage, { 'disk.errors sda': 5 }, 2);
  expect(toldOf(stage)).toEqual(['opened rul_errors']);
});

test('[RU33] the same where a more particular rule stood in its place for a while', async () => {
  const stage = await stageWith(ruleOf('rul_errors', ERRORS));
  await send(stage, { 'disk.errors sda': 0 }, 3);
  const lenient = { ...ERRORS, levels: [{ severity: 'warning', level: 100, clear: 1 }] } as const;
  await stage.engine.putRule(
    ruleOf('rul_own', { ...lenient, levels: [...lenient.levels] }, { tag: 'db' }),
    stage.nowMs,
  );
  await send(stage, { 'disk.errors sda': 5 }, 3);
  await stage.engine.deleteRule('rul_own', stage.nowMs);
  await send(stage, { 'disk.errors sda': 5 }, 1);
  expect(toldOf(stage)).toEqual(['opened rul_errors']);
});

test('[RU13] a hold that was counted at another level begins anew', async () => {
  const rule = ruleOf('rul_hot', HOT);
  const stage = await stageWith(rule);
  await send(stage, { 'temperature cpu': 92 }, 13);
  const levels = [{ severity: 'warning', level: 95, clear: 80 } as const];
  await stage.engine.putRule({ ...rule, condition: { ...HOT, levels } }, stage.nowMs);
  await send(stage, { 'temperature cpu': 96 }, 18);
  expect(toldOf(stage)).toEqual([]);
  await send(stage, { 'temperature cpu': 96 }, 1);
  expect(toldOf(stage)).toEqual(['opened rul_hot']);
});

test('[RU13] a shorter hold counts what was counted already', async () => {
  const rule = ruleOf('rul_hot', HOT);
  const stage = await stageWith(rule);
  await send(stage, { 'temperature cpu': 92 }, 13);
  await stage.engine.putRule({ ...rule, condition: { ...HOT, forMs: 2 * MINUTE_MS } }, stage.nowMs);
  await send(stage, { 'temperature cpu': 92 }, 1);
  expect(toldOf(stage)).toEqual(['opened rul_hot']);
});

test('[RU13] an alert outlives a change of its level, and is not told again', async () => {
  const rule = ruleOf('rul_hot', HOT);
  const stage = await stageWith(rule);
  await send(stage, { 'temperature cpu': 92 }, 20);
  const levels = [{ severity: 'warning', level: 95, clear: 91 } as const];
  await stage.engine.putRule({ ...rule, condition: { ...HOT, levels } }, stage.nowMs);
  await send(stage, { 'temperature cpu': 92 }, 20);
  expect(toldOf(stage)).toEqual(['opened rul_hot']);
  await send(stage, { 'temperature cpu': 90 }, 8);
  expect(toldOf(stage)).toEqual(['opened rul_hot', 'resolved rul_hot']);
});
