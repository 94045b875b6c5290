import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stepBy, zoomBy, ZOOM_MS_MIN, zoomTo } from './zoom.ts';

const HOUR = 3_600_000;
const shown = { fromMs: 10 * HOUR, toMs: 12 * HOUR };

test('[DB102] a drag in either direction gives the same range in whole seconds', () => {
  const a = 10.2 * HOUR + 123;
  const b = 10.7 * HOUR + 456;
  expect(zoomTo(a, b, shown)).toEqual(zoomTo(b, a, shown));
  expect(zoomTo(a, b, shown)).toEqual({ fromMs: 10.2 * HOUR, toMs: 10.7 * HOUR });
});

test('[DB102] a drag stays within what is shown and never below the narrowest range', () => {
  expect(zoomTo(0, 11 * HOUR, shown)).toEqual({ fromMs: shown.fromMs, toMs: 11 * HOUR });
  const tiny = zoomTo(11 * HOUR, 11 * HOUR + 10, shown);
  expect(tiny.toMs - tiny.fromMs).toBe(ZOOM_MS_MIN);
  const atEnd = zoomTo(shown.toMs - 10, shown.toMs, shown);
  expect(atEnd).toEqual({ fromMs: shown.toMs - ZOOM_MS_MIN, toMs: shown.toMs });
});

test('[DB102] zooming by a factor keeps the moment under the cursor in its place', () => {
  expect(zoomBy(shown, 0.5, 11 * HOUR, 20 * HOUR)).toEqual({ fromMs: 10.5 * HOUR, toMs: 11.5 * HOUR });
  expect(zoomBy(shown, 0.5, 10 * HOUR, 20 * HOUR)).toEqual({ fromMs: 10 * HOUR, toMs: 11 * HOUR });
  // What would lie in the future is shown of the past instead.
  expect(zoomBy(shown, 2, 12 * HOUR, 12 * HOUR)).toEqual({ fromMs: 8 * HOUR, toMs: 12 * HOUR });
});

test('[DB102] a step goes by the length of the range; the last one ends now', () => {
  expect(stepBy(shown, -1, 13 * HOUR)).toEqual({ fromMs: 8 * HOUR, toMs: 10 * HOUR });
  expect(stepBy(shown, 1, 20 * HOUR)).toEqual({ fromMs: 12 * HOUR, toMs: 14 * HOUR });
  expect(stepBy(shown, 1, 13 * HOUR)).toEqual({ fromMs: 11 * HOUR, toMs: 13 * HOUR });
});

test('[DB102] a zoomed range has a length and does not reach beyond now', () => {
  const now = 1_000 * HOUR;
  const span = fc
    .tuple(fc.integer({ min: 0, max: 999 * HOUR }), fc.integer({ min: 60_000, max: HOUR }))
    .map(([fromMs, lengthMs]) => ({ fromMs, toMs: fromMs + lengthMs }));
  fc.assert(
    fc.property(
      span,
      fc.double({ min: 0.01, max: 100, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (each, factor, share) => {
        const zoomed = zoomBy(each, factor, each.fromMs + share * (each.toMs - each.fromMs), now);
        expect(zoomed.toMs - zoomed.fromMs).toBeGreaterThanOrEqual(ZOOM_MS_MIN - 1_000);
        expect(zoomed.toMs).toBeLessThanOrEqual(now + 500);
      },
    ),
  );
});
