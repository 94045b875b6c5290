import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Latest } from './latest.ts';

test.each([1, 3, 100, 101, 500])('[ME15] the %d highest are those that sorting all would name', (n) => {
  const number = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constant(Number.NaN), fc.double());
  const one = fc.record({ number, atMs: fc.integer({ min: 0, max: 9 }) });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 300 }), fc.boolean(), (all, isHalf) => {
      const latest = new Latest();
      latest.reserve(all.length);
      for (const [id, { number: value, atMs }] of all.entries()) latest.updateGauge(id, atMs, value);
      const isWanted = isHalf ? (id: number) => id % 2 === 0 : undefined;
      const expected = all
        .map(({ number: value, atMs }, id) => ({ id, value, atMs }))
        .filter(({ id, value, atMs }) => Number.isFinite(value) && atMs >= 3 && (isWanted?.(id) ?? true))
        .sort((a, b) => b.value - a.value)
        .slice(0, n);
      const found = latest.highest([...all.keys()], 'value', { n, sinceMs: 3, isWanted });
      expect(found).toEqual(expected.map(({ id }) => id));
    }),
  );
});
