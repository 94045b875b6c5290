import { expect, test } from 'vitest';
import { columnsOf } from '../../charts/columns.ts';
import { gridValues } from './gridValues.ts';

test('[DB51] a point that is missing is a gap, at its place', () => {
  const grid = { fromMs: 1_000, toMs: 6_000, stepMs: 1_000 };
  const points = columnsOf([
    [1_200, 7, 6, 8],
    [4_200, 9],
    [9_000, 1],
  ]);
  expect(gridValues(points, grid)).toEqual([7, null, null, 9, null]);
  expect(gridValues(undefined, grid)).toEqual([null, null, null, null, null]);
});

test('[DB51] a range shorter than its step has one place', () => {
  expect(gridValues(columnsOf([[500, 3]]), { fromMs: 0, toMs: 1_000, stepMs: 60_000 })).toEqual([3]);
});
