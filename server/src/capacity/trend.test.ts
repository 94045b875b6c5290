import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crossingOf } from './forecast.ts';
import { trendOf } from './trend.ts';

const days = (count: number, value: (day: number) => number, from = 20_000) =>
  Array.from({ length: count }, (_, i) => ({ day: from + i, value: value(from + i) }));

/** Numbers from −1 to 1 that are the same at each run. */
function noise(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state / 2 ** 32) * 2 - 1;
  };
}

test('[CP3] a line is found exactly, and so is the day on which it reaches a level', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 7, max: 120 }),
      fc.integer({ min: 1, max: 1_000 }),
      fc.integer({ min: -5_000, max: 5_000 }),
      fc.integer({ min: 1, max: 400 }),
      (count, slope, offset, ahead) => {
        const trend = trendOf(days(count, (day) => offset + slope * day));
        expect(trend.slope).toBeCloseTo(slope, 6);
        expect(trend.low).toBeCloseTo(slope, 6);
        expect(trend.high).toBeCloseTo(slope, 6);
        expect(trend.direction).toBe('rising');
        const nowDay = 20_000 + count - 1;
        const crossing = crossingOf(trend, offset + slope * (nowDay + ahead), nowDay);
        expect(crossing.days).toBeCloseTo(ahead, 4);
        expect(crossing.early).toBeCloseTo(ahead, 4);
        expect(crossing.late).toBeCloseTo(ahead, 4);
      },
    ),
  );
});

test('[CP3] a fifth of wild days does not turn a line', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 20, max: 90 }),
      fc.integer({ min: 1, max: 100 }),
      fc.integer({ min: 1, max: 2 ** 31 }),
      (count, slope, seed) => {
        const random = noise(seed);
        const wild = days(count, (day) => slope * day).map((one, i) =>
          i % 5 === 2 ? { ...one, value: one.value + slope * 500 * random() } : one,
        );
        expect(trendOf(wild).slope).toBeCloseTo(slope, 6);
      },
    ),
  );
});

test('[CP3] where the days are counted from, and in which unit, changes nothing', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 7, maxLength: 60 }),
      fc.integer({ min: -10_000, max: 10_000 }),
      fc.integer({ min: 1, max: 16 }).map((power) => 2 ** power),
      (values, shift, factor) => {
        const here = trendOf(values.map((value, i) => ({ day: i, value })));
        const there = trendOf(values.map((value, i) => ({ day: i + shift, value: value * factor })));
        expect(there.slope).toBeCloseTo(here.slope * factor, 6);
        expect(there.low).toBeCloseTo(here.low * factor, 6);
        expect(there.high).toBeCloseTo(here.high * factor, 6);
        expect(there.direction).toBe(here.direction);
        expect(there.spread).toBeCloseTo(here.spread * factor, 4);
      },
    ),
  );
});

test.each([
  ['independent days', 0],
  ['days that resemble their neighbours', 0.6],
])('[CP3] the interval holds the true slope in about 80 % of the cases: %s', (_, memory) => {
  const random = noise(7);
  const runs = 400;
  let held = 0;
  for (let run = 0; run < runs; run++) {
    let carried = 0;
    const trend = trendOf(
      days(45, (day) => {
        carried = memory * carried + 40 * (random() + random() + random());
        return 10 * day + carried;
      }),
    );
    if (trend.low <= 10 && 10 <= trend.high) held += 1;
  }
  expect(held / runs).toBeGreaterThan(0.72);
  expect(held / runs).toBeLessThan(0.95);
});

test('[CP3] days that only wander rarely have a direction, and a falling line falls', () => {
  const random = noise(11);
  let told = 0;
  for (let run = 0; run < 300; run++) if (trendOf(days(30, () => random())).direction !== null) told += 1;
  expect(told / 300).toBeLessThan(0.14);
  expect(trendOf(days(10, (day) => -3 * day)).direction).toBe('falling');
  expect(trendOf(days(10, () => 5)).direction).toBe(null);
});
