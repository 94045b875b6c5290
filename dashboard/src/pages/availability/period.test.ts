import { DAY_MS } from '@muster/shared/time.ts';
import { expect, test } from 'vitest';
import { monthPeriod, spanOf } from '../../parts/availabilityPeriod.ts';
import { customDays, monthsOffered, periodOf } from './period.ts';

const now = new Date(2026, 10, 20, 10, 42, 8).getTime();
const at = (year: number, month: number, day: number) => new Date(year, month - 1, day).getTime();

test('[DB160] without a choice the present month is shown, and a month that is to come is not', () => {
  const november = { kind: 'fixed', fromMs: at(2026, 11, 1), toMs: at(2026, 12, 1) };
  expect(periodOf({}, now)).toEqual(november);
  expect(periodOf({ month: '2026-12' }, now)).toEqual(november);
  expect(periodOf({ month: '2026-02' }, now)).toEqual({
    kind: 'fixed',
    fromMs: at(2026, 2, 1),
    toMs: at(2026, 3, 1),
  });
  expect(monthsOffered(now).slice(0, 2)).toEqual([at(2026, 11, 1), at(2026, 10, 1)]);
  expect(monthPeriod(now, 11).fromMs).toBe(at(2025, 12, 1));
});

test('[DB160] the last hours end at the full minute, so that equal questions are equal', () => {
  const period = periodOf({ range: '24h' }, now);
  expect(spanOf(period, now)).toEqual(spanOf(period, now + 5_000));
  expect(spanOf(period, now).toMs - spanOf(period, now).fromMs).toBe(DAY_MS);
});

test('[DB160] from one day to another: both days whole, in either order, never longer than can be asked', () => {
  expect(periodOf({ range: 'days', from: '2026-11-03', to: '2026-11-05' }, now)).toEqual({
    kind: 'fixed',
    fromMs: at(2026, 11, 3),
    toMs: at(2026, 11, 6),
  });
  expect(customDays({ from: '2026-11-05', to: '2026-11-03' }, now)).toEqual({
    from: '2026-11-03',
    to: '2026-11-05',
  });
  expect(customDays({}, now)).toEqual({ from: '2026-11-14', to: '2026-11-20' });
  const long = periodOf({ range: 'days', from: '2020-01-01', to: '2026-11-05' }, now);
  const { fromMs, toMs } = spanOf(long, now);
  expect(toMs - fromMs).toBe(800 * DAY_MS);
});
