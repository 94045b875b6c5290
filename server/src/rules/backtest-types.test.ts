import { Backtest, type Condition } from '@muster/shared/api/rules.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, toIso } from '@muster/shared/time.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBacktester } from './backtest.ts';
import type { StoredRule } from './rule.ts';
import { Stage, STAGE_START_MS } from './stage.ts';

const INTERVAL_MS = 10 * SECOND_MS;

function ruleOf(id: string, condition: Condition): StoredRule {
  return {
    id,
    name: id,
    enabled: true,
    selector: { class: null, tag: null, ciId: null, instance: null },
    condition,
    owner: null,
    agreedOn: null,
    explanation: { en: '', zh: '' },
    pack: null,
    createdAtMs: STAGE_START_MS,
    updatedAtMs: STAGE_START_MS,
  };
}

/** One reading an interval; null: nothing of that series. The machine is heard throughout but for `silent`. */
interface Reading {
  readonly values: Readonly<Record<string, number>>;
  readonly silent?: boolean;
}

/** The alerts of the last rule that were told live, and what the same samples say afterwards. */
async function liveAndPast(rules: readonly StoredRule[], readings: readonly Reading[]) {
  const stage = new Stage();
  await stage.start();
  await stage.keepOnly(() => false);
  for (const rule of rules) await stage.engine.putRule(rule, stage.nowMs);
  for (const { values, silent = false } of readings) {
    if (!silent) await stage.deliver(stage.tickOf(stage.nowMs, { 'agent.memory': 1, ...values }));
    await stage.tick();
    stage.nowMs += INTERVAL_MS;
  }
  await stage.tick();
  const tried = rules.at(-1);
  if (!tried) throw new Error('a rule is tried');
  return compared(stage, tried, rules, 1);
}

async function triedOn(stage: Stage, tried: StoredRule, rules: readonly StoredRule[], days: number) {
  const backtester = createBacktester({
    directory: { get: () => stage.entry, all: () => [stage.entry], onChange: () => undefined },
    metrics: stage.metrics,
    rules: () => rules,
    silences: async () => [],
    intervalMs: () => stage.intervalMs,
    monotonicMs: () => 0,
    breathe: async () => undefined,
  });
  const { selector, condition, id: ruleId } = tried;
  const input = { selector, condition, ruleId, days, utcOffsetMinutes: 0 };
  const { signal } = new AbortController();
  return Backtest.parse(await backtester.run(input, stage.nowMs, signal));
}

/** As [from, to, instance], oldest first. */
async function compared(stage: Stage, tried: StoredRule, rules: readonly StoredRule[], days: number) {
  const alerts = (await stage.store.alerts({ limit: 1_000 })).filter(({ ruleId }) => ruleId === tried.id);
  const { episodes } = await triedOn(stage, tried, rules, days);
  return {
    live: alerts
      .map(({ openedAtMs, resolvedAtMs, instance }) => [toIso(openedAtMs), isoOrNull(resolvedAtMs), instance])
      .toSorted(byText),
    past: episodes.map(({ from, to, instance }) => [from, to, instance]).toSorted(byText),
  };
}

const isoOrNull = (ms: number | null) => (ms === null ? null : toIso(ms));
const byText = (a: unknown, b: unknown) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

const levels = [
  { severity: 'warning', level: 80, clear: 60 },
  { severity: 'critical', level: 95, clear: 90 },
] as const;
const onCpu = { type: 'threshold', metric: 'cpu.utilisation', op: 'above', floor: null } as const;
const held = { forMs: 30_000, keepForMs: 20_000 };

const TYPES: Readonly<Record<string, Condition>> = {
  'n of m': { ...onCpu, ...held, levels: [...levels], window: { fn: 'n-of-m', n: 3, m: 5 } },
  average: { ...onCpu, ...held, levels: [...levels], window: { fn: 'avg', overMs: 120_000 } },
  lowest: { ...onCpu, ...held, levels: [...levels], window: { fn: 'min', overMs: 60_000 } },
  highest: { ...onCpu, ...held, levels: [...levels], window: { fn: 'max', overMs: 60_000 } },
  '95th percentile': { ...onCpu, ...held, levels: [...levels], window: { fn: 'p95', overMs: 300_000 } },
  changes: {
    ...onCpu,
    forMs: 0,
    keepForMs: 0,
    levels: [{ severity: 'warning', level: 3, clear: 2 }],
    window: { fn: 'changes', overMs: 600_000 },
  },
  change: {
    type: 'change',
    metric: 'cpu.utilisation',
    direction: 'any',
    atLeast: 20,
    overMs: 120_000,
    keepForMs: 180_000,
    severity: 'warning',
  },
  forecast: {
    type: 'forecast',
    metric: 'cpu.utilisation',
    op: 'above',
    level: 97,
    overMs: 600_000,
    levels: [{ severity: 'warning', withinMs: 1_800_000, clearWithinMs: 3_600_000 }],
    forMs: 0,
    keepForMs: 0,
    floor: null,
  },
};

