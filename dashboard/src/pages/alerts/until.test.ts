import { HOUR_MS } from '@muster/shared/time.ts';
import { expect, test } from 'vitest';
import { untilMs } from './until.ts';

const NOW_MS = new Date(2026, 10, 20, 23, 30).getTime();

test('[CR14] tomorrow morning is eight o’clock on the wall, whatever the time is now', () => {
  expect(untilMs('morning', '', NOW_MS)).toBe(new Date(2026, 10, 21, 8).getTime());
  expect(untilMs('morning', '', new Date(2026, 10, 20, 0, 1).getTime())).toBe(
    new Date(2026, 10, 21, 8).getTime(),
  );
});

test('[CR14] a time of one’s own lies ahead, within thirty days', () => {
  expect(untilMs('at', '2026-11-21T06:15', NOW_MS)).toBe(new Date(2026, 10, 21, 6, 15).getTime());
  expect(untilMs('at', '2026-11-20T23:30', NOW_MS)).toBeUndefined();
  expect(untilMs('at', '2026-12-21T23:30', NOW_MS)).toBeUndefined();
  expect(untilMs('at', '', NOW_MS)).toBeUndefined();
});

test('[CR14] until it is resolved is no time at all', () => {
  expect(untilMs('end', '', NOW_MS)).toBeNull();
  expect(untilMs('4h', '', NOW_MS)).toBe(NOW_MS + 4 * HOUR_MS);
});
