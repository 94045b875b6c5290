import fc from 'fast-check';
import { expect, test } from 'vitest';
import { spread } from './readOut.ts';

test('[DB105] values beside the points keep their places where they do not meet', () => {
  expect(spread([10, 60], 0, 100)).toEqual([10, 60]);
  expect(spread([120, -20], 0, 100)).toEqual([100, 0]);
});

test('[DB105] two values at the foot of the plot are pushed up, not over one another', () => {
  expect(spread([100, 98], 0, 100)).toEqual([100, 86]);
});

test('[DB105] values never cover one another and keep the order of the points', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -50, max: 250 }), { maxLength: 4 }), (wishes) => {
      const places = spread(wishes, 0, 150);
      const order = wishes.map((_, index) => index).sort((a, b) => (wishes[a] ?? 0) - (wishes[b] ?? 0));
      for (let at = 1; at < order.length; at++)
        expect((places[order[at] ?? 0] ?? 0) - (places[order[at - 1] ?? 0] ?? 0)).toBeGreaterThanOrEqual(14);
      expect(Math.max(0, ...places)).toBeLessThanOrEqual(150);
    }),
  );
});
