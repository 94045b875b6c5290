import { Condition } from '@muster/shared/api/rules.ts';
import { expect, test } from 'vitest';
import { AppError } from '../errors.ts';
import { instanceMatcher } from './rule.ts';
import type { ThresholdCondition } from './rule.ts';
import { validateCondition } from './validate.ts';
import { valueWords } from './value-words.ts';

const good: ThresholdCondition = {
  type: 'threshold',
  metric: 'filesystem.utilisation',
  op: 'above',
  levels: [
    { severity: 'warning', level: 90, clear: 85 },
    { severity: 'critical', level: 95, clear: 92 },
  ],
  forMs: 0,
  keepForMs: 0,
  floor: { metric: 'filesystem.available', op: 'below', level: 10 },
};

test.each([
  ['an unknown metric', { ...good, metric: 'disk.full' }, 'metric-unknown'],
  ['an unknown floor', { ...good, floor: { ...good.floor, metric: 'x' } }, 'metric-unknown'],
  [
    'a floor of other instances',
    { ...good, floor: { ...good.floor, metric: 'memory.available' } },
    'input-invalid',
  ],
  [
    'a clear level above the level',
    { ...good, levels: [{ severity: 'warning', level: 90, clear: 91 }] },
    'clear-level-invalid',
  ],
  [
    'a clear level at the level',
    { ...good, levels: [{ severity: 'warning', level: 90, clear: 90 }] },
    'clear-level-invalid',
  ],
  [
    'below, and a clear level below',
    { ...good, op: 'below', levels: [{ severity: 'warning', level: 10, clear: 5 }] },
    'clear-level-invalid',
  ],
  ['a severity twice', { ...good, levels: [good.levels[0], good.levels[0]] }, 'input-invalid'],
  [
    'critical before warning',
    { ...good, levels: [{ severity: 'warning', level: 96, clear: 90 }, good.levels[1]] },
    'input-invalid',
  ],
])('[RU13] %s is refused', (_, condition, code) => {
  const refused = (): void => validateCondition(condition as ThresholdCondition);
  expect(refused).toThrow(AppError);
  expect(refused).toThrow(expect.objectContaining({ code }));
});

test('[RU13] a right rule passes', () => {
  validateCondition(good);
  validateCondition({ ...good, op: 'below', levels: [{ severity: 'warning', level: 10, clear: 20 }] });
  validateCondition({ type: 'silent', severity: 'critical' });
});

test.each([
  [null, '/anything', true],
  ['/var', '/var', true],
  ['/var', '/var/lib', false],
  ['/var*', '/var/lib', true],
  ['eth?', 'eth0', true],
  ['eth?', 'eth10', false],
  ['a.b', 'axb', false],
  ['(x)*', '(x)\ny', true],
])('[RU9] the pattern %s on %s: %s', (glob, instance, expected) => {
  expect(instanceMatcher(glob)(instance)).toBe(expected);
});

test.each([
  [95.249, '%', '95.2 %', '95.2%'],
  [4_509_715_661, 'B', '4.2 GiB', '4.2 GiB'],
  [512, 'B', '512 B', '512 B'],
  [1_536, 'B/s', '1.5 KiB/s', '1.5 KiB/s'],
  [0.0041, 's', '4.1 ms', '4.1 ms'],
  [3_600, 's', '3600 s', '3600 s'],
  [2.5, '1', '2.5', '2.5'],
  [12, '1/s', '12/s', '12/s'],
  [71.04, '°C', '71 °C', '71 °C'],
] as const)('[RU19] %s %s reads %s', (value, unit, en, zh) => {
  expect(valueWords(value, unit)).toEqual({ en, zh });
});

test('[RU9] no pattern takes long, however many stars it has', () => {
  const stars = '*?'.repeat(60);
  expect(instanceMatcher(`${stars}x`)(`/${'a'.repeat(200)}`)).toBe(false);
  expect(instanceMatcher('*a'.repeat(128))('a'.repeat(127))).toBe(false);
  expect(instanceMatcher('*a'.repeat(127))('a'.repeat(127))).toBe(true);
});

test('[RU34] what is usual is held for as long as its average, or the hour before would be told at the edge of an hour', () => {
  const baseline = (forMs: number): Condition => ({
    type: 'baseline',
    metric: 'cpu.utilisation',
    direction: 'above',
    levels: [{ severity: 'warning', deviations: 4, clear: 2 }],
    minimum: 30,
    weeks: 4,
    overMs: 900_000,
    forMs,
    keepForMs: 0,
  });
  expect(() => validateCondition(baseline(899_999))).toThrow('as long as its average');
  expect(() => validateCondition(baseline(900_000))).not.toThrow();
});

test.each([
  [
    'critical not beyond warning',
    [
      { severity: 'warning', level: 90, clear: 80 },
      { severity: 'critical', level: 90, clear: 80 },
    ],
    'beyond warning',
  ],
  [
    'one severity twice',
    [
      { severity: 'warning', level: 90, clear: 80 },
      { severity: 'warning', level: 95, clear: 80 },
    ],
    'stands twice',
  ],
  ['a clear level at its level', [{ severity: 'warning', level: -5, clear: -5 }], 'must be below'],
  ['a clear level on the wrong side', [{ severity: 'warning', level: -5, clear: -4 }], 'must be below'],
] as const)('[RU13] %s is refused, below nothing too', (_what, levels, why) => {
  const condition: Condition = {
    type: 'threshold',
    metric: 'temperature',
    op: 'above',
    levels: [...levels],
    forMs: 0,
    keepForMs: 0,
    floor: null,
  };
  expect(() => validateCondition(condition)).toThrow(why);
});

test.each([Number.NaN, Infinity, -Infinity, '90', null])('[RU13] %s is no level', (level) => {
  const levels = [{ severity: 'warning', level, clear: 1 }];
  const condition = { type: 'threshold', metric: 'temperature', op: 'above', levels, forMs: 0, keepForMs: 0 };
  expect(Condition.safeParse(condition).success).toBe(false);
});
