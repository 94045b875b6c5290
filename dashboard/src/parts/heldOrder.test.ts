import { expect, test } from 'vitest';
import { heldOrder } from './heldOrder.ts';

const idOf = (row: string) => row;
const moved = (right: string, before: string) => heldOrder(right.split(''), idOf, before.split('')).moved;

test('[DB32] rows that were there keep their places, new ones follow', () => {
  expect(heldOrder(['x', 'b', 'a', 'c'], idOf, ['a', 'b', 'c']).held.join('')).toBe('abcx');
  expect(heldOrder(['c', 'a'], idOf, ['a', 'b', 'c']).held.join('')).toBe('ac');
});

test('[DB32] only rows that would leave their place are counted, not those that make room', () => {
  expect(moved('abcde', 'abcde')).toBe(0);
  expect(moved('eabcd', 'abcde')).toBe(1);
  expect(moved('xabcd', 'abcd')).toBe(1);
  expect(moved('badc', 'abcd')).toBe(2);
});
