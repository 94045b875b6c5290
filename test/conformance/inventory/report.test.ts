import { expect, test } from 'vitest';
import { judge, table, withReasons } from './report.ts';

const REPORT = {
  'set a': {
    pass: 1,
    total: 3,
    failures: [
      { case: 'one', why: 'x' },
      { case: 'two', why: 'y' },
    ],
  },
  'set b': { pass: 1, total: 1, failures: [] },
};

test('[IP2] a failure is listed or not, and a listed case that passes is named', () => {
  const verdict = judge(REPORT, {
    'set a: one': 'wrong mask',
    'set b: three': 'gone',
    'other c: four': 'not run',
  });
  expect(verdict.unlisted.map(({ failure }) => failure.case)).toEqual(['two']);
  expect(verdict.listed.map(({ failure, reason }) => [failure.case, reason])).toEqual([
    ['one', 'wrong mask'],
  ]);
  expect(verdict.stale).toEqual(['set b: three']);
});

test('[IP2] a listed failure still counts as one, with its reason', () => {
  const result = withReasons(REPORT, { 'set a: one': 'wrong mask' })['set a'];
  expect(result).toMatchObject({ pass: 1, total: 3 });
  expect(result?.failures[0]?.why).toBe('x (listed: wrong mask)');
});

test('[IP2] the table ends in the total', () => {
  expect(table(REPORT).split('\n').at(-1)).toMatch(/^total +2\/4 +50\.0 %$/);
});
