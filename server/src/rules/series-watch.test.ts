import { expect, test } from 'vitest';
import { NO_MEMBERSHIP } from '../relations/membership.ts';
import { SeriesWatches } from './series-watch.ts';

test('[RU45] lists that come in ever other orders are forgotten before they fill the memory', () => {
  const watches = new SeriesWatches({
    directory: { get: () => undefined, all: () => [], onChange: () => undefined },
    belonging: NO_MEMBERSHIP,
    identityOf: (series) => ({ ciId: 'ci_1', metric: 'temperature', instance: `s${series}` }),
    intervalMs: () => 10_000,
    onNewSignal: () => undefined,
    isMissed: () => true,
    onBound: () => undefined,
  });
  const board = watches.board('ci_1');
  const list = Array.from({ length: 2_000 }, (_, series) => series);
  const layoutOf = (from: number) =>
    watches.plan(board, [...list.slice(from), ...list.slice(0, from)]).layout;
  const first = layoutOf(0);
  expect(layoutOf(0)).toBe(first);
  for (let from = 1; from < 600; from++) layoutOf(from);
  expect(layoutOf(0)).not.toBe(first);
  expect(layoutOf(0)).toEqual(first);
});
