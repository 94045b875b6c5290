import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@muster/shared/time.ts';
import { JUMP_MS_MIN, RetentionClock } from './retention-clock.ts';

const NOW_MS = Date.UTC(2026, 2, 1);

test('[ME33] files are dropped by the clock while it runs as clocks do', () => {
  const clock = new RetentionClock(DAY_MS, NOW_MS, NOW_MS - MINUTE_MS, 0);
  for (let hour = 0; hour < 100; hour++) {
    expect(clock.at(NOW_MS + hour * HOUR_MS, hour * HOUR_MS)).toBe(NOW_MS + hour * HOUR_MS);
  }
});

test('[ME33] a clock set a day forward is believed after a day, and at once when it is set back', () => {
  const clock = new RetentionClock(DAY_MS, NOW_MS, NOW_MS, 0);
  expect(clock.at(NOW_MS + HOUR_MS, HOUR_MS)).toBe(NOW_MS + HOUR_MS);
  for (let hour = 2; hour < 26; hour++) {
    expect(clock.at(NOW_MS + DAY_MS + hour * HOUR_MS, hour * HOUR_MS)).toBe(NOW_MS + hour * HOUR_MS);
  }
  expect(clock.at(NOW_MS + DAY_MS + 26 * HOUR_MS, 26 * HOUR_MS)).toBe(NOW_MS + DAY_MS + 26 * HOUR_MS);
  expect(clock.at(NOW_MS + 27 * HOUR_MS, 27 * HOUR_MS)).toBe(NOW_MS + 27 * HOUR_MS);
});

test('[ME33] a server that starts with a clock far ahead of its data waits a day', () => {
  const clock = new RetentionClock(DAY_MS, NOW_MS + 30 * DAY_MS, NOW_MS, 500);
  expect(clock.at(NOW_MS + 30 * DAY_MS, 500)).toBe(NOW_MS);
  expect(clock.at(NOW_MS + 30 * DAY_MS + HOUR_MS, 500 + HOUR_MS)).toBe(NOW_MS + HOUR_MS);
  expect(clock.at(NOW_MS + 31 * DAY_MS, 500 + DAY_MS)).toBe(NOW_MS + 31 * DAY_MS);
});

test('[ME33] a new engine has nothing to lose: its clock is taken as it is', () => {
  expect(
    new RetentionClock(DAY_MS, NOW_MS, Number.NEGATIVE_INFINITY, 0).at(NOW_MS + MINUTE_MS, MINUTE_MS),
  ).toBe(NOW_MS + MINUTE_MS);
});

test('[ME33] whatever the clock does, the time to drop by is never ahead of it and gains less than a jump in a day', () => {
  const step = fc.record({
    passesMs: fc.integer({ min: 0, max: 2 * HOUR_MS }),
    jumpsMs: fc.oneof(
      { weight: 5, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: -3 * DAY_MS, max: 3 * DAY_MS }) },
    ),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 10 }), (steps) => {
      const clock = new RetentionClock(DAY_MS, NOW_MS, NOW_MS, 0);
      let nowMs = NOW_MS;
      let monotonicMs = 0;
      for (const { passesMs, jumpsMs } of steps) {
        nowMs += passesMs + jumpsMs;
        monotonicMs += passesMs;
        const at = clock.at(nowMs, monotonicMs);
        expect(at).toBeLessThanOrEqual(nowMs);
        // Ten steps are less than a day: nothing was believed yet, but for jumps too small to be told.
        expect(at - NOW_MS - monotonicMs).toBeLessThanOrEqual(steps.length * JUMP_MS_MIN);
      }
    }),
  );
});
