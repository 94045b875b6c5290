import fc from 'fast-check';
import { CONFIG_INTERVAL_MS_MAX } from '@muster/shared/api/agent-config.ts';
import { expect, test } from 'vitest';
import { columnsOf } from './columns.ts';
import { alignSeries, gapsBetween } from './data.ts';
import { newestStep, RHYTHM_MS_MAX } from './rhythm.ts';

/** Times from distances in s. */
const timesOf = (...distances: number[]) => {
  const times = [0];
  for (const distance of distances) times.push((times.at(-1) ?? 0) + distance * 1_000);
  return times;
};
const times = (count: number, distance: number) => Array.from({ length: count }, () => distance);

test('[DB281] an agent that is told another interval leaves no gap', () => {
  expect(gapsBetween(timesOf(...times(20, 10), ...times(20, 60)), 10_000)).toEqual([]);
  expect(gapsBetween(timesOf(...times(20, 300), ...times(20, 1)), 10_000)).toEqual([]);
  expect(gapsBetween(timesOf(...times(3, 10), ...times(4, 60), ...times(3, 10)), 10_000)).toEqual([]);
});

test('[DB281] a pause is a gap, also among points of another interval and around a lone point', () => {
  expect(gapsBetween(timesOf(...times(5, 60), 600, ...times(5, 60)), 10_000)).toEqual([
    { fromMs: 300_000, toMs: 900_000 },
  ]);
  expect(gapsBetween(timesOf(...times(5, 10), 90, 90, ...times(5, 10)), 10_000)).toHaveLength(2);
  expect(gapsBetween(timesOf(...times(5, 10), 3_600, 3_600, 3_600), 10_000)).toHaveLength(3);
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
        expect(gapsBetween(timesOf(...times(before + after, distance)), 10_000)).toEqual([]);
        expect(
          gapsBetween(timesOf(...times(before, distance), long, ...times(after, distance)), 10_000),
        ).toHaveLength(1);
      },
    ),
  );
});
