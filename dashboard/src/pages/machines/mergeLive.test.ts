import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnsOf, type PointColumns } from '../../charts/columns.ts';
import { mergeLive } from './mergeLive.ts';

const points = (...times: number[]) => times.map((at) => [at, at]);
const stored = (...times: number[]) => columnsOf(points(...times));
const times = (list: PointColumns) => [...list.times];

test('[DB16] seconds stand in the place of the stored samples of their time', () => {
  const merged = mergeLive(stored(0, 10, 20, 30, 40), points(18, 19, 20, 21, 22), 100, 5);
  expect(times(merged)).toEqual([0, 10, 18, 19, 20, 21, 22, 30, 40]);
});

test('[DB16] where nobody watched, history fills the gap', () => {
  expect(times(mergeLive(stored(0, 10, 20, 30), points(1, 2, 28, 29), 100, 3))).toEqual([
    1, 2, 10, 20, 28, 29,
  ]);
});

test('[DB16] what came after the moment shown is not taken', () => {
  expect(times(mergeLive(stored(0), points(10, 11, 12), 11, 5))).toEqual([0, 10, 11]);
});

test('[DB16] the line is in order of time and has every second', () => {
  const list = fc
    .uniqueArray(fc.integer({ min: 0, max: 200 }), { maxLength: 40 })
    .map((each) => points(...each.toSorted((a, b) => a - b)));
  fc.assert(
    fc.property(list, list, (history, live) => {
      const merged = times(mergeLive(columnsOf(history), live, 1_000, 5));
      expect(merged).toEqual([...new Set(merged)].toSorted((a, b) => a - b));
      for (const [at] of live) expect(merged).toContain(at);
    }),
  );
});
