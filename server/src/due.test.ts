import { expect, test } from 'vitest';
import { DAY_MS, SECOND_MS } from '@muster/shared/time.ts';
import { isDueAgain } from './due.ts';

const LAST_MS = Date.UTC(2026, 2, 1);

test('[ME33] housekeeping goes on at once when the clock is set back', () => {
  const due = [0, SECOND_MS - 1, SECOND_MS, DAY_MS, -1, -DAY_MS].filter((sinceMs) =>
    isDueAgain(LAST_MS, SECOND_MS, LAST_MS + sinceMs),
  );
  expect(due).toEqual([SECOND_MS, DAY_MS, -1, -DAY_MS]);
});
