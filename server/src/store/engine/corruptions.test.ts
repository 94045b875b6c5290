import { expect, test } from 'vitest';
import { Corruptions } from './corruptions.ts';

test('[ME26] what is damaged counts once, though it is told again when it is put aside', () => {
  let nowMs = 1;
  const told: string[] = [];
  const corruptions = new Corruptions({ now: () => nowMs++ }, (what) => told.push(what));
  for (const what of ['a.db: no database', 'b.db: no database', 'a.db: no database; put aside'])
    corruptions.report(what);
  corruptions.report('a.db: no database');
  expect(corruptions.list().map(({ what }) => what)).toEqual([
    'b.db: no database',
    'a.db: no database; put aside',
  ]);
  expect(told).toEqual(['a.db: no database', 'b.db: no database', 'a.db: no database; put aside']);
});
