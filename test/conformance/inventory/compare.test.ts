import { expect, test } from 'vitest';
import { difference } from './compare.ts';

test('[IP1] numbers and their texts are equal, null is an absent key, placeholders stand for what was not recorded', () => {
  const expected = { SIZE: '12', SPEED: 7, SERIAL: null, NAME: '__re__', DATE: '__ignore__', DISKS: [1] };
  expect(difference(expected, { SIZE: 12, SPEED: '7', NAME: 'x', DISKS: ['1'] })).toBeNull();
});

test.each([
  [{ A: '1' }, { A: '2' }, '$.A'],
  [{ A: '1' }, {}, '$.A'],
  [{ A: null }, { A: '' }, '$.A'],
  [{}, { A: '1' }, '$.A'],
  [{ A: '__re__' }, {}, '$.A'],
  [[1, 2], [1], '$'],
  [[1], [1, 2], '$'],
  [[{ A: [1] }], [{ A: [2] }], '$[0].A[0]'],
  [{ A: 1 }, [1], '$'],
  ['1', { A: 1 }, '$'],
])('[IP1] %j is not %j', (expected, actual, where) => {
  expect(difference(expected, actual)?.startsWith(`${where}:`)).toBe(true);
});
