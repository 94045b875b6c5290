import { expect, test } from 'vitest';
import { dayMarks } from '../../ui/IntervalAxis.tsx';
import { axisDays } from './register.ts';

const full = (days: number, late: number | null) => ({ full: { days, early: days / 2, late } });

test.each([
  [[], 30],
  [[{ full: null }], 30],
  [[full(12, 20)], 30],
  [[full(12, 31), full(40, null)], 60],
  [[full(85, 90)], 90],
  [[full(400, 900)], 180],
])('[DB163] the axis that all rows share reaches to the latest day told: %j', (rows, days) => {
  expect(axisDays(rows)).toBe(days);
});

test('[DB163] its marks are round and few', () => {
  for (const days of [30, 60, 90, 120, 150, 180]) {
    const marks = dayMarks(days);
    expect(marks[0]).toBe(0);
    expect(marks.length).toBeLessThanOrEqual(5);
    expect(marks.at(-1)).toBeLessThanOrEqual(days);
  }
});
