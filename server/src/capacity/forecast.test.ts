import { expect, test } from 'vitest';
import { forecastOf } from './forecast.ts';
import { usableHistory } from './history.ts';
import type { DailySpace } from './history.ts';

const GIB = 2 ** 30;
/** Days 1 to `count`; GiB. */
function space(count: number, used: (day: number) => number, size: (day: number) => number = () => 100) {
  return Array.from({ length: count }, (_, i): DailySpace => {
    const day = i + 1;
    return { day, usedBytes: used(day) * GIB, sizeBytes: size(day) * GIB };
  });
}

test('[CP2] fewer than seven days say nothing, and how many there are', () => {
  expect(
    forecastOf(
      space(6, (day) => 10 + day),
      6.5,
    ),
  ).toMatchObject({
    state: 'waiting',
    historyDays: 6,
    full: null,
  });
  expect(forecastOf([], 6.5)).toMatchObject({ state: 'waiting', historyDays: 0, sinceDay: null });
  expect(
    forecastOf(
      space(7, (day) => 90 + day),
      7,
    ),
  ).toMatchObject({ state: 'forecast', historyDays: 7 });
});

test('[CP4] full within half of the history is told with its interval, later only as not before', () => {
  const soon = forecastOf(
    space(60, (day) => 20 + day),
    60,
  );
  expect(soon).toMatchObject({ state: 'forecast', horizonDays: 30 });
  expect(soon.full?.days).toBeCloseTo(20, 6);
  expect(soon.full?.late).toBeCloseTo(20, 6);
  expect(soon.growthPerDay).toBeCloseTo(GIB, 0);
  const later = forecastOf(
    space(60, (day) => 20 + day / 2),
    60,
  );
  expect(later).toMatchObject({ state: 'later', notBeforeDays: 30, full: null });
  expect(later.rankDays).toBeCloseTo(100, 4);
});

test('[CP4] what is full is full now, whatever its history', () => {
  expect(
    forecastOf(
      space(2, () => 100),
      2,
    ),
  ).toMatchObject({ state: 'full', full: { days: 0, early: 0, late: 0 } });
  expect(
    forecastOf(
      space(30, (day) => Math.min(100, 71 + day)),
      30,
    ),
  ).toMatchObject({ state: 'full' });
});

test.each([
  ['steady', (day: number) => 50 + (day % 2) * 0.001],
  ['shrinking', (day: number) => 80 - day / 2],
  ['unclear', (day: number) => 50 + 20 * Math.sin(day * 2.4) + day / 20],
] as const)('[CP5] no trend: %s', (why, used) => {
  expect(forecastOf(space(40, used), 40)).toMatchObject({ state: 'no-trend', noTrend: why, full: null });
});

test.each([
  ['grew', (day: number) => 40 + day / 2, (day: number) => (day < 30 ? 100 : 200)],
  ['shrank', (day: number) => 20 + day / 2, (day: number) => (day < 30 ? 100 : 60)],
  ['cleaned', (day: number) => (day < 30 ? 60 + day : day), () => 100],
  ['jumped', (day: number) => (day < 30 ? 10 + day / 4 : 40 + day / 4), () => 100],
] as const)('[CP6] the history begins anew where the file system %s', (why, used, size) => {
  const days = space(33, used, size);
  expect(usableHistory(days).restart).toEqual({ day: 30, why });
  expect(forecastOf(days, 33)).toMatchObject({ state: 'waiting', historyDays: 4, sinceDay: 30 });
  expect(forecastOf(space(45, used, size), 45)).toMatchObject({ historyDays: 16, restart: { day: 30, why } });
});

test('[CP6] a peak of one day, and a jump of today, begin nothing', () => {
  const peak = space(30, (day) => 20 + day / 2 + (day === 20 ? 40 : 0));
  expect(usableHistory(peak).restart).toBe(null);
  const today = space(30, (day) => 20 + day / 2 + (day === 30 ? 40 : 0));
  expect(usableHistory(today).restart).toBe(null);
  expect(forecastOf(today, 30).growthPerDay).toBeCloseTo(GIB / 2, 0);
});

test('[CP6] what is cleaned regularly keeps its history, and has no trend', () => {
  const saw = space(60, (day) => 30 + (day % 10) * 4);
  expect(usableHistory(saw).restart).toBe(null);
  expect(forecastOf(saw, 60)).toMatchObject({ state: 'no-trend', historyDays: 60 });
});

test('[CP7] earlier forecasts are tried on what came: nothing off on a line, days off where growth changes', () => {
  expect(
    forecastOf(
      space(40, (day) => 20 + day),
      40,
    ).backTestDays,
  ).toBeCloseTo(0, 6);
  expect(
    forecastOf(
      space(10, (day) => 80 + day),
      10,
    ).backTestDays,
  ).toBe(null);
  const bent = forecastOf(
    space(60, (day) => 20 + day / 4 + Math.max(0, day - 45) / 2),
    60,
  );
  expect(bent.backTestDays).toBeGreaterThan(1);
});