const runs = fc.array(
  fc.tuple(
    fc.constantFrom<number | null>(10, 50, 70, 85, 92, 97, null),
    fc.integer({ min: 1, max: 30 }),
    fc.integer({ min: -2, max: 2 }),
  ),
  { minLength: 1, maxLength: 14 },
);
/** Steps, slopes and gaps of silence. */
const readingsOf = (drawn: readonly (readonly [number | null, number, number])[]): Reading[] =>
  drawn.flatMap(([value, count, slope]) =>
    Array.from(
      { length: count },
      (_, i): Reading =>
        value === null
          ? { values: {}, silent: true }
          : { values: { 'cpu.utilisation': Math.max(0, Math.min(99, value + (slope * i) / 4)) } },
    ),
  );

test.each(Object.entries(TYPES))(
  '[RU21] %s: on the same samples the past gives the alerts that were given live',
  async (_, condition) => {
    let told = 0;
    await fc.assert(
      fc.asyncProperty(runs, async (drawn) => {
        const { live, past } = await liveAndPast([ruleOf('rul_1', condition)], readingsOf(drawn));
        told += live.length;
        expect(past).toEqual(live);
      }),
      { numRuns: 25 },
    );
    if (condition.type !== 'forecast') expect(told).toBeGreaterThan(0);
  },
);

test('[RU21] [CR2] what flaps is one alert until it is calm, longer than alerts reopen, live and in the past', async () => {
  const turns = [1, 15, 6, 11, 84].map((count, i) => [i % 2 === 0 ? 10 : 97, count, 0] as const);
  const { live, past } = await liveAndPast(
    [ruleOf('rul_1', TYPES['average'] ?? busy)],
    readingsOf([...turns, [85, 15, 0]]),
  );
  expect(live).toEqual([['2026-11-20T12:01:30.000Z', null, '']]);
  expect(past).toEqual(live);
});

test.each(['increase', 'rate', 'resets'] as const)(
  '[RU21] %s: on the same samples the past gives the alerts that were given live',
  async (fn) => {
    const condition: Condition = {
      type: 'threshold',
      metric: fn === 'resets' ? 'system.uptime' : 'disk.errors',
      op: 'above',
      levels: [{ severity: 'warning', level: fn === 'rate' ? 0.0203 : 2, clear: fn === 'rate' ? 0.0101 : 1 }],
      forMs: 0,
      keepForMs: 0,
      floor: null,
      window: { fn, overMs: 300_000 },
    };
    // Over how long the first rate after a gap was taken is not stored: a regular one follows each.
    const steps = fc
      .array(fc.constantFrom<number | null>(0, 0, 0, 0, 0, 0, 1, 2, -5, null), {
        minLength: 10,
        maxLength: 200,
      })
      .map((all) => all.map((step, i) => (all[i - 1] !== null && all[i - 2] === null ? (step ?? 0) : step)));
    let toldAll = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (drawn) => {
        let count = 10;
        // Of the first rate stored history does not say how long it is.
        const readings = [0, 0, ...drawn].map((step): Reading => {
          count = step === null ? count : step < 0 ? 0 : count + step;
          return {
            values: { [`${condition.metric}${fn === 'resets' ? '' : ' sda'}`]: count },
            silent: step === null,
          };
        });
        const { live, past } = await liveAndPast([ruleOf('rul_1', condition)], readings);
        toldAll += live.length;
        expect(past).toEqual(live);
      }),
      { numRuns: 40 },
    );
    expect(toldAll).toBeGreaterThan(0);
  },
);

const hot: Condition = {
  type: 'threshold',
  metric: 'temperature',
  op: 'above',
  levels: [{ severity: 'warning', level: 80, clear: 70 }],
  forMs: 0,
  keepForMs: 0,
  floor: null,
};
const busy: Condition = { ...onCpu, forMs: 0, keepForMs: 0, levels: [levels[0]] };
const onOff = fc.array(fc.tuple(fc.boolean(), fc.boolean(), fc.integer({ min: 1, max: 30 })), {
  minLength: 1,
  maxLength: 12,
});

