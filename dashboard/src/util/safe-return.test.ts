import { expect, test } from 'vitest';
import { safeReturn } from './safe-return.ts';

test('[DB5] a sign-in leads back only to an address of the dashboard', () => {
  expect(safeReturn('/machines/ci_1/live?range=1h')).toBe('/machines/ci_1/live?range=1h');
  for (const foreign of [
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    '/sign-in',
    undefined,
    7,
  ])
    expect(safeReturn(foreign)).toBe('/');
});
