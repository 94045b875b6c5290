import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dayCells } from './day-grid.ts';
import { expectationOf, expectedSpans } from './expectation.ts';
import { outagesOf } from './outages.ts';
import { slices, Totals, totalsOf } from './slices.ts';
import type { SliceInput } from './slices.ts';
import type { PresenceInterval } from './timeline.ts';

const START = Date.UTC(2026, 9, 23);
const rest = { cause: null, evidence: [], revised: false };

const records = fc.array(
  fc.record({
    presence: fc.constantFrom('up', 'up', 'down', 'unknown', 'off', 'asleep'),
    planned: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    minutes: fc.integer({ min: 1, max: 3_000 }),
  }),
  { minLength: 1, maxLength: 12 },
);

function timeline(parts: readonly { presence: string; planned: boolean; minutes: number }[]) {
  let atMs = START - 5 * HOUR_MS;
  return parts.map(({ presence, planned, minutes }, i): PresenceInterval => {
    const fromMs = atMs;
    atMs += minutes * MINUTE_MS;
    const toMs = i === parts.length - 1 ? null : atMs;
    return { ...rest, fromMs, toMs, presence: presence as PresenceInterval['presence'], planned };
  });
}

const common = { windows: [], marks: [], beginMs: -Infinity, inService: true, retired: false };

test('[AV16] the slices of days add up to what the whole period gives, outages over midnight counted once', () => {
  fc.assert(
    fc.property(
      records,
      fc.integer({ min: -2_000, max: 4_000 }),
      fc.integer({ min: 1, max: 20_000 }),
      fc.constantFrom('Europe/Berlin', 'Asia/Shanghai', 'UTC'),
      fc.constantFrom('Server', 'Workstation'),
      (parts, shiftMinutes, lengthMinutes, zone, ciClass) => {
        const intervals = timeline(parts);
        const fromMs = START + shiftMinutes * MINUTE_MS;
        const toMs = fromMs + lengthMinutes * MINUTE_MS;
        const expectation = expectationOf({ class: ciClass, tags: [] });
        const expected = expectedSpans(expectation, zone, fromMs, toMs);
        const { roaming } = expectation;
        const cells = dayCells(fromMs, toMs, zone);
        const totals = new Totals();
        for (const slice of slices({ ...common, cells, intervals, expected, roaming })) totals.next(slice);
        const sum = totals.figures();
        const whole = { ...common, cells: [{ fromMs, toMs }], intervals, expected, roaming };
        expect(sum).toEqual(totalsOf(whole).figures());
        const listed = outagesOf(
          { ...common, cells: [{ fromMs, toMs }], intervals, expected, roaming },
          'down',
        );
        expect(listed.length).toBe(sum.outages);
        expect(listed.reduce((ms, one) => ms + one.agreedMs, 0)).toBe(totals.downMs);
        expect(Math.max(0, ...listed.map((one) => one.agreedMs))).toBe(totals.longestMs);
      },
    ),
    { numRuns: 300 },
  );
});

const day = { fromMs: START, toMs: START + DAY_MS };
function sliceOf(change: Partial<SliceInput>) {
  const input = { ...common, cells: [day], intervals: [], expected: [day], roaming: false, ...change };
  return slices(input)[0];
}

test('[AV13] nothing counts before the machine was known, nor the moment until it was first heard', () => {
  const beginMs = START + 6 * HOUR_MS;
  const intervals = [
    { ...rest, planned: false, fromMs: beginMs + 3 * SECOND_MS, toMs: null, presence: 'up' as const },
  ];
  expect(sliceOf({ beginMs, intervals })).toMatchObject({
    agreedMs: 18 * HOUR_MS - 3 * SECOND_MS,
    unknownMs: 0,
  });
  const late = [{ ...intervals[0], fromMs: beginMs + HOUR_MS }] as SliceInput['intervals'];
  expect(sliceOf({ beginMs, intervals: late })).toMatchObject({
    agreedMs: 18 * HOUR_MS,
    unknownMs: HOUR_MS,
  });
  expect(sliceOf({ beginMs: START + 2 * DAY_MS })).toMatchObject({ agreedMs: 0, unknownMs: 0 });
});

test('[AV14] a machine out of service is missed by nobody; what a retired one planned away is no planned time', () => {
  expect(sliceOf({})).toMatchObject({ agreedMs: DAY_MS, unknownMs: DAY_MS });
  expect(sliceOf({ inService: false })).toMatchObject({ agreedMs: 0, unknownMs: 0, plannedMs: 0 });
  const intervals = [
    { ...rest, planned: false, fromMs: START, toMs: START + 8 * HOUR_MS, presence: 'up' as const },
    { ...rest, planned: true, fromMs: START + 8 * HOUR_MS, toMs: null, presence: 'off' as const },
  ];
  expect(sliceOf({ inService: false, intervals })).toMatchObject({
    agreedMs: 8 * HOUR_MS,
    plannedMs: 16 * HOUR_MS,
  });
  expect(sliceOf({ inService: false, retired: true, intervals })).toMatchObject({
    agreedMs: 8 * HOUR_MS,
    plannedMs: 0,
  });
});

test.each([
  ['Asia/Shanghai', '2026-11-01T00:00+08:00', '2026-12-01T00:00+08:00', 30],
  ['Europe/Berlin', '2026-10-01T00:00+02:00', '2026-11-01T00:00+01:00', 31],
  ['UTC', '2026-11-20T10:30Z', '2026-11-21T10:30Z', 2],
])('[AV16] a period in %s from %s to %s has %s days, whole and without a hole', (zone, from, to, count) => {
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  const cells = dayCells(fromMs, toMs, zone);
  expect(cells.length).toBe(count);
  expect(cells[0]?.fromMs).toBe(fromMs);
  expect(cells.at(-1)?.toMs).toBe(toMs);
  for (const [i, cell] of cells.entries()) if (i > 0) expect(cell.fromMs).toBe(cells[i - 1]?.toMs);
});

test('[AV7] a laptop that slept between two failures had two outages', () => {
  const at = (fromMs: number, toMs: number, presence: 'down' | 'asleep') => ({
    ...rest,
    fromMs,
    toMs,
    presence,
    planned: false,
  });
  const totals = totalsOf({
    cells: [{ fromMs: 0, toMs: 300 }],
    intervals: [at(0, 100, 'down'), at(100, 200, 'asleep'), at(200, 300, 'down')],
    expected: [{ fromMs: 0, toMs: 300 }],
    roaming: true,
    windows: [],
    marks: [],
    beginMs: 0,
    inService: true,
    retired: false,
  });
  expect([totals.agreedMs, totals.downMs, totals.outages, totals.longestMs]).toEqual([200, 200, 2, 100]);
});
