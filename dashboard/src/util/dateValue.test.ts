import { expect, test } from 'vitest';
import { dateValueText } from './dateValue.ts';

test.each([
  ['2026-03-04', '4 Mar 2026', '2026-03-04'],
  ['2026-03-04T15:06', '4 Mar 2026, 15:06', '2026-03-04 15:06'],
  ['2026-03-04T15:06:07', '4 Mar 2026, 15:06:07', '2026-03-04 15:06:07'],
  ['15:06', '15:06', '15:06'],
])('[DB332] what a field for %s holds is said as the page says dates', (value, en, zh) => {
  expect(dateValueText(value, 'en')).toBe(en);
  expect(dateValueText(value, 'zh')).toBe(zh);
});

test.each(['', '2026-13-40', 'tomorrow'])('[DB332] nothing is said of %j, which is no date', (value) => {
  expect(dateValueText(value, 'en')).toBeNull();
});
