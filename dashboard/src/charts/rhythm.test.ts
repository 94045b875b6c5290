import fc from 'fast-check';
import { CONFIG_INTERVAL_MS_MAX } from '@muster/shared/api/agent-config.ts';
import { expect, test } from 'vitest';
import { columnsOf } from './columns.ts';
import { alignSeries, gapsBetween } from './data.ts';
import { newestStep, type Pace, RHYTHM_MS_MAX } from './rhythm.ts';

const TEN: Pace = { stepMs: 10_000 };

/** Times from distances in s. */
const timesOf = (...distances: number[]) => {
  const times = [0];
  for (const distance of distances) times.push((times.at(-1) ?? 0) + distance * 1_000);
  return times;
};
const times = (count: number, distance: number) => Array.from({ length: count }, () => distance);

test('[DB281] an agent that is told another interval leaves no gap', () => {
  expect(gapsBetween(timesOf(...times(20, 10), ...times(20, 60)), TEN)).toEqual([]);
  expect(gapsBetween(timesOf(...times(20, 300), ...times(20, 1)), TEN)).toEqual([]);
  expect(gapsBetween(timesOf(...times(3, 10), ...times(4, 60), ...times(3, 10)), TEN)).toEqual([]);
});

test('[DB281] a pause is a gap, also among points of another interval and around a lone point', () => {
  expect(gapsBetween(timesOf(...times(5, 60), 600, ...times(5, 60)), TEN)).toEqual([
    { fromMs: 300_000, toMs: 900_000 },
  ]);
  expect(gapsBetween(timesOf(...times(5, 10), 90, 90, ...times(5, 10)), TEN)).toHaveLength(2);
  expect(gapsBetween(timesOf(...times(5, 10), 3_600, 3_600, 3_600), TEN)).toHaveLength(3);
});

test('[DB281] every interval that an agent can be told is a rhythm, and the newest is the one that is said', () => {
  expect(RHYTHM_MS_MAX).toBe(CONFIG_INTERVAL_MS_MAX);
  expect(newestStep(timesOf(...times(90, 10), ...times(3, 60)), 10_000)).toBe(60_000);
  expect(newestStep(timesOf(...times(9, 60), ...times(3, 1)), 10_000)).toBe(10_000);
  expect(newestStep([], 10_000)).toBe(10_000);
});

test('[DB281] neither the beginning nor the end of the range is a gap within the rhythm', () => {
  const points = columnsOf(timesOf(...times(5, 60)).map((atMs) => [atMs + 100_000, 1]));
  const series = { id: 'a', label: 'A', points, stepMs: 10_000, colour: 1 } as const;
  expect(alignSeries([series], 0, 520_000).gaps).toEqual([]);
  expect(alignSeries([series], 0, 600_000).gaps).toEqual([{ fromMs: 400_000, toMs: 600_000 }]);
});

test('[DB281] points of one interval, whichever it is, have no gap; one that is ten times longer is one', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 7, max: 40 }),
      fc.integer({ min: 4, max: 40 }),
      (distance, before, after) => {
        const long = 10 * Math.max(distance, 10);
        expect(gapsBetween(timesOf(...times(before + after, distance)), TEN)).toEqual([]);
        expect(
          gapsBetween(timesOf(...times(before, distance), long, ...times(after, distance)), TEN),
        ).toHaveLength(1);
      },
    ),
  );
});

/** Told from the beginning, and from so many s on; times in s. */
const told = (...intervals: (readonly [sinceS: number, intervalS: number])[]): Pace => ({
  stepMs: 10_000,
  told: intervals.map(([since, interval]) => ({ sinceMs: since * 1_000, intervalMs: interval * 1_000 })),
});

