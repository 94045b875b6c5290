/** Flapping against vectors that follow from Icinga's formula. */
import { MINUTE_MS } from '@muster/shared/time.ts';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  FLAP_MEMORY_MS,
  FLAP_QUIET_MS,
  FLAP_RING,
  flapChanged,
  flapCount,
  flapPassed,
  flapPercent,
  type FlapRing,
} from './flapping.ts';

/** Oldest moment first, as one reads it. */
const bitsOf = (text: string) => Number.parseInt(text, 2);

test.each([
  ['00000000000000000000', 0],
  ['11111111111111111111', 99],
  ['00000000000000000001', 5.9],
  ['10000000000000000000', 4],
  ['00000000000000011111', 28.5],
  ['00000000000000111111', 33.9],
  ['00000000000010111111', 39.1],
  ['10101010101010101010', 49],
  ['01010101010101010101', 50],
])('[CR1] %s of twenty moments is %s %%', (text, percent) => {
  expect(flapPercent(bitsOf(text))).toBeCloseTo(percent, 9);
});

test('[CR1] the value is the formula, whatever the ring', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: FLAP_RING, maxLength: FLAP_RING }), (moments) => {
      const bits = moments.reduce((all, changed) => (all << 1) | (changed ? 1 : 0), 0);
      const sum = moments.reduce((all, changed, i) => all + (changed ? 0.8 + 0.02 * i : 0), 0);
      expect(flapPercent(bits)).toBeCloseTo((sum / 20) * 100, 9);
      expect(flapCount(bits)).toBe(moments.filter(Boolean).length);
    }),
  );
});

/** Changes at these minutes. */
function after(minutes: readonly number[]): FlapRing {
  let ring: FlapRing | null = null;
  for (const minute of minutes) ring = flapChanged(ring, minute * MINUTE_MS);
  if (ring === null) throw new Error('a ring begins with a change');
  return ring;
}

test.each([
  ['three times up and down within half an hour', [0, 4, 8, 12, 16, 20], true],
  ['twice up and down and up again is not enough', [0, 4, 8, 12, 16], false],
  ['an hour apart it is no flapping', [0, 30, 60, 90, 120, 150, 180, 210], false],
  ['every ten minutes for a while', [0, 4, 10, 14, 20, 24, 30, 34, 40, 44], true],
  ['within seconds', [0, 0.1, 0.2, 0.3, 0.4, 0.5], true],
])('[CR2] %s', (_what, minutes, flapping) => {
  expect(after(minutes).flapping).toBe(flapping);
});

test('[CR2] it starts beyond 30 % and stops at 25 % or below', () => {
  const ring = after([0, 1, 2, 3, 4, 5]);
  expect(ring.flapping).toBe(true);
  for (let quiet = 1; quiet <= FLAP_RING; quiet++) {
    const later = flapPassed(ring, ring.atMs + quiet * FLAP_QUIET_MS);
    expect(later.flapping).toBe(flapPercent(later.bits) > 25);
  }
  expect(flapPassed(ring, ring.atMs + FLAP_MEMORY_MS)).toMatchObject({ bits: 0, flapping: false });
});

test('[CR2] time that passes in steps is time that passes at once', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 ** FLAP_RING - 1 }),
      fc.array(fc.integer({ min: 0, max: 20 * MINUTE_MS }), { maxLength: 20 }),
      (bits, steps) => {
        const start: FlapRing = { bits, atMs: 0, flapping: flapPercent(bits) > 30 };
        let [ring, nowMs] = [start, 0];
        for (const step of steps) ring = flapPassed(ring, (nowMs += step));
        // In one great step a value between the two levels may be jumped over; the ring is the same.
        expect(ring.bits).toBe(flapPassed(start, nowMs).bits);
        expect(ring.atMs).toBe(flapPassed(start, nowMs).atMs);
        expect(ring.flapping).toBe(flapPassed(start, nowMs).flapping);
      },
    ),
  );
});
