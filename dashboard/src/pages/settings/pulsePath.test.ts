import { expect, test } from 'vitest';
import { linePath } from './pulsePath.ts';

test('[DB192] the newest point stands at the right, a short line does not stretch', () => {
  expect(linePath([0, 10], 5, 10)).toBe('M75.00 96.00L100.00 4.00');
});

test('[DB192] what is next to nothing looks like it', () => {
  expect(linePath([1, 1], 2, 100)).toBe('M0.00 95.08L100.00 95.08');
  expect(linePath([], 2, 100)).toBe('');
});
