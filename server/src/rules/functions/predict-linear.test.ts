/** Lines against their definition and against Prometheus' published example. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Point, pointsIn } from './points.ts';
import { deriv, doubleExponentialSmoothing, fitLine, predictLinear } from './predict-linear.ts';
import { anyValue, anyWindow, seriesOf } from './series.arbitrary.ts';

const SECOND_MS = 1_000;
const each300 = (...values: number[]): Point[] =>
  values.map((value, i) => ({ atMs: i * 300 * SECOND_MS, value }));
const ALL = { fromMs: -1, toMs: 1e9 };

test('[RF1] a counter that restarts once has the slope and the prediction of the published example', () => {
  const points = each300(0, 10, 20, 30, 40, 0, 10, 20, 30, 40, 50);
  expect(deriv(points, ALL)).toBeCloseTo(0.010606060606060607, 12);
  expect(predictLinear(points, ALL, { nowMs: 3_000_000, aheadMs: 3_600_000 })).toBeCloseTo(
    76.81818181818181,
    9,
  );
});

test('[RF9] no line through fewer than two points, none that is a number through what is none', () => {
  expect(fitLine([], 0)).toBeNull();
  expect(fitLine(each300(1), 0)).toBeNull();
  expect(deriv(each300(1, 2), { fromMs: 0, toMs: 300_000 })).toBeNull();
  for (const bad of [Infinity, -Infinity, NaN]) {
    expect(deriv(each300(1, bad, 3), ALL)).toBeNaN();
    expect(predictLinear(each300(bad, bad), ALL, { nowMs: 0, aheadMs: 1 })).toBeNaN();
  }
  expect(doubleExponentialSmoothing(each300(1), ALL, { smoothing: 0.5, trend: 0.5 })).toBeNull();
});

test('[RF1] a flat series has no slope at all', () => {
  expect(fitLine(each300(0.1, 0.1, 0.1), 7)).toEqual({ slopePerSecond: 0, value: 0.1 });
});

test('[RF1] the slope is that of least squares around the means', () => {
  fc.assert(
    fc.property(seriesOf(anyValue, { min: 2 }), anyWindow, (points, window) => {
      const inside = pointsIn(points, window);
      const slope = deriv(points, window);
      if (inside.length < 2) {
        expect(slope).toBeNull();
        return;
      }
      const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
      const seconds = inside.map(({ atMs }) => atMs / SECOND_MS);
      const [x, y] = [mean(seconds), mean(inside.map(({ value }) => value))];
      const covariance = mean(inside.map(({ value }, i) => ((seconds[i] ?? 0) - x) * (value - y)));
      const variance = mean(seconds.map((one) => (one - x) ** 2));
      expect(Math.abs((slope ?? NaN) - covariance / variance)).toBeLessThan(1e-3);
    }),
  );
});

test('[RF1] smoothing follows a straight line exactly', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -100, max: 100 }),
      fc.integer({ min: -100, max: 100 }),
      fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      (start, step, smoothing, trend) => {
        const points = each300(...Array.from({ length: 20 }, (_, i) => start + step * i));
        expect(doubleExponentialSmoothing(points, ALL, { smoothing, trend })).toBeCloseTo(
          start + step * 19,
          6,
        );
      },
    ),
  );
});
