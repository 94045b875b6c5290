/** Profiles of a week: time zones, outliers, and the published example. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HOURS_OF_WEEK, hourOfWeek, judge, profileOf, statisticsOf } from './hour-of-week.ts';
import type { Point } from './points.ts';

const HOUR_MS = 3_600_000;
const WEEK_MS = 168 * HOUR_MS;
const at = (iso: string) => Date.parse(iso);
const MONDAY_MS = at('2026-01-05T00:00:00Z');

/** Hourly values of some weeks from a Monday on, UTC. */
const weeks = (count: number, value: (hour: number, week: number) => number): Point[] =>
  Array.from({ length: count * HOURS_OF_WEEK }, (_, i) => ({
    atMs: MONDAY_MS + i * HOUR_MS,
    value: value(i % HOURS_OF_WEEK, Math.floor(i / HOURS_OF_WEEK)),
  }));
const office = (hour: number) => (hour < 120 && hour % 24 >= 8 && hour % 24 < 18 ? 60 : 5);

test('[RF4] twelve Fridays at 03:30 with ten 10, one 11 and one 9 have the mean 10 and a sigma of about 0.41', () => {
  const fridays = Array.from({ length: 12 }, (_, week) => ({
    atMs: at('2026-01-02T03:30:00Z') + week * WEEK_MS,
    value: week === 3 ? 11 : week === 7 ? 9 : 10,
  }));
  const slot = profileOf(fridays, 'UTC').slots[4 * 24 + 3];
  expect(slot?.mean).toBe(10);
  expect(slot?.sigma).toBeCloseTo(0.408, 3);
  expect(slot?.centre).toBe(10);
  expect(statisticsOf([10, 11, 9]).count).toBe(3);
});

test.each([
  ['2026-01-05T00:00:00Z', 'UTC', 0],
  ['2026-01-04T23:59:59Z', 'UTC', 167],
  ['2026-01-05T00:00:00Z', 'Asia/Shanghai', 8],
  ['2026-01-04T18:30:00Z', 'Asia/Kolkata', 0],
  ['2026-01-05T08:00:00Z', 'Europe/Berlin', 9],
  ['2026-07-06T08:00:00Z', 'Europe/Berlin', 10],
  ['2026-03-29T00:59:59Z', 'Europe/Berlin', 6 * 24 + 1],
  ['2026-03-29T01:00:00Z', 'Europe/Berlin', 6 * 24 + 3],
  ['1969-12-31T23:00:00Z', 'UTC', 2 * 24 + 23],
])('[RF4] %s in %s is hour %i of the week', (iso, zone, hour) => {
  expect(hourOfWeek(at(iso), zone)).toBe(hour);
});

test('[RF4] a profile keeps its hours over the change of the clock', () => {
  const local = Array.from({ length: 10 * HOURS_OF_WEEK }, (_, i) => {
    const atMs = at('2026-03-02T00:00:00Z') + i * HOUR_MS;
    return { atMs, value: hourOfWeek(atMs, 'Europe/Berlin') };
  });
  const { slots } = profileOf(local, 'Europe/Berlin');
  for (const [hour, slot] of slots.entries()) expect(slot?.centre).toBe(hour);
});

test('[RF4] what is usual at one hour is unusual at another', () => {
  const profile = profileOf(
    weeks(6, (hour, week) => office(hour) + (week % 3)),
    'UTC',
  );
  const next = MONDAY_MS + 6 * WEEK_MS;
  expect(judge(profile, next + 9 * HOUR_MS, 61)?.deviations).toBeCloseTo(0, 9);
  const night = judge(profile, next + 3 * HOUR_MS, 61);
  expect(night?.deviations).toBeGreaterThan(10);
  expect(night?.usual.high).toBeLessThan(20);
  expect(night?.hourOfWeek).toBe(3);
  expect(judge(profile, next + 9 * HOUR_MS, 5)?.deviations).toBeLessThan(-10);
  expect(judge(profile, next, NaN)).toBeNull();
});

test('[RF4] one outlier in an hour moves neither its centre nor its deviation by much', () => {
  const plain = profileOf(
    weeks(8, (hour, week) => office(hour) + (week % 4)),
    'UTC',
  );
  const spoilt = profileOf(
    weeks(8, (hour, week) => (hour === 9 && week === 5 ? 10_000 : office(hour) + (week % 4))),
    'UTC',
  );
  const [a, b] = [plain.slots[9], spoilt.slots[9]];
  expect(Math.abs((a?.centre ?? NaN) - (b?.centre ?? NaN))).toBeLessThanOrEqual(1);
  expect(b?.deviation).toBeLessThan(2 * (a?.deviation ?? NaN));
});

test('[RF4] what is hardly known is not judged', () => {
  const one = profileOf(weeks(1, office), 'UTC');
  expect(one.slots.every((slot) => slot === null)).toBe(true);
  expect(judge(one, MONDAY_MS, 1)).toBeNull();
  expect(judge(profileOf([], 'UTC'), MONDAY_MS, 1)).toBeNull();
  expect(
    judge(
      profileOf(
        weeks(3, () => 7),
        'UTC',
      ),
      MONDAY_MS,
      7,
    )?.deviations,
  ).toBe(0);
  expect(
    judge(
      profileOf(
        weeks(3, () => 7),
        'UTC',
      ),
      MONDAY_MS,
      8,
    )?.deviations,
  ).toBe(Infinity);
});

test('[RF4] the order of the values does not matter, and what is none is left aside', () => {
  const points = weeks(4, (hour, week) => office(hour) + Math.sin(hour * week));
  const whole = profileOf(points, 'UTC');
  fc.assert(
    fc.property(fc.shuffledSubarray(points, { minLength: points.length }), (shuffled) => {
      const { slots } = profileOf([...shuffled, { atMs: MONDAY_MS, value: NaN }], 'UTC');
      for (const [hour, slot] of slots.entries()) {
        expect(slot?.centre).toBe(whole.slots[hour]?.centre);
        expect(slot?.deviation).toBeCloseTo(whole.slots[hour]?.deviation ?? NaN, 9);
      }
    }),
    { numRuns: 10 },
  );
});
