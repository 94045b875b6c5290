import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CELL_PX_MAX, CELL_PX_MIN, cellSize, tilesFit } from './fit.ts';

const room = { widthPx: 760, heightPx: 640, headingPx: 36 };

test('[DB204] few machines have large cells, 5,000 fit on a 1080p board', () => {
  expect(cellSize([12, 8], room)).toBe(CELL_PX_MAX);
  expect(cellSize([2_000, 1_800, 1_200], room)).toBeGreaterThanOrEqual(6);
  expect(cellSize([50_000], room)).toBe(CELL_PX_MIN);
});

test('[DB204] what is said to fit does fit', () => {
  const counts = fc.array(fc.integer({ min: 1, max: 2_000 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(counts, fc.integer({ min: 200, max: 2_000 }), (sites, widthPx) => {
      const size = cellSize(sites, { ...room, widthPx });
      if (size === CELL_PX_MIN) return;
      const perRow = Math.floor((widthPx + 2) / (size + 2));
      const height = sites.reduce((sum, count) => sum + 36 + Math.ceil(count / perRow) * (size + 2), 0);
      expect(height).toBeLessThanOrEqual(640);
    }),
  );
});

test('[DB204] a small fleet is called by name', () => {
  expect(tilesFit([20, 12], { ...room, remPx: 16 })).toBe(true);
  expect(tilesFit([60, 40], { ...room, remPx: 16 })).toBe(false);
});
