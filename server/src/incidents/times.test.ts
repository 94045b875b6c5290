import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@muster/shared/time.ts';
import { AppError } from '../errors.ts';
import type { TimesFacts } from './store.ts';
import { firstMonthMs, spread, timesPerMonth } from './times.ts';

const MARCH_MS = Date.UTC(2026, 2, 10);
const facts = (some: Partial<TimesFacts>): TimesFacts => ({
  openedAtMs: MARCH_MS,
  breachedAtMs: MARCH_MS - 5 * MINUTE_MS,
  acknowledgedAtMs: MARCH_MS + 10 * MINUTE_MS,
  resolvedAtMs: MARCH_MS + HOUR_MS,
  restoredAtMs: MARCH_MS + HOUR_MS,
  state: 'closed',
  priority: 2,
  supportGroup: null,
  resolution: 'permanent',
  reopenings: 0,
  ...some,
});

test('[IC36] acknowledged counts from the opening, restored from the breach', () => {
  const [all] = timesPerMonth([facts({})], 'UTC');
  expect(all).toEqual({
    month: '2026-03',
    priority: null,
    group: null,
    opened: 1,
    acknowledge: { count: 1, medianMs: 600_000, meanMs: 600_000, p90Ms: 600_000 },
    restore: { count: 1, medianMs: 3_900_000, meanMs: 3_900_000, p90Ms: 3_900_000 },
    reopened: 0,
    byThemselves: 0,
  });
});

test('[IC36] not restored: what is open, and what is resolved and not verified yet', () => {
  const open = facts({ state: 'in_progress', resolvedAtMs: null, acknowledgedAtMs: null });
  const [all] = timesPerMonth([open, facts({ state: 'resolved' }), facts({ state: 'restored' })], 'UTC');
  expect([all?.opened, all?.restore.count, all?.acknowledge.count]).toEqual([3, 1, 2]);
});

test('[IC47] what closed without its recovery verified has no time to restore', () => {
  const never = facts({ restoredAtMs: null, resolution: 'not-watched' });
  const [all] = timesPerMonth([never, facts({})], 'UTC');
  expect([all?.opened, all?.restore.count]).toEqual([2, 1]);
});

test('[IC36] rows of all, of each priority and of each group; opened again and ended by themselves are counted', () => {
  const group = { id: 'team_1', name: 'Network' };
  const rows = timesPerMonth(
    [
      facts({ priority: 1, supportGroup: group, reopenings: 2 }),
      facts({ acknowledgedAtMs: null, resolution: 'recovered-by-itself' }),
    ],
    'UTC',
  );
  expect(
    rows.map(
      ({ priority, group: name, opened, reopened, byThemselves }) =>
        `P${priority} ${name}: ${opened} ${reopened} ${byThemselves}`,
    ),
  ).toEqual(['Pnull null: 2 1 1', 'P1 null: 1 1 0', 'P2 null: 1 0 1', 'Pnull Network: 1 1 0']);
});

test('[IC36] months are of the asked zone', () => {
  const late = facts({ openedAtMs: Date.UTC(2026, 2, 31, 20) });
  expect(timesPerMonth([late], 'UTC')[0]?.month).toBe('2026-03');
  expect(timesPerMonth([late], 'Asia/Shanghai')[0]?.month).toBe('2026-04');
  expect(firstMonthMs(Date.UTC(2026, 2, 31, 20), 1, 'Asia/Shanghai')).toBe(Date.UTC(2026, 2, 31, 16));
  expect(firstMonthMs(Date.UTC(2026, 0, 15), 3, 'UTC')).toBe(Date.UTC(2025, 10, 1));
  expect(() => timesPerMonth([late], 'Nowhere/Land')).toThrow(AppError);
});

test.each([
  [[], { count: 0, medianMs: null, meanMs: null, p90Ms: null }],
  [[4], { count: 1, medianMs: 4, meanMs: 4, p90Ms: 4 }],
  [[1, 3], { count: 2, medianMs: 2, meanMs: 2, p90Ms: 3 }],
  [[10, 1, 2, 3, 4, 5, 6, 7, 8, 9], { count: 10, medianMs: 5.5, meanMs: 5.5, p90Ms: 9 }],
  [[DAY_MS, 1, 1], { count: 3, medianMs: 1, meanMs: (DAY_MS + 2) / 3, p90Ms: DAY_MS }],
])('[IC36] figures of %j', (values, expected) => {
  expect(spread(values)).toEqual(expected);
});
