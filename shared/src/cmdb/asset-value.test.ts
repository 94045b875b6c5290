import { expect, test } from 'vitest';
import { daysUntil, valueNow } from './asset-value.ts';

const at = (day: string) => Date.parse(`${day}T12:00:00Z`);

test.each([
  ['2026-01-15', '2026-01-15', 4800, 48],
  ['2026-01-15', '2026-02-14', 4800, 48],
  ['2026-01-15', '2026-02-15', 4700, 47],
  ['2026-01-15', '2028-01-15', 2400, 24],
  ['2020-01-15', '2026-01-15', 0, 0],
  ['2027-01-15', '2026-01-15', 4800, 48],
])('[AS30] bought %s for 4800, on %s it is worth %d', (purchaseDate, now, value, monthsLeft) => {
  expect(valueNow({ cost: 4800, purchaseDate }, 48, at(now))).toEqual({ value, monthsLeft });
});

test('[AS30] without cost or day of purchase no value is made up', () => {
  expect(valueNow({ cost: null, purchaseDate: '2026-01-15' }, 48, at('2026-02-01'))).toBeNull();
  expect(valueNow({ cost: 1, purchaseDate: null }, 48, at('2026-02-01'))).toBeNull();
});

test.each([
  ['2026-03-01', 0],
  ['2026-03-02', 1],
  ['2026-02-28', -1],
])('[AS31] on 2026-03-01 a warranty until %s has %d days', (end, days) => {
  expect(daysUntil(end, at('2026-03-01'))).toBe(days);
});
