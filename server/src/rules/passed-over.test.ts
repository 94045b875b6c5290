/** Samples that are passed over, or shown to their signals later, change nothing of what is told. */
import type { Condition } from '@muster/shared/api/rules.ts';
import { MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StoredTick } from '../metrics/store.ts';
import { evaluate, idleTracks, raisedOf } from './evaluate.ts';
import type { SeriesCondition } from './judged.ts';
import { judgedOf, signalOf } from './judged.ts';
import type { StoredRule } from './rule.ts';
import { Stage, STAGE_START_MS } from './stage.ts';

const INTERVAL_MS = 10 * SECOND_MS;
const GAP_MS = 45 * SECOND_MS;
/** Within three intervals a counter has a rate. */
const JOINED_MS = 30 * SECOND_MS;

const levels = [
  { severity: 'warning', level: 60, clear: 50 },
  { severity: 'critical', level: 80, clear: 70 },
] as const;
const gauge = { type: 'threshold', metric: 'temperature', op: 'above', floor: null } as const;
const counter = { ...gauge, metric: 'disk.errors' } as const;
const held = { forMs: 30_000, keepForMs: 20_000 };
const counted = { forMs: 0, keepForMs: 0 };
const twice = () => [{ severity: 'warning' as const, level: 2, clear: 1 }];

const CONDITIONS: Readonly<Record<string, Condition>> = {
  plain: { ...gauge, ...held, levels: [...levels] },
  'plain below': {
    ...gauge,
    ...held,
    op: 'below',
    levels: [{ severity: 'warning', level: 30, clear: 35 }],
  },
  average: { ...gauge, ...held, levels: [...levels], window: { fn: 'avg', overMs: 2 * MINUTE_MS } },
  lowest: { ...gauge, ...held, levels: [...levels], window: { fn: 'min', overMs: MINUTE_MS } },
  highest: { ...gauge, ...held, levels: [...levels], window: { fn: 'max', overMs: 5 * MINUTE_MS } },
  '95th percentile': { ...gauge, ...held, levels: [...levels], window: { fn: 'p95', overMs: 5 * MINUTE_MS } },
  'n of m': { ...gauge, ...held, levels: [...levels], window: { fn: 'n-of-m', n: 2, m: 4 } },
  changes: { ...gauge, ...counted, levels: twice(), window: { fn: 'changes', overMs: 3 * MINUTE_MS } },
  resets: { ...gauge, ...counted, levels: twice(), window: { fn: 'resets', overMs: 3 * MINUTE_MS } },
  'few changes': {
    ...gauge,
    ...counted,
    levels: twice(),
    op: 'below',
    window: { fn: 'changes', overMs: 3 * MINUTE_MS },
  },
  rate: {
    ...counter,
    ...held,
    levels: [{ severity: 'warning', level: 0.5, clear: 0.2 }],
    window: { fn: 'rate', overMs: 3 * MINUTE_MS },
  },
  increase: { ...counter, ...counted, levels: twice(), window: { fn: 'increase', overMs: 4 * MINUTE_MS } },
  forecast: {
    type: 'forecast',
    metric: 'temperature',
    op: 'above',
    level: 97,
    overMs: 10 * MINUTE_MS,
    levels: [{ severity: 'warning', withinMs: 30 * MINUTE_MS, clearWithinMs: 60 * MINUTE_MS }],
    forMs: 0,
    keepForMs: 0,
    floor: null,
  },
};

interface Step {
  readonly level: number;
  /** Intervals since the one before. */
  readonly after: number;
  readonly adds: number;
  /** Which of the lists it comes in. */
  readonly list: number;
  readonly endsFrame: boolean;
}

/** Long stretches of quiet, with some trouble in between. */
const arbitrarySteps = fc
  .array(
    fc.record({
      length: fc.integer({ min: 1, max: 40 }),
      from: fc.constantFrom(5, 20, 45, 58, 75, 95),
      by: fc.constantFrom(0, 0, 0.5, 1, -1, 7),
      errors: fc.constantFrom(0, 0, 0, 1, 9),
      gap: fc.constantFrom(1, 1, 1, 3, 12),
      list: fc.integer({ min: 0, max: 2 }),
      frame: fc.integer({ min: 1, max: 3 }),
    }),
    { minLength: 2, maxLength: 8 },
  )
  .map((stretches) =>
    stretches.flatMap(({ length, from, by, errors, gap, list, frame }) =>
      Array.from(
        { length },
        (_, i): Step => ({
          level: Math.min(120, Math.max(-20, from + i * by)),
          after: i === 0 ? gap : 1,
          adds: i % 3 === 0 ? errors : 0,
          list: i % 5 === 4 ? 0 : list,
          endsFrame: i % frame === frame - 1 || i === length - 1,
        }),
      ),
    ),
  );

