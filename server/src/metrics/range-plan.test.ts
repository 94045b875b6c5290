import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import { planRange } from './range-plan.ts';
import { TIERS } from './tiers.ts';

const NOW_MS = Date.UTC(2026, 2, 1, 12);

test.each([
  ['15 minutes', 15 * MINUTE_MS, 0, 300, 'raw', 5 * SECOND_MS],
  ['6 hours', 6 * HOUR_MS, 0, 300, '1m', 2 * MINUTE_MS],
  ['a day, every sample', DAY_MS, 0, 8_641, 'raw', 10 * SECOND_MS],
  ['a day', DAY_MS, 0, 300, '1m', 5 * MINUTE_MS],
  ['a week', 7 * DAY_MS, 0, 400, '10m', 30 * MINUTE_MS],
  ['a month', 30 * DAY_MS, 0, 300, '1h', 3 * HOUR_MS],
  ['two years', 730 * DAY_MS, 0, 300, '1h', 4 * DAY_MS],
  ['an hour of 10 days ago', HOUR_MS, 10 * DAY_MS, 300, '1m', MINUTE_MS],
  ['an hour of 100 days ago', HOUR_MS, 100 * DAY_MS, 300, '10m', 10 * MINUTE_MS],
  ['an hour of 300 days ago', HOUR_MS, 300 * DAY_MS, 300, '1h', HOUR_MS],
  ['an hour before everything', HOUR_MS, 2_000 * DAY_MS, 300, '1h', HOUR_MS],
] as const)('[ME16] %s', (_, spanMs, agoMs, points, tier, stepMs) => {
  const toMs = NOW_MS - agoMs;
  expect(planRange({ fromMs: toMs - spanMs, toMs, points }, NOW_MS)).toMatchObject({ tier, stepMs });
});

test('[ME12] never more buckets than points, always whole ones around the range, in steps the tier divides', () => {
  const spans = fc.record({
    fromMs: fc.integer({ min: NOW_MS - 700 * DAY_MS, max: NOW_MS }),
    spanMs: fc.integer({ min: 1, max: 700 * DAY_MS }),
    points: fc.integer({ min: 1, max: 10_000 }),
  });
  fc.assert(
    fc.property(spans, ({ fromMs, spanMs, points }) => {
      const plan = planRange({ fromMs, toMs: fromMs + spanMs, points }, NOW_MS);
      expect((plan.toMs - plan.fromMs) / plan.stepMs).toBeLessThanOrEqual(points);
      expect(plan.fromMs).toBeLessThanOrEqual(fromMs);
      expect(plan.toMs).toBeGreaterThanOrEqual(fromMs + spanMs);
      const widthMs = TIERS.find(({ tier }) => tier === plan.tier)?.widthMs ?? 0;
      expect(plan.stepMs % (widthMs || 1)).toBe(0);
    }),
  );
});
