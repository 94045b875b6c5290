import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LISTED_SERIES_MAX } from './limits.ts';
import { SeriesLists } from './series-lists.ts';

test('[RW23] the same series in the same order are one list; others are never taken for it', () => {
  const lists = new SeriesLists();
  const some = fc.array(fc.nat(20), { maxLength: 4 });
  fc.assert(
    fc.property(some, some, (a, b) => {
      const [first, second] = [lists.of([...a]), lists.of([...b])];
      expect([first, second]).toEqual([a, b]);
      expect(lists.of([...a]) === lists.of([...b])).toBe(a.join() === b.join());
    }),
  );
});

test('[RW23] lists are bounded: those that are not used any more are forgotten, those in use are not', () => {
  const lists = new SeriesLists();
  const used = lists.of([1, 2, 3]);
  const once = lists.of([7, 8, 9]);
  const long = Array.from({ length: 1_000 }, (_, i) => i);
  for (let i = 0; i < (3 * LISTED_SERIES_MAX) / long.length; i++) {
    lists.of([i, ...long]);
    expect(lists.of([1, 2, 3])).toBe(used);
  }
  expect(lists.of([7, 8, 9])).not.toBe(once);
});
