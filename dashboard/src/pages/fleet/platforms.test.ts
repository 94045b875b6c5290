import { expect, test } from 'vitest';
import { platformName } from './platforms.ts';

test('[DB356] a platform is called by the name that people know', () => {
  expect(['linux', 'win32', 'darwin'].map(platformName)).toEqual(['Linux', 'Windows', 'macOS']);
  expect(['freebsd', 'constructor'].map(platformName)).toEqual(['freebsd', 'constructor']);
});
