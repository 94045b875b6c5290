import { expect, test } from 'vitest';
import { installedEnvironment, installedFlags } from './service-command.ts';

test('what the bench starts Node with is what the installed service does', () => {
  expect(installedFlags()).toContain('--lite-mode');
  expect(installedEnvironment()).toMatchObject({
    LANG: 'C.UTF-8',
    MALLOC_ARENA_MAX: '1',
    UV_THREADPOOL_SIZE: '8',
  });
});
