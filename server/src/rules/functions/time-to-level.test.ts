/** When a level is reached, and when nobody can say. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Point } from './points.ts';
import { timeToLevel } from './time-to-level.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Values each five minutes over some hours, the last one now. */
const seriesOf = (hours: number, value: (hour: number) => number): Point[] =>
  Array.from({ length: hours * 12 + 1 }, (_, i) => ({ atMs: i * 5 * MINUTE_MS, value: value(i / 12) }));
const ask = (points: readonly Point[], level = 100, op: 'above' | 'below' = 'above') =>
  timeToLevel({ points, nowMs: points.at(-1)?.atMs ?? 0, level, op });

/** Noise that is the same each time: the fractions of a sine. */
const noise = (i: number) => ((Math.sin(i * 12.9898) * 43_758.5453) % 1) * 2;

test('[RF3] a disk that fills evenly is full when its line says so', () => {
  const answer = ask(seriesOf(6, (hour) => 50 + 5 * hour + noise(hour)));
  expect((answer?.leftMs ?? NaN) / HOUR_MS).toBeCloseTo(4, 0);
  expect(answer?.earliestMs).toBeLessThanOrEqual(answer?.leftMs ?? NaN);
  expect(answer?.latestMs).toBeGreaterThanOrEqual(answer?.leftMs ?? NaN);
  expect(answer?.slopePerSecond).toBeCloseTo(5 / 3_600, 4);
});

test('[RF3] what shrinks reaches a level below', () => {
  const answer = ask(
    seriesOf(6, (hour) => 50 - 5 * hour),
    10,
    'below',
  );
  expect((answer?.leftMs ?? NaN) / HOUR_MS).toBeCloseTo(2, 6);
  expect(answer?.slopePerSecond).toBeCloseTo(-5 / 3_600, 9);
});

test.each([
  ['flat', () => 50],
  ['flat with noise', (hour: number) => 50 + noise(hour)],
  ['going the other way', (hour: number) => 90 - 5 * hour],
  ['a sawtooth of logs that rotate', (hour: number) => 40 + ((hour * 20) % 40)],
  ['one step', (hour: number) => (hour < 3 ? 40 : 80)],
  ['one step, a while ago, with noise', (hour: number) => (hour < 2.8 ? 40 : 80) + noise(hour)],
  ['growth that has come to rest', (hour: number) => 40 + 10 * Math.min(hour, 4)],
  ['a rhythm', (hour: number) => 50 + 20 * Math.sin(hour)],
])('[RF3] no forecast where the window is %s', (_, value) => {
  expect(ask(seriesOf(6, value))).toBeNull();
});

test('[RF3] too few points say nothing; what is beyond the level has no time left', () => {
  expect(ask(seriesOf(6, (hour) => 10 * hour).slice(0, 7))).toBeNull();
  expect(ask([])).toBeNull();
  expect(ask(seriesOf(6, () => 100))).toMatchObject({ leftMs: 0, earliestMs: 0, latestMs: 0 });
  expect(ask(seriesOf(6, (hour) => 200 - hour))).toMatchObject({ leftMs: 0 });
  expect(
    ask(
      seriesOf(1, () => 5),
      5,
      'below',
    ),
  ).toBeNull();
});

test('[RF3] single outliers and values that are none do not turn the line', () => {
  const points = seriesOf(6, (hour) => 50 + 5 * hour);
  const plain = ask(points);
  const spoilt = points.map((point, i) =>
    i % 17 === 3 ? { ...point, value: [0, 1_000, NaN, Infinity][i % 4] ?? 0 } : point,
  );
  expect((ask(spoilt)?.leftMs ?? NaN) / HOUR_MS).toBeCloseTo((plain?.leftMs ?? NaN) / HOUR_MS, 1);
});

test('[RF3] an exact line is answered exactly, in any unit, up or down', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000 }),
      fc.integer({ min: 1, max: 48 }),
      fc.constantFrom(1, 1e-3, 1e9),
      fc.boolean(),
      (slope, hoursLeft, unit, isUp) => {
        const sign = isUp ? unit : -unit;
        const points = seriesOf(6, (hour) => sign * slope * hour);
        const answer = ask(points, sign * slope * (6 + hoursLeft), isUp ? 'above' : 'below');
        expect((answer?.leftMs ?? NaN) / HOUR_MS).toBeCloseTo(hoursLeft, 6);
      },
    ),
  );
});

test('[RF3] one step is no growth, wherever it stands, with noise of a tenth of it: in one of a thousand at most', () => {
  let asked = 0;
  let drawnOn = 0;
  for (let at = 1; at <= 71; at++)
    for (const height of [5, 20, 50])
      for (const share of [0, 0.005, 0.05])
        for (let seed = 0; seed < 10; seed++) {
          const points = seriesOf(6, () => 40).map(({ atMs, value }, i) => ({
            atMs,
            value: value + (i >= at ? height : 0) + share * height * noise(i + 100 * seed),
          }));
          asked += 1;
          drawnOn += ask(points) === null ? 0 : 1;
        }
  expect(drawnOn / asked).toBeLessThanOrEqual(0.001);
});
