import { expect, test } from 'vitest';
import { scaleFor } from '../util/quantity.ts';
import { columnsOf } from './columns.ts';
import { axisLabels, valueAxis } from './plotOptions.ts';

const axis = (highest: number, change: Partial<Parameters<typeof valueAxis>[0]> = {}) =>
  valueAxis({
    series: [{ id: 'a', label: 'A', points: columnsOf([[0, highest]]), stepMs: 10, colour: 1 }],
    scale: scaleFor('%', highest),
    unit: '%',
    top: undefined,
    bottom: undefined,
    levels: [],
    forecast: null,
    fromMs: 0,
    toMs: 1,
    ...change,
  });

test.each([
  [97, [0, 50, 100]],
  [100, [0, 50, 100]],
  [6, [0, 2.5, 5, 7.5]],
  // A process on two cores: the whole is more than 100 % there.
  [140, [0, 50, 100, 150]],
])('[DB12] the axis of a share whose highest value is %s %% ends at %s', (highest, ticks) => {
  expect(axis(highest)).toEqual(ticks);
});

test('[DB12] a level near the values is inside the axis, one far above does not squash them', () => {
  const level = { severity: 'warning', op: 'above', clear: 0, label: '' } as const;
  expect(axis(20, { levels: [{ ...level, level: 60 }] }).at(-1)).toBeGreaterThanOrEqual(60);
  expect(axis(10, { levels: [{ ...level, level: 90 }] }).at(-1)).toBeLessThan(20);
});

test.each([
  ['1', [0, 2_000, 12_000], 'en', ['0', '2,000', '12,000']],
  ['%', [0, 50, 100], 'zh', ['0', '50', '100%']],
  ['%', [0, 2.5, 5], 'en', ['0', '2.5', '5.0 %']],
] as const)(
  '[DB12] labels of the axis in %s are numbers as in the language',
  (unit, ticks, language, labels) => {
    expect(axisLabels(ticks, { scale: scaleFor(unit, ticks[2]), language })).toEqual(labels);
  },
);
