import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newId } from './ids.ts';

test('[ST8] an id is its prefix and 20 characters', () => {
  expect(newId('inc', 1_790_000_000_000)).toMatch(/^inc_[0-9a-hjkmnp-tv-z]{20}$/);
});

test('[ST8] ids sort by time, and by call within a millisecond', () => {
  const times = fc.array(fc.integer({ min: 0, max: 2 ** 45 }), { maxLength: 50 });
  fc.assert(
    fc.property(times, (list) => {
      const ids = [...list].sort((a, b) => a - b).map((atMs) => newId('x', atMs));
      expect([...ids].sort()).toEqual(ids);
      expect(new Set(ids).size).toBe(ids.length);
    }),
  );
});
