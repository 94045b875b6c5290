import { expect, test } from 'vitest';
import { assetNumberKey, numberOf, patternFault, seriesOf } from './asset-number.ts';

const DATE = { year: 2026, month: 3 };

test('[AS4] a pattern prints year, month and a padded sequence', () => {
  expect(numberOf('PC-{year}-{seq:5}', DATE, 42)).toBe('PC-2026-00042');
  expect(numberOf('{yy}{month}/{seq}', DATE, 7)).toBe('2603/7');
  expect(numberOf('A{seq:3}', DATE, 12345)).toBe('A12345');
});

test('[AS4] with the year in the pattern each year counts from one', () => {
  expect(seriesOf('PC-{year}-{seq:5}', DATE)).toBe('PC-2026-{seq}');
  expect(seriesOf('PC-{year}-{seq:5}', { year: 2027, month: 1 })).not.toBe(
    seriesOf('PC-{year}-{seq:5}', DATE),
  );
  expect(seriesOf('PC-{seq:5}', DATE)).toBe('PC-{seq}');
});

test.each([
  ['', 'empty'],
  ['PC-{year}', 'no-sequence'],
  ['{seq}{seq}', 'no-sequence'],
  ['{day}-{seq}', 'unknown-place'],
  [`${'x'.repeat(60)}{seq}`, 'too-long'],
  ['PC-{seq:5}', null],
])('[AS4] the pattern %j: %s', (pattern, fault) => {
  expect(patternFault(pattern)).toBe(fault);
});

test('[AS2] case and outer blanks make no other number', () => {
  expect(assetNumberKey(' pc-1 ')).toBe(assetNumberKey('PC-1'));
});
