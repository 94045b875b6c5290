import { expect, test } from 'vitest';
import { Board, Slot } from './board.ts';

test('[RU45] a machine with thousands of series is not copied for each of them', () => {
  const board = new Board('ci_1');
  const rooms = new Set<Float64Array>();
  for (let i = 0; i < 5_000; i++) {
    const slot = new Slot(board, { ciId: 'ci_1', metric: 'temperature', instance: `s${i}` }, 0);
    slot.seed(i, i / 2, false, 10_000);
    rooms.add(board.numbers);
  }
  expect(rooms.size).toBeLessThan(1_500);
  expect(board.numbers.length).toBeLessThan(5_000 * 3 * 1.3);
  expect(board.slots.every((slot, i) => slot.lastAtMs === i && slot.value === i / 2)).toBe(true);
});
