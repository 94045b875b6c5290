import { expect, test } from 'vitest';
import { fitPowerLaw, valueAt } from './power-law.ts';

test('a curve that is a power gives back its exponent and its factor', () => {
  const points = [1_000, 2_000, 5_000, 15_000].map((x) => ({ x, value: 3 * x ** 0.8 }));
  const law = fitPowerLaw(points);
  expect(law.exponent).toBeCloseTo(0.8, 10);
  expect(law.factor).toBeCloseTo(3, 8);
  expect(valueAt(law, 50_000)).toBeCloseTo(3 * 50_000 ** 0.8, 4);
});

test('what does not grow has the exponent 0, what grows with the square has 2', () => {
  expect(fitPowerLaw([1, 2, 4].map((x) => ({ x, value: 7 }))).exponent).toBeCloseTo(0, 10);
  expect(fitPowerLaw([1, 2, 4].map((x) => ({ x, value: x * x }))).exponent).toBeCloseTo(2, 10);
});
