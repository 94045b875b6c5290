import { expect, test } from 'vitest';
import { memoryMakerOfId } from './memory-makers.ts';

test.each([
  ['802C', 'Micron'],
  ['002c', 'Micron'],
  ['80CE', 'Samsung'],
  ['0198', 'Kingston'],
  ['859B', 'Crucial'],
  ['04CB', 'A-DATA'],
  ['7F7F', null],
  ['00FF', null],
])('[IP13] JEDEC number %s is %s, parity bits or not', (id, maker) => {
  expect(memoryMakerOfId(id)).toBe(maker);
});
