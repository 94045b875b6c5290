import type { Condition } from '@muster/shared/api/rules.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StoredRule } from './rule.ts';
import { Stage } from './stage.ts';

const EVERY_MS = 10 * SECOND_MS;

/** One of each kind, with times short enough that something happens. */
const CONDITIONS: readonly Condition[] = [
  {
    type: 'threshold',
    metric: 'temperature',
    op: 'above',
    levels: [
      { severity: 'warning', level: 60, clear: 50 },
      { severity: 'critical', level: 80, clear: 70 },
    ],
    forMs: 20 * SECOND_MS,
    keepForMs: 20 * SECOND_MS,
    floor: null,
    window: { fn: 'avg', overMs: MINUTE_MS },
  },
  {
    type: 'threshold',
    metric: 'temperature',
    op: 'above',
    levels: [{ severity: 'warning', level: 60, clear: 50 }],
    forMs: 0,
    keepForMs: 0,
    floor: null,
    window: { fn: 'n-of-m', n: 3, m: 5 },
  },
  {
    type: 'threshold',
    metric: 'disk.errors',
    op: 'above',
    levels: [{ severity: 'warning', level: 3, clear: 1 }],
    forMs: 0,
    keepForMs: 20 * SECOND_MS,
    floor: null,
    window: { fn: 'increase', overMs: 2 * MINUTE_MS },
  },
  {
    type: 'threshold',
    metric: 'temperature',
    op: 'above',
    levels: [{ severity: 'critical', level: 4, clear: 2 }],
    forMs: 0,
    keepForMs: 0,
    floor: null,
    window: { fn: 'changes', overMs: MINUTE_MS },
  },
  {
    type: 'change',
    metric: 'temperature',
    direction: 'up',
    atLeast: 30,
    overMs: 30 * SECOND_MS,
    keepForMs: 30 * SECOND_MS,
    severity: 'warning',
  },
  {
    type: 'forecast',
    metric: 'temperature',
    op: 'above',
    level: 95,
    overMs: 10 * MINUTE_MS,
    levels: [{ severity: 'warning', withinMs: HOUR_MS, clearWithinMs: 2 * HOUR_MS }],
    forMs: 0,
    keepForMs: 0,
    floor: null,
  },
  { type: 'absence', metric: 'disk.errors', severity: 'warning', forMs: MINUTE_MS, scope: 'metric' },
];

function ruleOf(condition: Condition, index: number): StoredRule {
  return {
    id: `rul_${index}`,
    name: `rule ${index}`,
    enabled: true,
    // Of one family each has a place of its own, so that all are in force.
    selector: { class: null, tag: null, ciId: null, instance: null },
    condition,
    owner: null,
    agreedOn: null,
    explanation: { en: '', zh: '' },
    pack: null,
    createdAtMs: 0,
    updatedAtMs: 0,
  };
}

async function stageWith(extra: readonly StoredRule[] = []): Promise<Stage> {
  const stage = new Stage();
  await stage.start();
  await stage.keepOnly(() => false);
  for (const [i, condition] of CONDITIONS.entries())
    await stage.engine.putRule(ruleOf(condition, i), stage.nowMs);
  for (const rule of extra) await stage.engine.putRule(rule, stage.nowMs);
  return stage;
}

const toldOf = (stage: Stage) =>
  stage.told
    .map(
      ({ type, alert, atMs, value }) =>
        `${atMs} ${alert.ruleId} ${alert.instance} ${type} ${alert.severity} ${value === null ? '' : value.toFixed(6)}`,
    )
    .toSorted();

/** null: the machine says nothing. */
type Beat = { readonly heat: number; readonly errors: number | null } | null;

/** Runs of values, so that holds are completed; the counter grows, stands still, and is left out at times; silence between them. */
const story = fc
  .array(
    fc.record({
      // Over how long the first rate after a gap was taken is not stored: two regular ones follow each.
      length: fc.integer({ min: 2, max: 14 }),
      from: fc.constantFrom(20, 40, 55, 65, 75, 90),
      slope: fc.constantFrom(0, 0, 0, 0.5, 5),
      errors: fc.constantFrom<number | null>(0, 0, 0, 1, null),
      silence: fc.constantFrom(0, 0, 0, 2, 3, 4, 5),
    }),
    { minLength: 5, maxLength: 12 },
  )
  .map((runs): Beat[] => [
    // Over how long the very first rate of a counter was taken is not stored: it begins regularly.
    ...Array.from({ length: 3 }, () => ({ heat: 20, errors: 0 })),
    ...runs.flatMap(({ length, from, slope, errors, silence }): Beat[] => [
      ...Array.from({ length }, (_, i) => ({ heat: Math.min(99, from + i * slope), errors })),
      ...Array.from({ length: silence }, () => null),
    ]),
  ]);

