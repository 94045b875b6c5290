import { expect, test } from 'vitest';
import type { HistoryEntry } from '@muster/shared/api/cmdb.ts';
import { differencesSince } from './differences.ts';

let at = 0;
const entry = (change: Partial<HistoryEntry>): HistoryEntry => ({
  id: `h${(at += 1)}`,
  at: new Date(at * 1_000).toISOString(),
  ciId: 'ci_a',
  ciName: 'A',
  ciClass: 'Server',
  kind: 'changed',
  attribute: 'memoryBytes',
  before: null,
  after: null,
  source: 'agent',
  actor: 'agent:x',
  ...change,
});
/** In order of time, given as the server does: newest first. */
const since = (...entries: HistoryEntry[]) =>
  differencesSince(entries.toReversed()).map(({ entry: { ciName, attribute }, kind, before, after }) => [
    ciName,
    kind === 'value' ? attribute : kind,
    before,
    after,
  ]);

test('[DB107] several changes of one value are one difference, from the first to the last', () => {
  expect(since(entry({ before: 1, after: 2 }), entry({ before: 2, after: 3 }))).toEqual([
    ['A', 'memoryBytes', 1, 3],
  ]);
});

test('[DB107] what changed and changed back was as it is now', () => {
  expect(since(entry({ before: ['x'], after: [] }), entry({ before: [], after: ['x'] }))).toEqual([]);
});

test('[DB107] a part that came, went, came and went, or came back', () => {
  const part = (kind: HistoryEntry['kind'], ciId: string) =>
    entry({ ciId, ciName: ciId, ciClass: 'Component', kind, attribute: null });
  expect(
    since(
      part('created', 'new'),
      part('removed', 'old'),
      part('created', 'guest'),
      part('removed', 'guest'),
      part('removed', 'back'),
      part('returned', 'back'),
    ),
  ).toEqual([
    ['new', 'came', null, null],
    ['old', 'went', null, null],
  ]);
});

test('[DB107] values of a part that was not there then are no differences of their own', () => {
  const part = { ciId: 'p', ciName: 'p', ciClass: 'Software' };
  expect(
    since(
      entry({ ...part, kind: 'created', attribute: 'version', after: '1' }),
      entry({ ...part, attribute: 'version', before: '1', after: '2' }),
    ),
  ).toEqual([['p', 'came', null, '1']]);
});

test('[DB107] packages of one machine are told apart by their names', () => {
  const of = (ciName: string) => ({ ciName, ciClass: 'Software', attribute: 'version' });
  expect(
    since(
      entry({ ...of('curl'), before: '7', after: '8' }),
      entry({ ...of('openssl'), before: '1', after: '3' }),
      entry({ ...of('nano'), kind: 'created', after: '6' }),
    ),
  ).toEqual([
    ['curl', 'version', '7', '8'],
    ['nano', 'came', null, '6'],
    ['openssl', 'version', '1', '3'],
  ]);
});
