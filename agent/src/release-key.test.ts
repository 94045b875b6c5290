import { expect, test } from 'vitest';
import { builtInReleaseKey, releaseKeyWords } from './release-key.ts';

test('[RL6] an agent that runs from its sources takes no upgrade, and says so', () => {
  expect(builtInReleaseKey()).toBeNull();
  expect(releaseKeyWords(null)).toBe('none: it was built without a release key');
});

test('[RL6] a release says by whom, a development build that it is one', () => {
  const key = { text: Buffer.alloc(32, 1).toString('base64url'), development: false };
  expect(releaseKeyWords(key)).toMatch(/^takes upgrades signed by ([0-9a-f]{4} ?){8}$/);
  expect(releaseKeyWords({ ...key, development: true })).toMatch(/^development build; takes/);
});