async function play(
  stage: Stage,
  beats: readonly Beat[],
  {
    restartBefore,
    split,
    beatsBlind = 0,
  }: { restartBefore: ReadonlySet<number>; split: boolean; beatsBlind?: number },
): Promise<void> {
  let count = 0;
  let answerAt = Infinity;
  let answer = () => {};
  for (const [i, beat] of beats.entries()) {
    if (i >= answerAt) await answered();
    if (restartBefore.has(i)) {
      await answered();
      if (beatsBlind > 0) {
        stage.pastWaits = new Promise((resolve) => (answer = resolve));
        answerAt = i + beatsBlind;
      }
      await stage.start();
    }
    if (beat !== null) await send(stage, beat);
    for (const untilMs = stage.nowMs + EVERY_MS; stage.nowMs < untilMs; ) {
      stage.nowMs += 5 * SECOND_MS;
      await stage.tick();
    }
  }
  await answered();

  async function answered(): Promise<void> {
    answer();
    stage.pastWaits = null;
    answerAt = Infinity;
    await stage.engine.settled();
    await stage.tick();
  }

  async function send(stage: Stage, { heat, errors }: NonNullable<Beat>): Promise<void> {
    count += errors ?? 0;
    const rest: Record<string, number> = errors === null ? {} : { 'disk.errors sda': count };
    const now = { 'temperature cpu': heat };
    if (split) {
      await stage.deliver(stage.tickOf(stage.nowMs, rest));
      await stage.deliver(stage.tickOf(stage.nowMs, now));
    } else await stage.deliver(stage.tickOf(stage.nowMs, { ...now, ...rest }));
  }
}

test('[RU33] a restart anywhere changes nothing of what is told', async () => {
  await fc.assert(
    fc.asyncProperty(story, fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), async (beats, at) => {
      const straight = await stageWith();
      const broken = await stageWith();
      await play(straight, beats, { restartBefore: new Set(), split: false });
      await play(broken, beats, { restartBefore: new Set(at.map((n) => n % beats.length)), split: false });
      expect(toldOf(broken)).toEqual(toldOf(straight));
    }),
    { numRuns: 120 },
  );
});

test('[RU33] [RU46] samples that come before the past is read are judged by it once it is', async () => {
  await fc.assert(
    fc.asyncProperty(
      story,
      fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 60 }),
      async (beats, at, beatsBlind) => {
        const straight = await stageWith();
        const broken = await stageWith();
        const restartBefore = new Set(at.map((n) => n % beats.length));
        await play(straight, beats, { restartBefore: new Set(), split: false });
        // What is not reported any more is seen once its past is known.
        fc.pre(straight.told.every(({ alert }) => alert.resolvedBecause !== 'not-reported'));
        await play(broken, beats, { restartBefore, split: false, beatsBlind });
        expect(toldOf(broken)).toEqual(toldOf(straight));
      },
    ),
    { numRuns: 120 },
  );
});

test('[RU33] how samples are packed into deliveries changes nothing of what is told', async () => {
  await fc.assert(
    fc.asyncProperty(story, async (beats) => {
      const whole = await stageWith();
      const split = await stageWith();
      await play(whole, beats, { restartBefore: new Set(), split: false });
      await play(split, beats, { restartBefore: new Set(), split: true });
      expect(toldOf(split)).toEqual(toldOf(whole));
    }),
    { numRuns: 20 },
  );
});

test('[RU33] the stories tell something of each kind', async () => {
  const stage = await stageWith();
  const beats = [
    ...Array.from({ length: 70 }, (_, i) => ({ heat: 40 + i * 0.5, errors: i % 20 === 0 ? 1 : 0 })),
    ...Array.from({ length: 12 }, (_, i) => ({ heat: i % 2 === 0 ? 30 : 85, errors: 1 })),
    ...Array.from({ length: 20 }, () => ({ heat: 85, errors: null })),
  ];
  await play(stage, beats, { restartBefore: new Set(), split: false });
  expect([...new Set(stage.told.map(({ alert }) => alert.ruleId))].toSorted()).toEqual(
    CONDITIONS.map((_, i) => `rul_${i}`),
  );
});

test('[RU46] the start waits for no past, and series of one metric are read together', async () => {
  const stage = new Stage();
  await stage.start();
  await stage.keepOnly(({ condition }) => condition.type === 'forecast');
  const mounts = Object.fromEntries(
    ['/', '/var', '/srv'].map((mount) => [`filesystem.available ${mount}`, 50 * 2 ** 30]),
  );
  await stage.deliver(stage.tickOf(stage.nowMs, mounts));
  const asked: (string | undefined)[] = [];
  const { range } = stage.metrics;
  stage.metrics.range = (query, nowMs) => {
    asked.push(query.instance);
    return range(query, nowMs);
  };
  let read = () => {};
  stage.pastWaits = new Promise((resolve) => (read = resolve));
  await stage.start();
  expect(asked).toEqual([]);
  read();
  await stage.engine.settled();
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.every((instance) => instance === undefined)).toBe(true);
});

test('[RU46] a machine whose first sample has not been taken yet is not asked for its past', async () => {
  const asked = async (bornAtMs: number) => {
    const stage = new Stage();
    await stage.start();
    await stage.keepOnly(({ condition }) => condition.type === 'forecast');
    let reads = 0;
    const { range } = stage.metrics;
    stage.metrics.range = (query, nowMs) => {
      reads += 1;
      return range(query, nowMs);
    };
    stage.metrics.bornAtMs = () => bornAtMs;
    await stage.deliver(stage.tickOf(stage.nowMs, { 'filesystem.available /': 50 * 2 ** 30 }));
    await stage.engine.settled();
    return reads;
  };
  expect(await asked(Number.NEGATIVE_INFINITY)).toBeGreaterThan(0);
  expect(await asked(Number.POSITIVE_INFINITY)).toBe(0);
});
