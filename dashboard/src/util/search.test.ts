import { expect, test } from 'vitest';
import { searchText } from './search.ts';

test.each([
  ['text', 'text'],
  [95, '95'],
  [true, 'true'],
  [undefined, undefined],
  [null, undefined],
  [{ a: 1 }, undefined],
  ['x'.repeat(129), undefined],
])('[DB5] the filter %j of an address is read as %j', (typed, read) => {
  expect(searchText.parse(typed)).toBe(read);
});
