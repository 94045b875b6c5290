import { expect, test } from 'vitest';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import { isDueAgain, isLately } from './due.ts';

const LAST_MS = Date.UTC(2026, 2, 1);

test('[ME33] housekeeping goes on at once when the clock is set back', () => {
  const due = [0, SECOND_MS - 1, SECOND_MS, DAY_MS, -1, -DAY_MS].filter((sinceMs) =>
    isDueAgain(LAST_MS, SECOND_MS, LAST_MS + sinceMs),
  );
  expect(due).toEqual([SECOND_MS, DAY_MS, -1, -DAY_MS]);
});

test('[RW53] what was lately is over in time, and at once when the clock is set back by more than its span', () => {
  const lately = [0, MINUTE_MS - 1, MINUTE_MS, DAY_MS, -1, 1 - MINUTE_MS, -MINUTE_MS, -DAY_MS].filter(
    (sinceMs) => isLately(LAST_MS, MINUTE_MS, LAST_MS + sinceMs),
  );
  expect(lately).toEqual([0, MINUTE_MS - 1, -1, 1 - MINUTE_MS]);
});
