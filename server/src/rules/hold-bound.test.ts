import { expect, test } from 'vitest';
import type { Millis } from '@muster/shared/time.ts';
import { holdBoundMs } from './hold-bound.ts';
import type { SeriesCondition } from './judged.ts';

const plain: SeriesCondition = {
  type: 'threshold',
  metric: 'cpu.utilisation',
  op: 'above',
  levels: [{ severity: 'warning', level: 90, clear: 80 }],
  forMs: 0,
  keepForMs: 0,
  floor: null,
};
const drop: SeriesCondition = {
  type: 'forecast',
  metric: 'filesystem.utilisation',
  to: 100,
  op: 'above',
  withinMs: 3_600_000,
  overMs: 3_600_000,
  severity: 'warning',
} as unknown as SeriesCondition;

test.each<[string, SeriesCondition, Millis, boolean, Millis | null]>([
  ['a hold', plain, 180_000, true, 180_000],
  ['a level without hold whose crossing wakes the agent', plain, 0, true, null],
  ['a level without hold that wakes nobody: a rate', plain, 0, false, 0],
  ['a window', { ...plain, window: { fn: 'increase', overMs: 900_000 } }, 0, false, 900_000],
  ['some of the last samples', { ...plain, window: { fn: 'n-of-m', n: 3, m: 5 } }, 0, true, 30_000],
  ['what looks at hours and days', drop, 0, true, null],
])('[RU20] %s bounds how long its samples may wait', (_, said, forMs, woken, boundMs) => {
  expect(holdBoundMs(said, forMs, woken)).toBe(boundMs);
});
