import { expect, test } from 'vitest';
import { PATHS, safeReturn } from './paths.ts';

test('[DB5] a sign-in leads back only to an address of the dashboard', () => {
  expect(safeReturn('/machines/ci_1/live?range=1h')).toBe('/machines/ci_1/live?range=1h');
  for (const foreign of [
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    PATHS.signIn,
    undefined,
    7,
  ]) {
    expect(safeReturn(foreign)).toBe(PATHS.overview);
  }
});

test('[DB5] every address of the dashboard is listed once', () => {
  const paths = Object.values(PATHS);
  expect(new Set(paths).size).toBe(paths.length);
  expect(paths).toMatchInlineSnapshot(`
    [
      "/sign-in",
      "/",
      "/incidents",
      "/incidents/$ref",
      "/machines",
      "/machines/new",
      "/machines/$id",
      "/machines/$id/live",
      "/machines/$id/hardware",
      "/machines/$id/software",
      "/machines/$id/changes",
      "/machines/$id/availability",
      "/machines/$id/incidents",
      "/rules",
      "/agents",
      "/account",
    ]
  `);
});
