import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clockSkewMs } from './clock-skew.ts';

test('[LK150] a busy server does not take its own delay for a wrong clock', () => {
  expect(clockSkewMs(1_000, 31_000, 1_020)).toBe(0);
  expect(clockSkewMs(1_000, 31_000, 30_990)).toBe(0);
});

test('[LK150] a clock that is behind or ahead is found in either direction', () => {
  expect(clockSkewMs(100_000, 100_050, 40_000)).toBe(60_000);
  expect(clockSkewMs(100_000, 100_050, 160_050)).toBe(-60_000);
});

test('[LK150] whatever the delays are, the skew found is never beyond the true one, and off by the delays at most', () => {
  const delay = fc.integer({ min: 0, max: 60_000 });
  fc.assert(
    fc.property(fc.integer({ min: -1e9, max: 1e9 }), delay, delay, (trueMs, there, back) => {
      const greetedMs = 1e12;
      const found = clockSkewMs(greetedMs, greetedMs + there + back, greetedMs + there - trueMs);
      expect(Math.abs(found)).toBeLessThanOrEqual(Math.abs(trueMs));
      expect(Math.abs(trueMs - found)).toBeLessThanOrEqual(there + back);
    }),
  );
});