test.each<[string, number[], Pace, number]>([
  [
    'two readings at 30 s, then 5 s',
    [...times(9, 10), 35, 35, ...times(20, 5)],
    told([-1e9, 10], [91, 30], [160, 5]),
    0,
  ],
  ['the same of an agent of which nothing is known', [...times(9, 10), 35, 35, ...times(20, 5)], TEN, 2],
  [
    'one reading at 30 s between two spans at 5 s',
    [...times(20, 5), 30, ...times(20, 5)],
    told([-1e9, 5], [101, 30], [129, 5]),
    0,
  ],
  ['35 s of silence at 5 s', [...times(20, 5), 35, ...times(20, 5)], told([-1e9, 5]), 1],
  [
    '35 s of silence at 5 s, right after 30 s',
    [...times(4, 30), ...times(2, 5), 35, ...times(9, 5)],
    told([-1e9, 30], [121, 5]),
    1,
  ],
  [
    '35 s of silence at 5 s, right before 30 s',
    [...times(20, 5), 35, ...times(9, 30)],
    told([-1e9, 5], [136, 30]),
    0,
  ],
  [
    'minutes of silence across a longer interval',
    [...times(9, 10), 240, ...times(9, 30)],
    told([-1e9, 10], [100, 30]),
    1,
  ],
  [
    'minutes of silence across a shorter one',
    [...times(4, 30), 180, ...times(9, 5)],
    told([-1e9, 30], [200, 5]),
    1,
  ],
  [
    'what was told before the first that is known',
    [...times(9, 10), 35, 35, ...times(9, 10)],
    told([500, 60]),
    2,
  ],
])('[DB360] whether a pause is one follows what was told then: %s', (_, distances, pace, count) => {
  expect(gapsBetween(timesOf(...distances), pace)).toHaveLength(count);
});

test('[DB360] a rate is missing for one reading more once the interval has become longer; a gauge is not', () => {
  const pace = told([-1e9, 10], [91, 60]);
  const distances = [...times(9, 10), 180];
  expect(gapsBetween(timesOf(...distances), { ...pace, isRate: true })).toEqual([]);
  expect(gapsBetween(timesOf(...distances), pace)).toHaveLength(1);
  expect(gapsBetween(timesOf(...times(9, 10), 240), { ...pace, isRate: true })).toHaveLength(1);
});

test('[DB360] an agent that does what it is told leaves no gap, whatever it is told; one that is off does', () => {
  const interval = fc.integer({ min: 1, max: CONFIG_INTERVAL_MS_MAX / 1_000 });
  // Told at least three readings long: a change every few seconds has no rhythm.
  const spans = fc.array(
    fc
      .tuple(interval, fc.integer({ min: 3, max: 40 }))
      .map(([every, count]) => [every, every * count] as const),
    { minLength: 1, maxLength: 6 },
  );
  fc.assert(
    fc.property(spans, fc.integer({ min: 1, max: 3_600 }), (all, beyond) => {
      let since = 0;
      const starts = all.map(([every, long], index) => {
        const start = index === 0 ? -1e9 : since;
        since += long;
        return [start, every] as const;
      });
      const everyAt = (at: number) => starts.findLast(([start]) => start <= at)?.[1] ?? 1;
      const obeyed = [0];
      // Told another interval, it waits anew.
      for (let at = 0, next = 0; at < since; at = next) {
        const change = starts.find(([start]) => start > at)?.[0] ?? Number.POSITIVE_INFINITY;
        next = Math.min(at + everyAt(at), change);
        if (next !== change) obeyed.push(next);
      }
      const pace = told(...starts);
      const ms = obeyed.map((at) => at * 1_000);
      expect(gapsBetween(ms, pace)).toEqual([]);
      const distances = obeyed.slice(1).map((at, index) => at - (obeyed[index] ?? 0));
      const longest = Math.max(10, ...all.map(([every]) => every), ...distances);
      const last = ms.at(-1) ?? 0;
      const off = { fromMs: last, toMs: last + (2.5 * longest + beyond) * 1_000 };
      expect(gapsBetween([...ms, off.toMs], pace)).toEqual([off]);
    }),
  );
});
