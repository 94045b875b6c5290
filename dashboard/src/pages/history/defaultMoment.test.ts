import { expect, test } from 'vitest';
import { defaultMoment } from './defaultMoment.ts';

const OPENED_MS = Date.UTC(2026, 5, 15, 9, 30);

test.each([
  ['an old item: a day ago', '2026-01-01T00:00:00.000Z', '2026-06-14T09:30:00.000Z'],
  ['an item of today: when it came', '2026-06-15T08:00:00.123Z', '2026-06-15T08:00:00.123Z'],
  ['an item nobody knows: a day ago', undefined, '2026-06-14T09:30:00.000Z'],
])('[HI9] without a chosen moment: %s', (_what, createdAt, at) => {
  expect(defaultMoment(OPENED_MS, createdAt)).toBe(at);
});
