import { afterEach, expect, test, vi } from 'vitest';
import { readAfterStep } from './readAfterStep.ts';

afterEach(() => void vi.useRealTimers());

test('[DB388] after a step findings are asked for again when the server has settled them', async () => {
  vi.useFakeTimers();
  const asked: string[] = [];
  readAfterStep(
    { invalidateQueries: async (filters) => void asked.push(String(filters?.queryKey?.join(' '))) },
    'ci_1',
  );
  expect(asked).toEqual(['ci ci_1', 'cmdb', 'cis', 'assets', 'findings']);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked).toHaveLength(5);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked.slice(5)).toEqual(['findings']);
});