/** What comes and goes more often than this counts as flapping, which is another matter. */
const TOLD_MAX = 4;

/** Each sample shown to the signal and to the levels, one after the other. */
function oneByOne(said: SeriesCondition, steps: readonly Step[]): unknown[] {
  const condition = judgedOf(said);
  const signal = signalOf(said, INTERVAL_MS);
  const told: unknown[] = [];
  let tracks = idleTracks(condition);
  let atMs = STAGE_START_MS;
  let readMs = Number.NaN;
  let gapped = false;
  for (const [i, { level, after, adds }] of steps.entries()) {
    atMs += after * INTERVAL_MS;
    const sinceMs = after * INTERVAL_MS;
    const isRateless = i === 0 || sinceMs > JOINED_MS;
    if (said.metric === 'disk.errors' && isRateless) continue;
    const value = said.metric === 'disk.errors' ? (adds * SECOND_MS) / sinceMs : level;
    const afterGap = atMs - readMs > GAP_MS;
    gapped ||= afterGap;
    readMs = atMs;
    const judged = signal ? signal.take(atMs, value, i === 0 ? Number.NaN : sinceMs, afterGap) : value;
    if (judged === null) continue;
    const before = raisedOf(condition, tracks);
    tracks = evaluate(condition, tracks, { atMs, value: judged, floor: null, fresh: true, afterGap: gapped });
    gapped = false;
    const now = raisedOf(condition, tracks);
    if (now?.severity !== before?.severity) told.push([atMs, now?.severity ?? 'resolved']);
  }
  return told.slice(0, TOLD_MAX);
}

function ruleOf(condition: Condition): StoredRule {
  return {
    id: 'tried',
    name: 'tried',
    enabled: true,
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

/** Through the engine, in frames of up to three ticks, with lists of series that stay the same objects. */
async function inFrames(condition: Condition, steps: readonly Step[]): Promise<unknown[]> {
  const stage = new Stage();
  await stage.start();
  await stage.keepOnly(() => false);
  await stage.engine.putRule(ruleOf(condition), stage.nowMs);
  await stage.tick();
  const names = [
    ['agent.memory', 'temperature cpu', 'cpu.user', 'disk.errors sda'],
    ['temperature cpu', 'disk.errors sda'],
    ['disk.errors sda', 'cpu.user', 'temperature cpu'],
  ];
  const lists = names.map(
    (list) => stage.tickOf(0, Object.fromEntries(list.map((name) => [name, 0]))).series,
  );
  const frame: StoredTick[] = [];
  let errors = 100;
  for (const { level, after, adds, list, endsFrame } of steps) {
    stage.nowMs += after * INTERVAL_MS;
    errors += adds;
    const values = (names[list] ?? []).map((name) =>
      name === 'temperature cpu' ? level : name === 'disk.errors sda' ? errors : 1,
    );
    frame.push({ atMs: stage.nowMs, series: lists[list] ?? [], values });
    if (endsFrame) await stage.deliver(...frame.splice(0));
  }
  await stage.tick();
  return stage.told
    .filter(({ type }) => type !== 'updated')
    .map(({ type, atMs, alert }) => [atMs, type === 'resolved' ? 'resolved' : alert.severity])
    .slice(0, TOLD_MAX);
}

test.each(Object.entries(CONDITIONS))(
  '[RU45] %s: what is told is the same as with every sample looked at by itself',
  async (_name, condition) => {
    await fc.assert(
      fc.asyncProperty(arbitrarySteps, async (steps) => {
        expect(await inFrames(condition, steps)).toEqual(oneByOne(condition as SeriesCondition, steps));
      }),
      { numRuns: 30, seed: 6 },
    );
  },
);
