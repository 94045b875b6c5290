import { expect, test } from 'vitest';
import type { Condition, Rule } from '@muster/shared/api/rules.ts';
import { METRIC_NAMES } from '@muster/shared/metrics/catalogue.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@muster/shared/time.ts';
import {
  BLANK,
  conditionOf,
  type Draft,
  draftOf,
  fitsKind,
  type Kind,
  sameDraft,
  windowFns,
  withKind,
  withLevel,
  withMetric,
  withOp,
  withPart,
  withSeverity,
  withStep,
  withWindow,
} from './draft.ts';
import { type Field, inputOf, problemsOf, refusedField, triedPart } from './draftProblems.ts';

const GIB = 2 ** 30;
const disk: Rule = {
  id: 'rul_1',
  name: 'Disk space',
  enabled: true,
  selector: { class: ['Server'], tag: 'web', ciId: null, instance: '/var*' },
  condition: {
    type: 'threshold',
    metric: 'filesystem.utilisation',
    op: 'above',
    levels: [
      { severity: 'warning', level: 85, clear: 82, floor: 20 * GIB },
      { severity: 'critical', level: 95, clear: 90, floor: 10 * GIB },
    ],
    forMs: 300_000,
    keepForMs: 60_000,
    floor: { metric: 'filesystem.available', op: 'below', level: 20 * GIB },
  },
  owner: '张伟',
  agreedOn: '2026-09-01',
  explanation: { en: 'Full.', zh: '已满。' },
  pack: null,
  createdAt: '2026-11-20T00:00:00.000Z',
  updatedAt: '2026-11-20T00:00:00.000Z',
};
const named: Draft = { ...BLANK, name: 'CPU' };

const CONDITIONS: readonly [string, Condition][] = [
  ['levels with a second value', disk.condition],
  [
    'a second value that not all machines measure',
    {
      type: 'threshold',
      metric: 'cpu.utilisation',
      op: 'above',
      levels: [{ severity: 'warning', level: 90, clear: 80, floor: 50 }],
      forMs: 180_000,
      keepForMs: 60_000,
      floor: { metric: 'pressure.cpu.some', op: 'above', level: 50, absent: 'holds' },
    },
  ],
  [
    'an average',
    {
      type: 'threshold',
      metric: 'cpu.utilisation',
      op: 'above',
      levels: [{ severity: 'critical', level: 90, clear: 80 }],
      forMs: 0,
      keepForMs: 0,
      floor: null,
      window: { fn: 'avg', overMs: 600_000 },
    },
  ],
  [
    'three of five samples',
    {
      type: 'threshold',
      metric: 'memory.available',
      op: 'below',
      levels: [{ severity: 'warning', level: GIB, clear: 2 * GIB }],
      forMs: 0,
      keepForMs: 0,
      floor: null,
      window: { fn: 'n-of-m', n: 3, m: 5 },
    },
  ],
  [
    'an increase',
    {
      type: 'threshold',
      metric: 'memory.oomkills',
      op: 'above',
      levels: [{ severity: 'warning', level: 1, clear: 0.5 }],
      forMs: 0,
      keepForMs: 0,
      floor: null,
      window: { fn: 'increase', overMs: 1_800_000 },
    },
  ],
  ['silence', { type: 'silent', severity: 'warning', forMs: 60_000 }],
  ['silence at once', { type: 'silent', severity: 'critical' }],
  [
    'absence of each instance',
    {
      type: 'absence',
      metric: 'filesystem.utilisation',
      severity: 'warning',
      forMs: 900_000,
      scope: 'instance',
    },
  ],
  [
    'a change',
    {
      type: 'change',
      metric: 'network.link.up',
      direction: 'down',
      atLeast: 1,
      overMs: 60_000,
      keepForMs: 3_600_000,
      severity: 'warning',
    },
  ],
  [
    'a forecast with a second value',
    {
      type: 'forecast',
      metric: 'filesystem.utilisation',
      op: 'above',
      level: 97,
      overMs: 12 * HOUR_MS,
      levels: [
        { severity: 'warning', withinMs: 6 * HOUR_MS, clearWithinMs: 12 * HOUR_MS },
        { severity: 'critical', withinMs: HOUR_MS, clearWithinMs: 2 * HOUR_MS },
      ],
      forMs: 30 * MINUTE_MS,
      keepForMs: HOUR_MS,
      floor: { metric: 'filesystem.utilisation', op: 'above', level: 60 },
    },
  ],
  [
    'what is usual',
    {
      type: 'baseline',
      metric: 'cpu.utilisation',
      direction: 'both',
      levels: [{ severity: 'critical', deviations: 6, clear: 2 }],
      minimum: 40,
      weeks: 6,
      overMs: 900_000,
      forMs: 900_000,
      keepForMs: 60_000,
    },
  ],
  [
    'strange behaviour',
    {
      type: 'anomaly',
      metric: 'disk.await',
      score: 0.9,
      clear: 0.5,
      severity: 'warning',
      forMs: 600_000,
      keepForMs: 600_000,
    },
  ],
  [
    'other rules',
    { type: 'composite', op: 'or', rules: ['rul_a', 'rul_b'], severity: 'critical', forMs: 60_000 },
  ],
];

