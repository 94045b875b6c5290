import { expect, test } from 'vitest';
import { type Cell, dateOf, numberOf, parseCell } from './cells.ts';

test.each<[Cell, string | null]>([
  ['2026-03-31', '2026-03-31'],
  ['2026/3/1', '2026-03-01'],
  ['2026年3月1日', '2026-03-01'],
  ['20260301', '2026-03-01'],
  ['2026-03-31T08:00:00Z', '2026-03-31'],
  ['31/03/2026', '2026-03-31'],
  ['3.4.2026', '2026-04-03'],
  ['03/04/26', '2026-04-03'],
  [46112, '2026-03-31'],
  ['46112', '2026-03-31'],
  ['31/02/2026', null],
  ['soon', null],
  [12, null],
])('[IM10] the date %j is %s', (cell, date) => {
  expect(dateOf(cell, 'dmy')).toBe(date);
});

test('[IM10] with the month first a slash date is read so, where it can be', () => {
  expect(dateOf('03/04/2026', 'mdy')).toBe('2026-03-04');
  expect(dateOf('31/03/2026', 'mdy')).toBe('2026-03-31');
});

test.each<[Cell, number | null]>([
  ['1234.5', 1234.5],
  ['1,234.50', 1234.5],
  ['1.234,50', 1234.5],
  ['1 234,5', 1234.5],
  ['12,5', 12.5],
  ['1,234', 1234],
  ['0,125', 0.125],
  ['1.234.567', 1234567],
  ['-3', -3],
  [7.25, 7.25],
  ['7 pieces', null],
  ['.', null],
])('[IM11] the number %j is %s', (cell, value) => {
  expect(numberOf(cell)).toBe(value);
});

test.each([
  ['money', '¥ 6,499.00', 6499],
  ['money', '1.299,00 €', 1299],
  ['money', 'EUR 5', 5],
  ['money', '6499元', 6499],
  ['yes-no', '是', true],
  ['yes-no', 'No', false],
  ['list', 'a; b，c', ['a', 'b', 'c']],
  ['text', ' x ', 'x'],
  ['number', '', null],
] as const)('[IM11] as %s the cell %j is %j', (form, cell, value) => {
  expect(parseCell(cell, { form }, 'dmy')).toEqual({ value });
});

test('[IM11] a choice is found whatever the case and the dashes; what is none says which there are', () => {
  const form = { form: 'choice' as const, options: ['all-in-one', 'laptop'] };
  expect(parseCell('All in One', form, 'dmy')).toEqual({ value: 'all-in-one' });
  expect(parseCell('phone', form, 'dmy')).toMatchObject({ fault: 'one of all-in-one, laptop' });
  expect(parseCell('-5', { form: 'money' }, 'dmy')).toMatchObject({ fault: 'an amount, zero or more' });
});
