import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ChartMarker, foldMarkers, MARKER_KINDS } from './markers.ts';

const marker = (atMs: number, kind: ChartMarker['kind'] = 'change'): ChartMarker => ({
  atMs,
  kind,
  label: `${kind} ${atMs}`,
});

test('[DB103] marks that would touch are folded, the gravest kind is shown, all are kept in order', () => {
  const folded = foldMarkers(
    [marker(30, 'opened'), marker(0), marker(8, 'breach'), marker(12)],
    (atMs) => atMs,
    16,
  );
  expect(folded.map(({ x, shown, markers }) => [x, shown.label, markers.map(({ atMs }) => atMs)])).toEqual([
    [0, 'breach 8', [0, 8, 12]],
    [30, 'opened 30', [30]],
  ]);
});

test('[DB103] folding loses no mark and leaves no two closer than asked', () => {
  const marks = fc.array(fc.tuple(fc.integer({ min: 0, max: 500 }), fc.constantFrom(...MARKER_KINDS)), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(marks, fc.integer({ min: 1, max: 50 }), (all, near) => {
      const folded = foldMarkers(
        all.map(([atMs, kind]) => marker(atMs, kind)),
        (atMs) => atMs,
        near,
      );
      expect(folded.flatMap(({ markers }) => markers)).toHaveLength(all.length);
      for (let index = 1; index < folded.length; index++)
        expect((folded[index]?.x ?? 0) - (folded[index - 1]?.x ?? 0)).toBeGreaterThanOrEqual(near);
    }),
  );
});