test.each(CONDITIONS)('[DB143] a rule comes back from the form as it went in: %s', (_what, condition) => {
  const asked = 'metric' in condition && condition.metric.startsWith('filesystem') ? '/var*' : null;
  const rule: Rule = { ...disk, selector: { ...disk.selector, instance: asked }, condition };
  const { name, selector, owner, agreedOn, explanation } = rule;
  expect(problemsOf(draftOf(rule))).toEqual([]);
  expect(inputOf(draftOf(rule))).toEqual({ name, selector, condition, owner, agreedOn, explanation });
});

test('[DB143] a place and a service come back as they went in', () => {
  const selector = {
    class: null,
    tag: null,
    ciId: null,
    location: 'ci_hq',
    service: 'ci_erp',
    instance: null,
  };
  expect(inputOf(draftOf({ ...disk, selector }))?.selector).toEqual(selector);
});

const on = (change: Partial<Draft>): Draft => ({ ...named, ...change });
const part = <K extends Exclude<Kind, 'threshold'>>(kind: K, change: Partial<Draft[K]>): Draft =>
  withPart(kind, change)({ ...named, kind });

test.each<[string, Draft, Field, string]>([
  ['no name', on({ name: ' ' }), 'name', 'rules.wrong.name'],
  ['no level', on({ warning: { ...BLANK.warning, on: false } }), 'levels', 'rules.wrong.noLevel'],
  ['no number', on({ warning: { ...BLANK.warning, level: null } }), 'warning.level', 'rules.wrong.number'],
  ['beyond 100 %', on({ warning: { ...BLANK.warning, level: 120 } }), 'warning.level', 'rules.wrong.share'],
  [
    'clear at the level',
    on({ warning: { ...BLANK.warning, clear: 90 } }),
    'warning.clear',
    'rules.wrong.clearBelow',
  ],
  ['clear below a level from below', on({ op: 'below' }), 'warning.clear', 'rules.wrong.clearAbove'],
  [
    'critical under warning',
    on({ critical: { on: true, level: 85, clear: 70, floor: null } }),
    'critical.level',
    'rules.wrong.criticalAbove',
  ],
  ['hold beyond a day', on({ forMs: 90_000_000 }), 'forMs', 'rules.wrong.atMost'],
  ['no keep time', on({ keepForMs: null }), 'keepForMs', 'rules.wrong.number'],
  [
    'no second level',
    on({ floor: { metric: 'memory.available', op: 'below' } }),
    'warning.floor',
    'rules.wrong.number',
  ],
  [
    'a window of no time',
    on({ window: { ...BLANK.window, fn: 'avg', overMs: 0 } }),
    'overMs',
    'rules.wrong.atLeast',
  ],
  [
    'a window beyond 14 days',
    on({ window: { ...BLANK.window, fn: 'max', overMs: 15 * DAY_MS } }),
    'overMs',
    'rules.wrong.atMost',
  ],
  [
    'more samples than are looked at',
    on({ window: { fn: 'n-of-m', n: 6, m: 5, overMs: null } }),
    'window.n',
    'rules.wrong.atMostCount',
  ],
  [
    'half a sample',
    on({ window: { fn: 'n-of-m', n: 1.5, m: 5, overMs: null } }),
    'window.n',
    'rules.wrong.whole',
  ],
  ['silence without a time', part('silent', { forMs: null }), 'forMs', 'rules.wrong.number'],
  ['absence of a second', part('absence', { forMs: 1_000 }), 'forMs', 'rules.wrong.atLeast'],
  ['absence beyond a week', part('absence', { forMs: 8 * DAY_MS }), 'forMs', 'rules.wrong.atMost'],
  ['a change below nothing', part('change', { atLeast: -1 }), 'atLeast', 'rules.wrong.atLeastCount'],
  ['no target', part('forecast', { level: null }), 'target', 'rules.wrong.number'],
  ['a target beyond 100 %', part('forecast', { level: 101 }), 'target', 'rules.wrong.share'],
  ['a past too short for a line', part('forecast', { overMs: MINUTE_MS }), 'overMs', 'rules.wrong.atLeast'],
  [
    'over with less time left',
    part('forecast', { warning: { on: true, at: HOUR_MS, clear: HOUR_MS } }),
    'warning.clear',
    'rules.wrong.clearLater',
  ],
  [
    'critical before the warning',
    part('forecast', { critical: { on: true, at: DAY_MS, clear: 2 * DAY_MS } }),
    'critical.at',
    'rules.wrong.criticalSooner',
  ],
  [
    'no level of the second value',
    part('forecast', { floor: { metric: 'cpu.user', op: 'above' } }),
    'floorLevel',
    'rules.wrong.number',
  ],
  ['two weeks of habit', part('baseline', { weeks: 2 }), 'weeks', 'rules.wrong.atLeastCount'],
  [
    'a hold within the average',
    part('baseline', { overMs: 900_000, forMs: 60_000 }),
    'forMs',
    'rules.wrong.atLeast',
  ],
  ['no least value', part('baseline', { minimum: null }), 'minimum', 'rules.wrong.number'],
  [
    'clear farther out than the level',
    part('baseline', { warning: { on: true, at: 3, clear: 4 } }),
    'warning.clear',
    'rules.wrong.below',
  ],
  [
    'critical nearer than the warning',
    part('baseline', { critical: { on: true, at: 3, clear: 1 } }),
    'critical.at',
    'rules.wrong.criticalFarther',
  ],
  ['a score of 2', part('anomaly', { score: 2 }), 'score', 'rules.wrong.score'],
  ['clear at the score', part('anomaly', { clear: 0.9 }), 'clearScore', 'rules.wrong.below'],
  ['no other rule', part('composite', {}), 'rules', 'rules.wrong.noRules'],
])('[DB143] what is wrong is said at its field: %s', (_what, draft, field, key) => {
  expect(problemsOf(draft)).toMatchObject([{ field, key }]);
  expect(inputOf(draft)).toBeNull();
  // The name matters to saving, not to trying.
  expect(triedPart(draft) === null).toBe(field !== 'name');
});

