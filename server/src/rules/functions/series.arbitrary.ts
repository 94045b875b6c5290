/** Series of any kind, for property tests. */
import fc from 'fast-check';
import type { Point } from './points.ts';

const SECOND_MS = 1_000;

/** Ascending points with values as given, 1 s to 2 min apart. */
export function seriesOf(value: fc.Arbitrary<number>, { min = 0, max = 40 } = {}): fc.Arbitrary<Point[]> {
  return fc
    .array(fc.tuple(fc.integer({ min: 1, max: 120 }), value), { minLength: min, maxLength: max })
    .map((steps) => {
      let atMs = 0;
      return steps.map(([seconds, one]) => {
        atMs += seconds * SECOND_MS;
        return { atMs, value: one };
      });
    });
}

/** Moderate numbers, so that sums compare to a relative tolerance. */
export const anyValue = fc.double({ min: -1e6, max: 1e6, noNaN: true });

/** A window somewhere over such a series, at its points as well as between them. */
export const anyWindow = fc
  .tuple(fc.integer({ min: -100, max: 5_000 }), fc.integer({ min: 1, max: 5_000 }))
  .map(([from, length]) => ({ fromMs: from * SECOND_MS, toMs: (from + length) * SECOND_MS }));
