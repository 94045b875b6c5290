import fc from 'fast-check';
import { expect, test } from 'vitest';
import { phaseOf } from '../schedule.ts';
import { dueChecks, FIRST_RUN_MS_MAX, firstDueMs, nextDueMs, type PlannedCheck } from './plan.ts';

const intervalMs = fc.integer({ min: 10_000, max: 86_400_000 });
const phase = fc.double({ min: 0, max: 0.999, noNaN: true });

test('[CK10] the first run is within a minute and within the interval, spread over 2,000 agents', () => {
  const at = { wallMs: 1_700_000_000_000, sinceBootMs: 5_000 };
  fc.assert(
    fc.property(intervalMs, phase, (interval, one) => {
      const dueMs = firstDueMs({ intervalMs: interval, phase: one }, at) - at.sinceBootMs;
      return dueMs >= 0 && dueMs < Math.min(interval, FIRST_RUN_MS_MAX);
    }),
  );
  const seconds = new Array<number>(60).fill(0);
  for (let agent = 0; agent < 2_000; agent++) {
    const own = phaseOf(`${agent.toString(16).padStart(32, '0')} intranet`);
    const second = Math.floor((firstDueMs({ intervalMs: 60_000, phase: own }, at) - at.sinceBootMs) / 1_000);
    seconds[second] = (seconds[second] ?? 0) + 1;
  }
  expect(Math.max(...seconds)).toBeLessThan(65);
  expect(Math.min(...seconds)).toBeGreaterThan(10);
});

test('[CK10] two starts are half an interval to one and a half apart, wherever the wall clock is', () => {
  fc.assert(
    fc.property(intervalMs, phase, fc.integer({ min: 0, max: 4e12 }), (interval, one, wallMs) => {
      const delayMs = nextDueMs({ intervalMs: interval, phase: one }, { wallMs, sinceBootMs: 77 }) - 77;
      return delayMs >= interval / 2 && delayMs <= interval * 1.5;
    }),
  );
});

test('[CK10] without jumps a check stays on its grid', () => {
  const plan = { intervalMs: 60_000, phase: 0.25 };
  const first = nextDueMs(plan, { wallMs: 1_700_000_020_000, sinceBootMs: 0 });
  const wallMs = 1_700_000_020_000 + first;
  expect((wallMs - 15_000) % 60_000).toBe(0);
  expect(nextDueMs(plan, { wallMs: wallMs + 40, sinceBootMs: first + 40 })).toBe(first + 60_000);
});

const plans = fc.uniqueArray(
  fc.record({
    name: fc.string({ minLength: 1, maxLength: 4 }),
    intervalMs,
    phase,
    dueAtMs: fc.integer({ min: 0, max: 1_000 }),
  }),
  { selector: ({ name }) => name, maxLength: 32 },
);

test('[CK11] no more than there are places, none twice, none before its time, the one due longest first', () => {
  fc.assert(
    fc.property(
      plans,
      fc.integer({ min: 0, max: 1_000 }),
      fc.integer({ min: 1, max: 4 }),
      fc.nat(),
      (checks, nowMs, placesMax, seed) => {
        const running = new Set(
          checks
            .filter((_, i) => (seed >> (i % 31)) & 1)
            .slice(0, placesMax)
            .map(({ name }) => name),
        );
        const { start, waitMs } = dueChecks(checks, { running, placesMax, nowMs });
        const of = (name: string) => checks.find((one) => one.name === name) as PlannedCheck;
        expect(start.length + running.size).toBeLessThanOrEqual(placesMax);
        expect(new Set(start).size).toBe(start.length);
        for (const name of start) expect(running.has(name) || of(name).dueAtMs > nowMs).toBe(false);
        const passedOver = checks.filter(
          ({ name, dueAtMs }) => dueAtMs <= nowMs && !running.has(name) && !start.includes(name),
        );
        for (const one of passedOver) {
          expect(start.length + running.size).toBe(placesMax);
          for (const name of start) expect(of(name).dueAtMs).toBeLessThanOrEqual(one.dueAtMs);
        }
        // Whoever waits is woken: by time, or by the end of one that is under way.
        const waits = checks.some(({ name }) => !running.has(name) && !start.includes(name));
        if (waits && waitMs === null) expect(start.length + running.size).toBe(placesMax);
        if (waitMs !== null) expect(waitMs).toBeGreaterThan(0);
      },
    ),
  );
});
