import { expect, test } from 'vitest';
import { createBatcher } from './batcher.ts';

function setUp(keysMax = 10) {
  const asked: string[][] = [];
  let run: () => void = () => {};
  const batcher = createBatcher<string>({
    waitMs: 60,
    keysMax,
    after: (_delayMs, action) => {
      run = action;
      return () => {};
    },
    load: async (keys) => {
      asked.push([...keys]);
      if (keys.includes('bad')) throw new Error('refused');
      return new Map(keys.filter((key) => key !== 'gone').map((key) => [key, `of ${key}`]));
    },
  });
  return { batcher, asked, run: () => run() };
}

test('[DB83] what is asked for at about the same time goes into one question, each key once', async () => {
  const { batcher, asked, run } = setUp();
  const answers = Promise.all(['a', 'b', 'a', 'gone'].map((key) => batcher.load(key)));
  run();
  expect(await answers).toEqual(['of a', 'of b', 'of a', null]);
  expect(asked).toEqual([['a', 'b', 'gone']]);
  const later = batcher.load('a');
  run();
  expect(await later).toBe('of a');
});

test('[DB83] a row that was scrolled past before its turn is not asked for; long lists are cut', async () => {
  const { batcher, asked, run } = setUp(2);
  const passed = new AbortController();
  const given = batcher.load('passed', passed.signal);
  const answers = Promise.all(['a', 'b', 'c'].map((key) => batcher.load(key)));
  passed.abort();
  run();
  await answers;
  await expect(given).rejects.toThrow();
  expect(asked).toEqual([['a', 'b'], ['c']]);
});

test('[DB83] a failure is told to all who asked', async () => {
  const { batcher, run } = setUp();
  const answers = Promise.allSettled([batcher.load('bad'), batcher.load('a')]);
  run();
  expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});
