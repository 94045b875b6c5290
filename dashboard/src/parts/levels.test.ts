import { expect, test } from 'vitest';
import type { Rule } from '@muster/shared/api/rules.ts';
import { breachTone, globMatches, levelsInForce } from './levels.ts';

const rule = (id: string, selector: Partial<Rule['selector']>, level: number, enabled = true): Rule => ({
  id,
  name: id,
  enabled,
  selector: { class: null, tag: null, ciId: null, instance: null, ...selector },
  condition: {
    type: 'threshold',
    metric: 'filesystem.utilisation',
    op: 'above',
    levels: [{ severity: 'warning', level, clear: level - 3 }],
    forMs: 0,
    keepForMs: 0,
    floor: null,
  },
  owner: null,
  agreedOn: null,
  explanation: { en: '', zh: '' },
  pack: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
});
const server = { id: 'ci_1', class: 'Server', tags: ['db'] };
const level = (rules: Rule[], instance = '/var') =>
  levelsInForce(rules, server, 'filesystem.utilisation', instance)[0]?.level;

test('[DB15] the most particular rule that applies gives the levels', () => {
  const rules = [
    rule('class', { class: ['Server'] }, 90),
    rule('tag', { tag: 'db' }, 80),
    rule('mount', { instance: '/var*' }, 70),
  ];
  expect(level(rules)).toBe(70);
  expect(level(rules, '/home')).toBe(80);
  expect(level([rule('all', {}, 95), ...rules].slice(0, 2), '/home')).toBe(90);
});

test('[DB15] equally particular rules give the levels of both, each direction its own', () => {
  const a = rule('a', { class: ['Server'] }, 90);
  const b = rule('b', { class: ['Server'] }, 70);
  const all = levelsInForce([rule('any', {}, 50), a, b], server, 'filesystem.utilisation', '/');
  expect(all.map((one) => one.level)).toEqual([90, 70]);
  const below = rule('below', {}, 10);
  if (below.condition.type !== 'threshold') throw new Error('a threshold');
  const other: Rule = { ...below, condition: { ...below.condition, op: 'below' } };
  const both = levelsInForce([a, other], server, 'filesystem.utilisation', '/');
  expect(both.map(({ op, level: at }) => [op, at])).toEqual([
    ['above', 90],
    ['below', 10],
  ]);
});

test('[DB15] rules of other classes, machines, metrics and switched-off rules give none', () => {
  const rules = [
    rule('a', { class: ['Workstation'] }, 1),
    rule('b', { ciId: 'ci_2' }, 2),
    rule('c', {}, 3, false),
  ];
  expect(level(rules)).toBeUndefined();
  expect(levelsInForce([rule('d', {}, 4)], server, 'cpu.utilisation', '')).toEqual([]);
});

test.each([
  ['/var*', '/var/log', true],
  ['/var', '/var/log', false],
  ['sd?', 'sda', true],
  ['a.c', 'abc', false],
])('[DB15] %s matches %s: %s', (glob, text, matches) => {
  expect(globMatches(glob, text)).toBe(matches);
});

test('[DB15] a value has the tone of the worst level it is beyond', () => {
  const levels = [
    { severity: 'warning', op: 'above', level: 85, clear: 82 },
    { severity: 'critical', op: 'above', level: 95, clear: 90 },
  ] as const;
  expect([undefined, 84, 85, 96].map((value) => breachTone(levels, value))).toEqual([
    undefined,
    undefined,
    'warn',
    'crit',
  ]);
});

test('[DB15] levels of a place count where it is known where the machine stands, the nearer before the farther', () => {
  const rules = [
    rule('house', { location: 'ci_house' }, 80),
    rule('room', { location: 'ci_room' }, 70),
    rule('service', { service: 'ci_shop' }, 60),
    rule('class', { class: ['Server'] }, 90),
  ];
  const at = (locations: string[], services: string[] = []) =>
    levelsInForce(
      rules,
      { ...server, belongsTo: { locations, services } },
      'filesystem.utilisation',
      '/',
    ).map((one) => one.level);
  expect(at(['ci_room', 'ci_house'])).toEqual([70]);
  expect(at(['ci_house'])).toEqual([80]);
  expect(at([], ['ci_shop'])).toEqual([60]);
  expect(at([])).toEqual([90]);
  expect(level(rules)).toBe(90);
});

test('[RU1] below is less than the level: at it nothing is breached', () => {
  const levels = [{ severity: 'warning', op: 'below', level: 10, clear: 20 }] as const;
  expect(breachTone(levels, 10)).toBeUndefined();
  expect(breachTone(levels, 9.9)).toBe('warn');
});
