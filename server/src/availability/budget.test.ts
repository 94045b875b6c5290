import { DAY_MS, HOUR_MS, MINUTE_MS, toIso } from '@muster/shared/time.ts';
import { expect, test } from 'vitest';
import { errorBudget, targetPeriods } from './budget.ts';
import { figuresOf } from './figures.ts';
import type { SliceInput } from './slices.ts';

const at = (text: string) => Temporal.Instant.from(text).epochMilliseconds;
const NOVEMBER = { fromMs: at('2026-11-01T00:00Z'), toMs: at('2026-12-01T00:00Z') };
const NOW = at('2026-11-16T00:00Z');

/** Down in these stretches, up otherwise, around the clock. */
function input(down: readonly (readonly [number, number | null])[]): SliceInput {
  const rest = { cause: null, planned: false };
  let atMs = NOVEMBER.fromMs;
  const intervals: SliceInput['intervals'][number][] = [];
  for (const [fromMs, toMs] of down) {
    intervals.push(
      { ...rest, fromMs: atMs, toMs: fromMs, presence: 'up' },
      { ...rest, fromMs, toMs, presence: 'down' },
    );
    atMs = toMs ?? Infinity;
  }
  if (atMs !== Infinity) intervals.push({ ...rest, fromMs: atMs, toMs: null, presence: 'up' });
  const cells = [{ fromMs: NOVEMBER.fromMs, toMs: NOW }];
  return {
    cells,
    intervals,
    expected: cells,
    roaming: false,
    windows: [],
    marks: [],
    beginMs: -Infinity,
    inService: true,
    retired: false,
  };
}
const budget = (down: readonly (readonly [number, number | null])[], percent = 99) =>
  errorBudget({
    percent,
    formula: 'known-time',
    period: NOVEMBER,
    nowMs: NOW,
    input: input(down),
    aheadMs: NOVEMBER.toMs - NOW,
    aheadPlannedMs: 0,
  });

test('[AV28] the budget is the agreed time of the whole period times what may be missed', () => {
  expect(budget([])).toMatchObject({
    agreedSecondsWhole: 30 * 86_400,
    allowedSeconds: expect.closeTo(0.01 * 30 * 86_400, 6) as number,
    usedSeconds: 0,
    burnRate: 0,
    lastsSeconds: null,
    state: 'ok',
    warning: null,
  });
});

test('[AV29] half of the budget used is a warning, all of it another; it says how fast it goes and how long it lasts', () => {
  const half = budget(
    [
      [NOW - 2 * HOUR_MS, NOW - HOUR_MS],
      [NOW - 10 * DAY_MS, NOW - 10 * DAY_MS + 3 * HOUR_MS],
    ].toSorted((a, b) => (a[0] as number) - (b[0] as number)) as [number, number][],
  );
  expect(half).toMatchObject({ usedSeconds: 4 * 3_600, state: 'half' });
  expect(half.warning?.en).toBe('Half of the error budget is used: 4 h of 7 h 12 min.');
  // One hour of the last day: 1/24 lost where 1/100 may be.
  expect(half.burnRate).toBeCloseTo(100 / 24, 6);
  expect(half.lastsSeconds).toBeCloseTo(3.2 * 24 * 3_600, 3);
  expect(budget([[NOW - 9 * HOUR_MS, NOW - HOUR_MS]])).toMatchObject({
    state: 'spent',
    lastsSeconds: null,
    downNow: false,
  });
});

test('[AV29] while it is down the budget goes second by second', () => {
  const now = budget([[NOW - 10 * MINUTE_MS, null]]);
  expect(now.downNow).toBe(true);
  expect(now.burnRate).toBeCloseTo(100, 6);
  expect(now.lastsSeconds).toBeCloseTo(7.2 * 3_600 - 600, 3);
  expect(budget([[NOW - 10 * MINUTE_MS, null]], 100)).toMatchObject({
    allowedSeconds: 0,
    burnRate: null,
    usedPercent: null,
    state: 'spent',
  });
});

test.each([
  ['month', '2026-09-15', ['2026-09-15T00:00', '2026-10-01T00:00', '2026-11-01T00:00']],
  ['quarter', '2026-01-01', ['2026-01-01T00:00', '2026-04-01T00:00', '2026-07-01T00:00', '2026-10-01T00:00']],
  ['year', '2026-12-01', []],
] as const)('[AV28] periods of a %s from %s on', (period, fromDay, begins) => {
  const spans = targetPeriods(period, 'UTC', fromDay, NOW, 12);
  expect(spans.map(({ fromMs }) => toIso(fromMs).slice(0, 16))).toEqual(begins);
});

test('[AV28] periods begin at local midnight, also when the clocks change within them', () => {
  const [october] = targetPeriods('month', 'Europe/Berlin', '2026-10-01', at('2026-10-30T00:00Z'), 0);
  expect(october).toEqual({ fromMs: at('2026-09-30T22:00Z'), toMs: at('2026-10-31T23:00Z') });
});

const sums = {
  agreedMs: 900_000,
  downMs: 90_000,
  unknownMs: 100_000,
  plannedMs: 100_000,
  excludedMs: 0,
  markedMs: 0,
  outages: 3,
  longestMs: 50_000,
};
test.each([
  ['known-time', 710 / 800, 710 / 3],
  ['ham', 810 / 900, 270],
  ['spm', 910 / 1_000, 910 / 3],
] as const)('[AV19] by %s availability is %d', (formula, share, mtbf) => {
  const figures = figuresOf(sums, formula);
  expect(figures.availability).toBeCloseTo(share * 100, 9);
  expect(figures.mtbfSeconds).toBeCloseTo(mtbf, 9);
  expect(figures.mtrsSeconds).toBe(30);
  expect(figures.mtbsiSeconds).toBeCloseTo(mtbf + 30, 9);
});

test('[AV6] [AV19] without an outage there is no time between outages, by no formula', () => {
  for (const formula of ['known-time', 'ham', 'spm'] as const)
    expect(figuresOf({ ...sums, outages: 0, downMs: 0 }, formula)).toMatchObject({
      mtbfSeconds: null,
      mtrsSeconds: null,
      mtbsiSeconds: null,
    });
});
