/** Numbers over a window against their definition written out. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  avgOverTime,
  countOverTime,
  firstOverTime,
  lastOverTime,
  madOverTime,
  maxOverTime,
  minOverTime,
  quantile,
  quantileOverTime,
  stddevOverTime,
  stdvarOverTime,
  sumOverTime,
} from './over-time.ts';
import { type Point, pointsIn } from './points.ts';
import { anyValue, anyWindow, seriesOf } from './series.arbitrary.ts';

const points = (...values: number[]): Point[] => values.map((value, i) => ({ atMs: i, value }));
const ALL = { fromMs: -1, toMs: 1e9 };

test.each([
  ['average', avgOverTime, points(1, 2, 3, 4, 5), 3],
  ['average of what overflows as a sum', avgOverTime, points(1.7e308, 1.7e308, 1.7e308), 1.7e308],
  ['average of ±∞', avgOverTime, points(1, Infinity, -Infinity), NaN],
  ['sum that keeps small parts', sumOverTime, points(1, 1e100, 1, -1e100), 2],
  ['least, NaN aside', minOverTime, points(NaN, 2, 1), 1],
  ['least of NaN', minOverTime, points(NaN, NaN), NaN],
  ['greatest, NaN aside', maxOverTime, points(2, NaN, 1), 2],
  ['count, NaN included', countOverTime, points(2, NaN, 1), 3],
  ['first', firstOverTime, points(2, 3), 2],
  ['last', lastOverTime, points(2, 3), 3],
  ['variance', stdvarOverTime, points(0, 8, 8, 2, 3), 10.56],
  ['deviation', stddevOverTime, points(0, 8, 8, 2, 3), 3.2496153618543846],
  ['median absolute deviation', madOverTime, points(4, 6, 2, 1, 999, 1, 2), 1],
  ['median absolute deviation with NaN', madOverTime, points(1, NaN, 2), NaN],
])('[RF1] %s', (_, of, series, expected) => {
  expect(of(series, ALL) ?? NaN).toSatisfy(
    (value: number) => Object.is(value, expected) || Math.abs(value / expected - 1) < 1e-12,
  );
  expect(of(series, { fromMs: 100, toMs: 200 })).toBeNull();
});

test.each([
  [0, 0],
  [0.5, 1],
  [0.75, 2.5],
  [1, 4],
  [-1, -Infinity],
  [2, Infinity],
  [NaN, NaN],
])('[RF1] the %d-quantile of 0, 1, 4', (q, expected) => {
  expect(quantileOverTime(points(1, 4, 0), ALL, q)).toBe(expected);
  expect(quantile(q, [])).toBeNaN();
});

test('[RF1] all are what their definition says', () => {
  const close = (a: number | null, b: number) =>
    expect(Math.abs((a ?? NaN) - b)).toBeLessThan(1e-6 * (1 + Math.abs(b)));
  fc.assert(
    fc.property(seriesOf(anyValue, { min: 1 }), anyWindow, (series, window) => {
      const values = pointsIn(series, window).map(({ value }) => value);
      if (values.length === 0) {
        expect(sumOverTime(series, window)).toBeNull();
        return;
      }
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      close(avgOverTime(series, window), mean);
      close(sumOverTime(series, window), mean * values.length);
      close(stdvarOverTime(series, window), values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
      expect(minOverTime(series, window)).toBe(Math.min(...values));
      expect(maxOverTime(series, window)).toBe(Math.max(...values));
      const sorted = values.toSorted((a, b) => a - b);
      const middle = sorted.length / 2;
      close(
        quantileOverTime(series, window, 0.5),
        ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2,
      );
    }),
  );
});
