import { expect, test } from 'vitest';
import type { Rule } from '@muster/shared/api/rules.ts';
import {
  BLANK,
  type Draft,
  draftOf,
  inputOf,
  problemsOf,
  sameDraft,
  triedPart,
  withLevel,
  withMetric,
  withOp,
  withSeverity,
} from './draft.ts';

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

test.each([
  ['levels with a second value', disk],
  [
    'silence',
    {
      ...disk,
      selector: { ...disk.selector, instance: null },
      condition: { type: 'silent', severity: 'warning', forMs: 60_000 },
    },
  ],
  [
    'silence at once',
    {
      ...disk,
      selector: { ...disk.selector, instance: null },
      condition: { type: 'silent', severity: 'critical' },
    },
  ],
] as const)('[DB143] a rule comes back from the form as it went in: %s', (_what, rule) => {
  const { name, selector, condition, owner, agreedOn, explanation } = rule as Rule;
  expect(inputOf(draftOf(rule as Rule))).toEqual({ name, selector, condition, owner, agreedOn, explanation });
});

test.each<[string, Partial<Draft>, string, string]>([
  ['no name', { name: ' ' }, 'name', 'rules.wrong.name'],
  ['no level', { warning: { ...BLANK.warning, on: false } }, 'levels', 'rules.wrong.noLevel'],
  ['no number', { warning: { ...BLANK.warning, level: null } }, 'warning.level', 'rules.wrong.number'],
  ['beyond 100 %', { warning: { ...BLANK.warning, level: 120 } }, 'warning.level', 'rules.wrong.share'],
  [
    'clear at the level',
    { warning: { ...BLANK.warning, clear: 90 } },
    'warning.clear',
    'rules.wrong.clearBelow',
  ],
  ['clear below a level from below', { op: 'below' }, 'warning.clear', 'rules.wrong.clearAbove'],
  [
    'critical under warning',
    { critical: { on: true, level: 85, clear: 70, floor: null } },
    'critical.level',
    'rules.wrong.criticalAbove',
  ],
  ['hold beyond a day', { forMs: 90_000_000 }, 'forMs', 'rules.wrong.hold'],
  ['no keep time', { keepForMs: null }, 'keepForMs', 'rules.wrong.number'],
  [
    'no second level',
    { floor: { metric: 'memory.available', op: 'below' } },
    'warning.floor',
    'rules.wrong.number',
  ],
  ['silence without a time', { kind: 'silent', silentForMs: null }, 'silentForMs', 'rules.wrong.number'],
])('[DB143] what is wrong is said at its field: %s', (_what, change, field, key) => {
  const draft = { ...named, ...change };
  expect(problemsOf(draft)).toMatchObject([{ field, key }]);
  expect(inputOf(draft)).toBeNull();
  // The name matters to saving, not to trying.
  expect(triedPart(draft) === null).toBe(field !== 'name');
});

test('[DB143] what is right has no problem', () => {
  expect(problemsOf(named)).toEqual([]);
  expect(problemsOf(draftOf(disk))).toEqual([]);
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

test('[DB146] what was changed and changed back is not unsaved', () => {
  const draft = draftOf(disk);
  expect(sameDraft(draft, { ...draft, owner: '李娜' })).toBe(false);
  expect(sameDraft(draft, withLevel(withLevel(draft, 'warning', 80), 'warning', 85))).toBe(true);
  expect(sameDraft(named, { ...named, critical: { on: false, level: 97, clear: 90, floor: null } })).toBe(
    true,
  );
  expect(sameDraft(named, { ...named, warning: { ...named.warning, level: null } })).toBe(false);
  expect(sameDraft(named, { ...named, forMs: null })).toBe(false);
});
