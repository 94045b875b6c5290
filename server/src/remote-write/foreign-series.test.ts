import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '@muster/shared/time.ts';
import { TEST_START_MS } from '../http/testing.ts';
import { ForeignSeriesBook } from './foreign-series.ts';
import { FOREIGN_SERIES_MAX, FOREIGN_SERIES_UNSEEN_MS } from './limits.ts';
import type { ForeignSeriesRecord } from './store.ts';

const METRICS = { latest: () => [], resolve: () => 1 };
const ORIGIN = { mappingId: 'map', sender: 'token:x', feeder: 'labels' };
const named = (n: number) => ({ ciId: `ci_${n % 100}`, metric: 'disk.read', instance: `sd${n}` }) as const;
const LATER_MS = TEST_START_MS + FOREIGN_SERIES_UNSEEN_MS + DAY_MS + HOUR_MS;

test('[RW24] a series that no sender reported for 30 days gives its place free, and may come again', () => {
  const book = new ForeignSeriesBook(METRICS, []);
  for (let n = 0; n < FOREIGN_SERIES_MAX; n++) book.open(named(n), ORIGIN, TEST_START_MS);
  const one = book.open(named(7), ORIGIN, TEST_START_MS);
  const other = named(FOREIGN_SERIES_MAX);
  expect(book.open(other, ORIGIN, TEST_START_MS)).toBe('series-limit');
  if (typeof one === 'string') throw new Error(one);
  book.fed(one, TEST_START_MS + 2 * DAY_MS);
  book.forgetUnseen(LATER_MS);
  expect([book.size, one.isForgotten]).toEqual([1, false]);
  expect(book.of('ci_7')).toEqual([one]);
  expect([...book.machines()].map(([ciId]) => ciId)).toEqual(['ci_7']);
  const opened = book.open(other, ORIGIN, LATER_MS);
  expect(opened).toMatchObject({ sinceMs: LATER_MS, isForgotten: false });
  // What came again is not to be deleted.
  book.open(named(8), ORIGIN, LATER_MS);
  let gone = 0;
  for (let batch = book.takeForgotten(); batch.length > 0; batch = book.takeForgotten()) {
    expect(batch.length).toBeLessThanOrEqual(500);
    expect(batch).not.toContainEqual(named(8));
    gone += batch.length;
  }
  expect(gone).toBe(FOREIGN_SERIES_MAX - 2);
});

test('[RW24] when a series was reported last is kept to the day, over a restart too', () => {
  const book = new ForeignSeriesBook(METRICS, []);
  const one = book.open(named(1), ORIGIN, TEST_START_MS);
  if (typeof one === 'string') throw new Error(one);
  book.stored(one.ciId, ORIGIN.sender);
  book.welcomed(one.ciId);
  expect(book.takeUnwritten()).toHaveLength(1);
  book.fed(one, TEST_START_MS + HOUR_MS);
  expect(book.takeUnwritten()).toEqual([]);
  book.fed(one, TEST_START_MS + DAY_MS);
  const [written] = book.takeUnwritten();
  expect(written).toMatchObject({ seenMs: TEST_START_MS + DAY_MS });
  const again = new ForeignSeriesBook(METRICS, [written as ForeignSeriesRecord]);
  again.forgetUnseen(TEST_START_MS + FOREIGN_SERIES_UNSEEN_MS + DAY_MS - 1);
  expect(again.size).toBe(1);
  again.forgetUnseen(TEST_START_MS + FOREIGN_SERIES_UNSEEN_MS + 2 * DAY_MS + HOUR_MS);
  expect(again.size).toBe(0);
});