test.each(['and', 'or'] as const)(
  '[RU21] [RU35] a composite of two with "%s": the past gives the alerts that were given live',
  async (op) => {
    let told = 0;
    await fc.assert(
      fc.asyncProperty(onOff, fc.integer({ min: 0, max: 18 }), async (drawn, hold) => {
        const rules = ['rul_1', 'rul_2'];
        const both: Condition = {
          type: 'composite',
          op,
          rules,
          severity: 'critical',
          forMs: hold * INTERVAL_MS,
        };
        const readings = drawn.flatMap(([isHot, isBusy, count]) =>
          Array.from({ length: count }, () => ({
            values: { 'temperature cpu': isHot ? 85 : 50, 'cpu.utilisation': isBusy ? 85 : 10 },
          })),
        );
        const { live, past } = await liveAndPast(
          [ruleOf('rul_1', hot), ruleOf('rul_2', busy), ruleOf('rul_3', both)],
          readings,
        );
        told += live.length;
        expect(past).toEqual(live);
      }),
      { numRuns: 40 },
    );
    expect(told).toBeGreaterThan(0);
  },
);

test('[RU21] [RU30] absence: the past gives the alerts that were given live', async () => {
  const absence: Condition = {
    type: 'absence',
    metric: 'temperature',
    severity: 'warning',
    forMs: 5 * MINUTE_MS,
    scope: 'instance',
  };
  const present = (count: number) =>
    Array.from({ length: count }, () => ({ values: { 'temperature cpu': 50 } }));
  const gone = (count: number) => Array.from({ length: count }, () => ({ values: {} }));
  const { live, past } = await liveAndPast(
    [ruleOf('rul_1', absence)],
    [...present(30), ...gone(60), ...present(200), ...gone(12), ...present(12), ...gone(40)],
  );
  expect(live).toHaveLength(2);
  expect(past).toEqual(live);
});

/** Busy by day, idle by night, seven weeks long; in the last night it is not idle for two hours. */
async function nightStage(rules: readonly StoredRule[]) {
  const stepMs = 10 * MINUTE_MS;
  const oddMs = STAGE_START_MS - 10 * HOUR_MS;
  const stage = new Stage();
  stage.intervalMs = stepMs;
  stage.nowMs = STAGE_START_MS - 7 * 7 * DAY_MS;
  await stage.start();
  await stage.keepOnly(() => false);
  for (const rule of rules) await stage.engine.putRule(rule, stage.nowMs);
  for (; stage.nowMs < STAGE_START_MS; stage.nowMs += stepMs) {
    const hour = Math.floor(stage.nowMs / HOUR_MS) % 24;
    const isOdd = stage.nowMs >= oddMs && stage.nowMs < oddMs + 2 * HOUR_MS;
    const usual = hour >= 8 && hour < 18 ? 60 : 10;
    const value = isOdd ? 70 : usual + ((stage.nowMs / stepMs) % 3);
    await stage.deliver(stage.tickOf(stage.nowMs, { 'cpu.utilisation': value }));
    await stage.tick();
  }
  return { stage, oddMs };
}

test('[RU21] [RU34] [RU36] baseline and anomaly: the past gives the alerts that were given live', async () => {
  const baseline: Condition = {
    type: 'baseline',
    metric: 'cpu.utilisation',
    direction: 'above',
    levels: [{ severity: 'warning', deviations: 4, clear: 2 }],
    minimum: 30,
    weeks: 4,
    overMs: 900_000,
    // Longer than the average, which still holds the hour before at the edge of an hour.
    forMs: 900_000,
    keepForMs: 0,
  };
  const anomaly: Condition = {
    type: 'anomaly',
    metric: 'cpu.utilisation',
    score: 0.5,
    clear: 0.3,
    severity: 'warning',
    forMs: 0,
    keepForMs: 0,
  };
  const rules = [ruleOf('rul_1', baseline), ruleOf('rul_2', anomaly)];
  const { stage, oddMs } = await nightStage(rules);
  for (const rule of rules) {
    const { live, past } = await compared(stage, rule, rules, 2);
    expect(live).toHaveLength(1);
    expect(Date.parse(live[0]?.[0] ?? '')).toBeGreaterThanOrEqual(oddMs);
    expect(Date.parse(live[0]?.[0] ?? '')).toBeLessThan(oddMs + HOUR_MS);
    expect(past).toEqual(live);
  }
});

test('[RU21] what looks at weeks is tried on wide points, and the answer says so', async () => {
  const stage = new Stage();
  await stage.start();
  await stage.deliver(stage.tickOf(stage.nowMs, { 'filesystem.available /': 1e9 }));
  const basisOf = async (overMs: number) => {
    const condition: Condition = {
      type: 'forecast',
      metric: 'filesystem.available',
      op: 'below',
      level: 1,
      overMs,
      levels: [{ severity: 'warning', withinMs: DAY_MS, clearWithinMs: 2 * DAY_MS }],
      forMs: 0,
      keepForMs: 0,
      floor: null,
    };
    return (await triedOn(stage, ruleOf('rul_1', condition), [], 1)).basis;
  };
  stage.nowMs += HOUR_MS;
  expect(await basisOf(HOUR_MS)).toBe('raw');
  expect(await basisOf(7 * DAY_MS)).toBe('10m');
});
