import { expect, test } from 'vitest';
import { valuesOf } from './time.ts';

test('values are runs, lines, nothing, sawteeth and noise', () => {
  expect(valuesOf('95x3 _x2 10..60x6 7')).toEqual([95, 95, 95, null, null, 10, 20, 30, 40, 50, 60, 7]);
  expect(valuesOf('(1..3x3 _)x2 (5 (6x2 7)x2)')).toEqual([1, 2, 3, null, 1, 2, 3, null, 5, 6, 6, 7, 6, 6, 7]);
  const noise = valuesOf('80~3x500');
  expect(noise).toEqual(valuesOf('80~3x500'));
  expect(noise).not.toEqual(valuesOf('80~3#2x500'));
  expect(noise.every((value) => value !== null && Math.abs(value - 80) <= 3)).toBe(true);
  expect(noise.reduce<number>((sum, value) => sum + (value ?? 0), 0) / 500).toBeCloseTo(80, 0);
});

test.each(['x', '95x', '10..x3', '(1', '1)', '80~x3'])('"%s" is no run of values', (text) => {
  expect(() => valuesOf(text)).toThrow();
});
