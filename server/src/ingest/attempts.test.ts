import { expect, test } from 'vitest';
import { AppError } from '../errors.ts';
import { ATTEMPTS_AGENTS_MAX, ATTEMPTS_MAX, Attempts, isPassing, isStorageFull } from './attempts.ts';

const coded = (code: string) => Object.assign(new Error('x'), { code });

test('[IG8] the last attempt of a frame is told once; another frame starts anew', () => {
  const attempts = new Attempts();
  const failures = Array.from({ length: ATTEMPTS_MAX + 1 }, () => attempts.failed('a', 'e', 1));
  expect(failures).toEqual([false, false, true, false]);
  expect([attempts.failed('a', 'e', 2), attempts.failed('a', 'e', 1), attempts.failed('a', 'e', 1)]).toEqual([
    false,
    false,
    false,
  ]);
});

test('[IG8] memory of attempts is bounded: the oldest is forgotten', () => {
  const attempts = new Attempts();
  for (const seq of [1, 1]) attempts.failed('first', 'e', seq);
  for (let i = 0; i < ATTEMPTS_AGENTS_MAX; i++) attempts.failed(`agent ${i}`, 'e', 1);
  expect(attempts.failed('first', 'e', 1)).toBe(false);
});

test('[IG8] a failure that may pass is told from one of the frame', () => {
  const wrapped = new Error('query failed', { cause: coded('SQLITE_FULL') });
  for (const error of [new AppError('storage-full', 'x'), wrapped, coded('ENOSPC')]) {
    expect([isPassing(error), isStorageFull(error)]).toEqual([true, true]);
  }
  expect([isPassing(coded('SQLITE_BUSY')), isStorageFull(coded('SQLITE_BUSY'))]).toEqual([true, false]);
  for (const error of [
    new Error('bug'),
    new TypeError('bug'),
    coded('SQLITE_CONSTRAINT'),
    new AppError('conflict', 'x'),
    'text',
  ]) {
    expect([isPassing(error), isStorageFull(error)]).toEqual([false, false]);
  }
});
