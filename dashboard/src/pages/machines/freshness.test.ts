import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import { HOLD_MS_MAX } from '@muster/shared/wire/limits.ts';
import { staleAfterMs } from './freshness.ts';

const READ_EVERY_MS = 10 * SECOND_MS;

test('[DB331] at 10 s a value is old after less than half a minute, at 60 s not before the next can be there', () => {
  expect(staleAfterMs({ intervalMs: 10 * SECOND_MS, holdMs: 0 })).toBeLessThan(30 * SECOND_MS);
  expect(staleAfterMs({ intervalMs: MINUTE_MS, holdMs: 0 })).toBeGreaterThan(MINUTE_MS + READ_EVERY_MS);
});

test('[DB331] no value of an agent that keeps to what it is told counts as old', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: SECOND_MS, max: 5 * MINUTE_MS }),
      fc.integer({ min: 0, max: HOLD_MS_MAX }),
      (intervalMs, holdMs) => {
        // The oldest a page can show: read just before the next came, which was held back as long as may be.
        expect(staleAfterMs({ intervalMs, holdMs })).toBeGreaterThan(intervalMs + holdMs + READ_EVERY_MS);
      },
    ),
  );
});
