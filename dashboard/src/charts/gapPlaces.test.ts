import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gapPlaces, isFree } from './gapPlaces.ts';

const plot = { left: 0, right: 600, top: 20, rowHeight: 14, lines: [] as number[] };

test('[DB282] words stand inside a gap that is wide enough, else beside it, else nowhere', () => {
  expect(gapPlaces([{ left: 100, right: 300, width: 80 }], plot, [])).toEqual([{ x: 160, end: 240, y: 34 }]);
  const [beside] = gapPlaces([{ left: 100, right: 110, width: 80 }], plot, []);
  expect(beside).toMatchObject({ y: 34 });
  expect((beside?.end ?? 999) <= 100).toBe(true);
  expect(gapPlaces([{ left: 0, right: 5, width: 597 }], plot, [])).toEqual([null]);
});

test('[DB282] a level that stands in the first row moves the words to the second', () => {
  const gap = { left: 100, right: 300, width: 80 };
  expect(gapPlaces([gap], { ...plot, lines: [30] }, [])).toMatchObject([{ y: 48 }]);
  expect(gapPlaces([gap], plot, [{ x: 150, end: 200, y: 33 }])).toMatchObject([{ y: 48 }]);
});

test('[DB282] however many gaps there are, words stand in one row, overlap nothing and no other gap', () => {
  const gap = fc.record({
    left: fc.integer({ min: 0, max: 590 }),
    length: fc.integer({ min: 1, max: 120 }),
    width: fc.integer({ min: 20, max: 120 }),
  });
  fc.assert(
    fc.property(fc.array(gap, { maxLength: 40 }), (some) => {
      const gaps = some.map(({ left, length, width }) => ({
        left,
        right: Math.min(600, left + length),
        width,
      }));
      const boxes = gapPlaces(gaps, plot, []).flatMap((box) => box ?? []);
      expect(new Set(boxes.map(({ y }) => y)).size).toBeLessThanOrEqual(1);
      boxes.forEach((box, index) => {
        expect(isFree(box, boxes.toSpliced(index, 1), plot.rowHeight)).toBe(true);
        expect(box.x >= plot.left && box.end <= plot.right).toBe(true);
      });
    }),
  );
});
