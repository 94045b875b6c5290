/** Rates against worked examples and against their definition written out. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Point, pointsIn, type Window } from './points.ts';
import { changes, delta, idelta, increase, irate, rate, resets } from './rate.ts';
import { anyValue, anyWindow, seriesOf } from './series.arbitrary.ts';

const MINUTE_MS = 60_000;
const each5 = (...values: number[]): Point[] =>
  values.map((value, i) => ({ atMs: i * 5 * MINUTE_MS, value }));
const minutes = (from: number, to: number): Window => ({ fromMs: from * MINUTE_MS, toMs: to * MINUTE_MS });

test.each([
  ['grows evenly', each5(0, 10, 20, 30), minutes(0, 15), 30],
  ['reaches the borders of the window', each5(100, 110, 120), minutes(-2, 12), 28],
  ['ends long before the border: half a distance is added', each5(100, 110, 120), minutes(-1, 60), 27],
  ['restarts', each5(0, 1, 2, 3, 2, 3, 4), minutes(-1, 30), 7],
  ['was never below 0', each5(1, 11, 21), minutes(-60, 10), 21],
])('[RF1] a counter that %s', (_, points, window, grown) => {
  expect(increase(points, window)).toBeCloseTo(grown, 9);
  expect(rate(points, window)).toBeCloseTo(grown / ((window.toMs - window.fromMs) / 1_000), 9);
});

test('[RF9] without enough points there is nothing to say', () => {
  for (const of of [rate, increase, delta, irate, idelta]) {
    expect(of([], minutes(0, 10))).toBeNull();
    expect(of(each5(1), minutes(-1, 10))).toBeNull();
    expect(of(each5(1, 2), minutes(0, 5))).toBeNull();
  }
  for (const of of [resets, changes]) {
    expect(of([], minutes(0, 10))).toBeNull();
    expect(of(each5(1), minutes(-1, 10))).toBe(0);
  }
});

test('[RF1] the window is open on the left and closed on the right', () => {
  expect(pointsIn(each5(0, 1, 2, 3), minutes(5, 10))).toEqual([{ atMs: 10 * MINUTE_MS, value: 2 }]);
  const points = each5(0, 1, 2);
  expect(pointsIn(points, minutes(-1, 10))).toBe(points);
});

test('[RF1] irate and idelta look at the last two points', () => {
  expect(irate(each5(0, 10, 310), minutes(-1, 20))).toBe(1);
  expect(irate(each5(0, 10, 3), minutes(-1, 20))).toBe(0.01);
  expect(idelta(each5(0, 10, 3), minutes(-1, 20))).toBe(-7);
});

test('[RF1] the points in a window are those that a filter finds', () => {
  fc.assert(
    fc.property(seriesOf(anyValue), anyWindow, (points, window) => {
      expect(pointsIn(points, window)).toEqual(
        points.filter(({ atMs }) => atMs > window.fromMs && atMs <= window.toMs),
      );
    }),
  );
});

test('[RF1] resets and changes are counted pair by pair', () => {
  const few = fc.constantFrom(0, 1, 2, NaN);
  fc.assert(
    fc.property(seriesOf(few), anyWindow, (points, window) => {
      const values = pointsIn(points, window).map(({ value }) => value);
      const pairs = values.slice(1).map((value, i) => [values[i] ?? NaN, value] as const);
      const expected = (count: number) => (values.length === 0 ? null : count);
      expect(resets(points, window)).toBe(expected(pairs.filter(([a, b]) => b < a).length));
      expect(changes(points, window)).toBe(expected(pairs.filter(([a, b]) => !Object.is(a, b)).length));
    }),
  );
});

test('[RF1] rates of counters are never negative', () => {
  fc.assert(
    fc.property(seriesOf(fc.double({ min: 0, max: 1e9, noNaN: true })), anyWindow, (points, window) => {
      for (const of of [rate, increase, irate]) expect(of(points, window) ?? 0).toBeGreaterThanOrEqual(0);
    }),
  );
});

test('[RF1] the increase of a counter that restarts is that of one that does not', () => {
  fc.assert(
    fc.property(seriesOf(fc.integer({ min: 0, max: 1_000 }), { min: 2 }), (steps) => {
      const window = { fromMs: 0, toMs: 5_000_000 };
      let sum = 1e6;
      const unbroken = steps.map(({ atMs, value }) => ({ atMs, value: (sum += value) }));
      const middle = unbroken[Math.floor(unbroken.length / 2)] ?? { atMs: 0, value: 0 };
      const broken = unbroken.map(({ atMs, value }) => ({
        atMs,
        value: atMs > middle.atMs ? value - middle.value : value,
      }));
      expect(increase(broken, window)).toBeCloseTo(increase(unbroken, window) ?? NaN, 5);
    }),
  );
});