test('[DB143] what is right has no problem', () => {
  expect(problemsOf(named)).toEqual([]);
  expect(problemsOf(draftOf(disk))).toEqual([]);
});

test.each([
  ['clear-level-invalid', [], 'levels'],
  ['input-invalid', ['body.condition.window.n'], 'window.n'],
  ['input-invalid', ['condition.rules.0'], 'rules'],
  ['metric-unknown', [], 'metric'],
  ['forbidden', [], null],
] as const)('[DB143] a refusal of the server belongs to a field: %s %j', (code, paths, field) => {
  expect(refusedField(code, paths)).toBe(field);
});

test('[DB145] a level takes its clear level along; one that was no number does not', () => {
  expect(withLevel(named, 'warning', 70).warning).toMatchObject({ level: 70, clear: 60 });
  expect(withLevel(named, 'warning', null).warning).toMatchObject({ level: null, clear: 80 });
  expect(withLevel(withLevel(named, 'warning', null), 'warning', 50).warning).toMatchObject({
    level: 50,
    clear: 80,
  });
});

test('[DB143] another direction, another severity and another metric leave nothing wrong where they can', () => {
  expect(problemsOf(withOp(named, 'below'))).toEqual([]);
  expect(withOp(named, 'below').warning).toMatchObject({ level: 90, clear: 100 });
  const both = withSeverity(named, 'critical', true);
  expect(both.critical).toMatchObject({ on: true, level: 99 });
  expect(problemsOf(both)).toEqual([]);
  // What was there before it was switched off comes back.
  const moved = withLevel(both, 'critical', 95);
  expect(withSeverity(withSeverity(moved, 'critical', false), 'critical', true).critical.level).toBe(95);
  expect(problemsOf(withMetric(named, 'memory.utilisation'))).toEqual([]);
  // Of bytes nobody knows what is much.
  const bytes = withMetric(draftOf(disk), 'filesystem.used');
  expect(bytes).toMatchObject({ instance: '/var*', floor: null, warning: { level: null } });
  expect(withMetric(draftOf(disk), 'disk.read').instance).toBe('');
});

