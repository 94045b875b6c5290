import { expect, test } from 'vitest';
import { boundedQuantiles } from './boundedQuantiles.ts';

test('[ME79] percentiles stay between the lowest and the highest of the range beside them', () => {
  expect(boundedQuantiles([1, 95, 99], { min: 1.4, max: 97.6 })).toEqual([1.4, 95, 97.6]);
  expect(boundedQuantiles([1, 2], { min: 0, max: 3 })).toEqual([1, 2]);
  expect(boundedQuantiles([5], { min: null, max: null })).toEqual([5]);
  expect(boundedQuantiles([], { min: 0, max: 1 })).toEqual([]);
});
