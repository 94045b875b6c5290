import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Buckets } from '../../metrics/buckets.ts';
import { type BucketSet, decodeRollup, encodeRollup } from './rollup-block.ts';

const WIDTH_MS = 60_000;
const START_MS = 3_600_000 * 7;
const finite = fc.oneof(
  fc.integer({ min: -1e6, max: 1e6 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const row = fc.record({
  index: fc.integer({ min: 0, max: 59 }),
  count: fc.nat(1_000),
  values: fc.tuple(finite, finite, finite),
});
const sets = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.uniqueArray(row, { selector: ({ index }) => index })))
  .map((series) => {
    const set: BucketSet = new Map();
    for (const [slot, rows] of series) {
      const buckets = new Buckets(WIDTH_MS);
      for (const { index, count, values } of rows.toSorted((a, b) => a.index - b.index)) {
        const [min, max, last] = values;
        buckets.add(START_MS + index * WIDTH_MS, count, count, count * 3, min, max, last);
      }
      if (buckets.length > 0) set.set(slot, buckets);
    }
    return set;
  });

const rowsOf = (buckets: Buckets) =>
  Array.from({ length: buckets.length }, (_, i) => [
    buckets.start(i),
    buckets.count(i),
    buckets.weight(i),
    buckets.sum(i),
    buckets.min(i),
    buckets.max(i),
    buckets.last(i),
  ]);

test('[ME20] a rollup block gives back the buckets of each wanted series', () => {
  fc.assert(
    fc.property(sets, fc.boolean(), (set, evenOnly) => {
      const back: BucketSet = new Map();
      const wanted = (slot: number) => !evenOnly || slot % 2 === 0;
      decodeRollup(encodeRollup(set, START_MS), START_MS, WIDTH_MS, wanted, (slot, buckets) =>
        back.set(slot, buckets),
      );
      const expected = [...set].filter(([slot]) => wanted(slot)).sort(([a], [b]) => a - b);
      expect([...back].map(([slot, buckets]) => [slot, rowsOf(buckets)])).toEqual(
        expected.map(([slot, buckets]) => [slot, rowsOf(buckets)]),
      );
    }),
  );
});

test('[ME21] random bytes never read as a rollup block without an error or an end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        decodeRollup(
          bytes,
          START_MS,
          WIDTH_MS,
          () => true,
          () => {},
        );
      } catch (error) {
        expect((error as Error).name).toBe('WireError');
      }
    }),
    { numRuns: 2_000 },
  );
});