test('[DB143] a second step of a forecast or of what is usual lies on the right side', () => {
  const sooner = withStep(BLANK.forecast, 'critical', true, 'closer');
  expect(sooner.critical.at).toBeLessThan(BLANK.forecast.warning.at ?? 0);
  expect(problemsOf({ ...named, kind: 'forecast', forecast: sooner })).toEqual([]);
  const farther = withStep(BLANK.baseline, 'critical', true, 'farther');
  expect(farther.critical.at).toBeGreaterThan(BLANK.baseline.warning.at ?? 0);
  expect(problemsOf({ ...named, kind: 'baseline', baseline: farther })).toEqual([]);
});

test('[DB143] what a counter cannot do is not offered, and gives way to what can', () => {
  const counter = withMetric(named, 'memory.oomkills');
  expect(windowFns('memory.oomkills')).toContain('increase');
  expect(windowFns('memory.oomkills')).not.toContain('changes');
  expect(windowFns('cpu.utilisation')).not.toContain('rate');
  for (const kind of ['change', 'forecast'] as const) {
    expect(fitsKind('memory.oomkills', kind)).toBe(false);
    expect(fitsKind(withKind(counter, kind).metric, kind)).toBe(true);
  }
  expect(withKind(counter, 'absence').metric).toBe('memory.oomkills');
});

test('[DB143] every metric begins with something that can be saved or says what is missing', () => {
  for (const metric of METRIC_NAMES) {
    const wrong = problemsOf(withMetric(named, metric)).map(({ key }) => key);
    expect(wrong.every((key) => key === 'rules.wrong.number')).toBe(true);
  }
});

test('[DB143] counting has levels of its own, and leaving it brings back those of the metric', () => {
  const counting = withWindow(named, 'changes');
  expect(conditionOf(counting)).toMatchObject({
    op: 'above',
    levels: [{ severity: 'warning', level: 1, clear: 0.5 }],
    window: { fn: 'changes', overMs: HOUR_MS },
  });
  expect(withWindow(counting, 'avg').warning).toMatchObject({ level: 90, clear: 80 });
  expect(withWindow(named, 'avg').warning).toEqual(named.warning);
});

test('[DB146] what was changed and changed back is not unsaved', () => {
  const draft = draftOf(disk);
  expect(sameDraft(draft, { ...draft, owner: '李娜' })).toBe(false);
  expect(sameDraft(draft, withLevel(withLevel(draft, 'warning', 80), 'warning', 85))).toBe(true);
  expect(sameDraft(named, { ...named, critical: { on: false, level: 97, clear: 90, floor: null } })).toBe(
    true,
  );
  expect(sameDraft(named, { ...named, warning: { ...named.warning, level: null } })).toBe(false);
  expect(sameDraft(named, { ...named, forMs: null })).toBe(false);
  const forecast = part('forecast', {});
  expect(sameDraft(forecast, part('forecast', { critical: { on: false, at: 1, clear: 2 } }))).toBe(true);
  expect(sameDraft(forecast, part('forecast', { level: null }))).toBe(false);
});
