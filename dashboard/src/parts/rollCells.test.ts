import { expect, test } from 'vitest';
import { countCells, patchRoll, type Roll } from './rollCells.ts';

const roll: Roll = {
  at: '2026-11-21T00:00:00Z',
  sites: [
    {
      site: 'Hangzhou',
      cells: [
        ['a', 'A', 'up'],
        ['b', 'B', 'up'],
      ],
    },
    { site: null, cells: [['c', 'C', 'asleep']] },
  ],
};
const news = (ciId: string, state: 'up' | 'silent') => ({
  ciId,
  state,
  presence: 'up' as const,
  cause: null,
  expected: true,
  sinceMs: 0,
  lastSeenMs: 0,
});

test('[DB201] news of presence change their cells and leave other sites what they are', () => {
  const after = patchRoll(roll, [news('b', 'silent')]);
  expect(after?.sites[0]?.cells).toEqual([
    ['a', 'A', 'up'],
    ['b', 'B', 'silent'],
  ]);
  expect(after?.sites[1]).toBe(roll.sites[1]);
  expect(countCells(after?.sites[0]?.cells ?? [])).toMatchObject({ total: 2, up: 1, silent: 1 });
});

test('[DB201] news that change nothing draw nothing; a machine nobody knows is asked for', () => {
  expect(patchRoll(roll, [news('a', 'up')])).toBe(roll);
  expect(patchRoll(roll, [news('x', 'up')])).toBeNull();
});
