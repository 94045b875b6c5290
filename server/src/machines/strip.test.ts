import { expect, test } from 'vitest';
import { stripParts } from './strip.ts';

const iso = (ms: number) => new Date(ms).toISOString();

test('[DB83] a strip names only changes, and what is not known before, between and behind', () => {
  const intervals = [
    { from: iso(10), to: iso(20), state: 'up' },
    { from: iso(20), to: iso(30), state: 'up' },
    { from: iso(30), to: iso(40), state: 'silent' },
    { from: iso(50), to: null, state: 'up' },
  ] as const;
  expect(stripParts(intervals, { fromMs: 0, toMs: 60 })).toEqual([
    [0, null],
    [10, 'up'],
    [30, 'silent'],
    [40, null],
    [50, 'up'],
  ]);
  expect(stripParts(intervals.slice(0, 1), { fromMs: 0, toMs: 60 })).toEqual([
    [0, null],
    [10, 'up'],
    [20, null],
  ]);
  expect(stripParts([], { fromMs: 0, toMs: 60 })).toEqual([[0, null]]);
});
