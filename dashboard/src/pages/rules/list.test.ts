import { expect, test } from 'vitest';
import type { InForce, Rule, RuleFacts, RuleNoise } from '@muster/shared/api/rules.ts';
import { inForceRows } from './inForceRows.ts';
import { alertsPerWeek, briefShare, isLoud } from './noise.ts';
import { groupRules, isIn, ownersOf, packOf } from './ruleGroups.ts';

const rule = (id: string, more: Partial<Rule> = {}): Rule => ({
  id,
  name: id,
  enabled: true,
  selector: { class: ['Server'], tag: null, ciId: null, instance: null },
  condition: { type: 'silent', severity: 'critical' },
  owner: '李娜',
  agreedOn: '2026-09-01',
  explanation: { en: '', zh: '' },
  pack: null,
  createdAt: '2026-11-20T00:00:00.000Z',
  updatedAt: '2026-11-20T00:00:00.000Z',
  ...more,
});
const noise = (alerts: number, brief = 0, days = 30): RuleNoise => ({
  alerts,
  brief,
  incidents: alerts,
  machines: 1,
  perMachine: alerts,
  days,
});
const facts = (ruleId: string, told: RuleNoise, openAlerts = 0): RuleFacts => ({
  ruleId,
  machines: 1,
  openAlerts,
  lastFiredAt: null,
  noise: told,
});

test.each([
  [noise(0), 0, 0, false],
  [noise(30, 3), 7, 0.1, false],
  [noise(4, 2), 14 / 15, 0.5, true],
  // Of three nobody can tell what is usual.
  [noise(3, 3), 0.7, 1, false],
])('[DB149] how loud a rule is: %o', (told, perWeek, share, loud) => {
  expect(alertsPerWeek(told) ?? Number.NaN).toBeCloseTo(perWeek, 9);
  expect(briefShare(told)).toBe(share);
  expect(isLoud(told)).toBe(loud);
});

test('[DB149] a rule of a few minutes has no rate yet, and its alerts are of its own time', () => {
  const hour = 1 / 24;
  expect(alertsPerWeek(noise(4, 0, hour))).toBeNull();
  expect(alertsPerWeek(noise(4, 0, 14))).toBeCloseTo(2, 9);
  const known = new Map([
    ['old', facts('old', noise(60))],
    ['new', facts('new', noise(5, 0, hour))],
  ]);
  const rules = ['old', 'new'].map((id) => rule(id));
  const [group] = groupRules(rules, 'noise', { factsOf: (id) => known.get(id), subjectOf: () => '' });
  expect(group?.rules.map(({ id }) => id)).toEqual(['new', 'old']);
});

test('[DB149] by noise the loudest comes first, then the one with more that was not worth it', () => {
  const known = new Map([
    ['quiet', facts('quiet', noise(0))],
    ['loud', facts('loud', noise(20, 2))],
    ['louder', facts('louder', noise(20, 15))],
  ]);
  const rules = ['unknown', 'quiet', 'loud', 'louder'].map((id) => rule(id));
  const [group] = groupRules(rules, 'noise', { factsOf: (id) => known.get(id), subjectOf: () => '' });
  expect(group?.rules.map(({ id }) => id)).toEqual(['louder', 'loud', 'quiet', 'unknown']);
});

test('[DB140] rules are grouped by whom they are about, or by where they come from, own ones first', () => {
  const rules = [
    rule('a', { pack: 'server/cpu' }),
    rule('b', { selector: { class: null, tag: 'web', ciId: null, instance: null } }),
    rule('c', { pack: 'server/memory' }),
  ];
  const of = { factsOf: () => undefined, subjectOf: ({ selector }: Rule) => selector.tag ?? 'servers' };
  const told = (order: 'machines' | 'pack') =>
    groupRules(rules, order, of).map(({ key, rules: own }) => [key, own.map(({ id }) => id).join(' ')]);
  expect(told('machines')).toEqual([
    ['servers', 'a c'],
    ['web', 'b'],
  ]);
  expect(told('pack')).toEqual([
    ['', 'b'],
    ['server', 'a c'],
  ]);
  expect(groupRules([], 'noise', of)).toEqual([]);
  expect([packOf(rule('x')), packOf(rule('y', { pack: 'server' }))]).toEqual([null, 'server']);
});

test.each<[string, Partial<Rule>, string]>([
  ['agreed', {}, 'on'],
  ['without an owner', { owner: null }, 'on notAgreed'],
  ['without a day', { agreedOn: null }, 'on notAgreed'],
  ['off', { enabled: false }, 'off'],
])('[DB140] the states of a rule: %s', (_what, more, states) => {
  const found = (['on', 'off', 'firing', 'notAgreed'] as const).filter((state) =>
    isIn(state, rule('a', more), facts('a', noise(3), 0)),
  );
  expect(found.join(' ')).toBe(states);
});

test('[DB140] a rule with open alerts is found by them, and owners are listed once', () => {
  expect(isIn('firing', rule('a'), facts('a', noise(3), 2))).toBe(true);
  expect(isIn('firing', rule('a'), undefined)).toBe(false);
  expect(
    ownersOf([rule('a'), rule('b', { owner: 'IT' }), rule('c', { owner: null }), rule('d')], 'en'),
  ).toEqual(['IT', '李娜']);
});

test('[DB150] on a machine, instances with the same rule share a row', () => {
  const item = (instance: string | null, ruleId: string, outdone: string[] = []): InForce => ({
    metric: 'filesystem.utilisation',
    instance,
    ruleId,
    setBy: ruleId === 'rul_var' ? 'instance' : 'class',
    outdone: outdone.map((id) => ({ ruleId: id, setBy: 'class' })),
  });
  const rows = inForceRows([
    item('/', 'rul_disk'),
    item('/home', 'rul_disk'),
    item('/var', 'rul_var', ['rul_disk']),
    { ...item('', 'rul_silent'), metric: null },
    { ...item(null, 'rul_temp'), metric: 'temperature' },
  ]);
  expect(
    rows.map(({ ruleId, instances, isExpected, setBy }) => [ruleId, instances.join(' '), isExpected, setBy]),
  ).toEqual([
    ['rul_disk', '/ /home', false, 'class'],
    ['rul_var', '/var', false, 'instance'],
    ['rul_silent', '', false, 'class'],
    // The machine may report it one day.
    ['rul_temp', '', true, 'class'],
  ]);
});
