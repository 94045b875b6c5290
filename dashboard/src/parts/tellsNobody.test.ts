import { expect, test } from 'vitest';
import { tellsNobody } from './tellsNobody.ts';

test('[DB212] that nobody is messaged is said only where it is certain', () => {
  expect(tellsNobody({ channelsOn: 0 })).toBe(true);
  expect(tellsNobody({ channelsOn: 1 })).toBe(false);
  expect(tellsNobody(undefined)).toBe(false);
});
