import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HOUR_MS } from '@muster/shared/time.ts';
import { Histogram, type HistogramScale } from './histogram.ts';
import { decodeHistograms, encodeHistograms, type HistogramSet } from './histogram-block.ts';

const QUANTILES = [0, 0.05, 0.5, 0.9, 0.95, 0.99, 1];

function exact(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1] as number;
}

function histogramOf(scale: HistogramScale, values: readonly number[]): Histogram {
  const histogram = new Histogram(scale);
  for (const value of values) histogram.add(value);
  const atOnce = new Histogram(scale);
  const half = values.length >> 1;
  atOnce.addAll(Float64Array.from([0, ...values]), 1, 1 + half);
  atOnce.addAll(Float64Array.from(values), half, values.length);
  expect([atOnce.count, atOnce.buckets()]).toEqual([histogram.count, histogram.buckets()]);
  return histogram;
}

const percentage = fc.oneof(
  fc.integer({ min: 0, max: 10_000 }).map((n) => n / 100),
  fc.constantFrom(0, 1.999, 2, 50, 99.99, 100),
);
const magnitude = fc.oneof(
  fc.double({ min: 1e-6, max: 1e15, noNaN: true }),
  fc.integer({ min: 1, max: 1_000_000 }).map((n) => n / 10),
  fc.integer({ min: -19, max: 60 }).map((n) => 2 ** n),
);
const rate = fc.oneof(magnitude, fc.constant(0));

test('[ME50] a quantile of percentages is at most one point off', () => {
  fc.assert(
    fc.property(fc.array(percentage, { minLength: 1, maxLength: 400 }), (values) => {
      const histogram = histogramOf('percent', values);
      for (const q of QUANTILES)
        expect(Math.abs((histogram.quantile(q) as number) - exact(values, q))).toBeLessThanOrEqual(1 + 1e-9);
    }),
  );
});

test('[ME50] a quantile of rates is at most 5 % of the exact one off, on either side of 0', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          rate,
          magnitude.map((value) => -value),
        ),
        { minLength: 1, maxLength: 400 },
      ),
      (values) => {
        const histogram = histogramOf('log', values);
        for (const q of QUANTILES) {
          const wanted = exact(values, q);
          const off = Math.abs((histogram.quantile(q) as number) - wanted);
          expect(off).toBeLessThanOrEqual(0.05 * Math.abs(wanted) + 2 ** -20);
        }
      },
    ),
  );
});

test.each([
  ['the smallest and the largest double', [Number.MIN_VALUE, Number.MAX_VALUE], 'log', [0, Number.MAX_VALUE]],
  ['what is not finite', [Number.NaN, Number.POSITIVE_INFINITY, 7], 'log', [7, 7]],
  ['percentages out of their range', [-3, 104], 'percent', [1, 99]],
  ['nothing', [], 'percent', [undefined, undefined]],
] as const)('[ME50] %s has its bucket', (_, values, scale, [least, most]) => {
  const histogram = histogramOf(scale, values);
  const about = (wanted: number | undefined, found: number | undefined) =>
    wanted === undefined
      ? expect(found).toBeUndefined()
      : expect((found as number) / (wanted || 1)).toBeCloseTo(wanted === 0 ? 0 : 1, 0);
  about(least, histogram.quantile(0));
  about(most, histogram.quantile(1));
});

test('[ME51] histograms merged in any order are the histogram of all values', () => {
  fc.assert(
    fc.property(fc.array(fc.array(rate, { maxLength: 50 }), { maxLength: 6 }), (parts) => {
      const merged = new Histogram('log');
      for (const part of parts.toReversed()) merged.merge(histogramOf('log', part));
      expect(merged.buckets()).toEqual(histogramOf('log', parts.flat()).buckets());
      expect(merged.count).toBe(parts.flat().length);
    }),
  );
});

const WINDOW_MS = 240 * HOUR_MS;
const sets = fc
  .uniqueArray(
    fc.record({
      slot: fc.nat(200),
      hours: fc.uniqueArray(fc.nat(239), { maxLength: 4 }),
      percent: fc.boolean(),
      values: fc.array(fc.oneof(rate, percentage), { maxLength: 300 }),
      times: fc.constantFrom(1, 1, 3, 1_000_000),
    }),
    { selector: ({ slot }) => slot, maxLength: 8 },
  )
  .map((series) => {
    const set: HistogramSet = new Map();
    for (const { slot, hours, percent, values, times } of series) {
      const byHour = new Map(
        hours.map((hour, i) => {
          const histogram = new Histogram(percent ? 'percent' : 'log');
          for (const value of values.slice(i)) histogram.add(value, times);
          return [WINDOW_MS + hour * HOUR_MS, histogram];
        }),
      );
      if (byHour.size > 0) set.set(slot, byHour);
    }
    return set;
  });

test('[ME51] a histogram block gives back every histogram of the wanted series', () => {
  fc.assert(
    fc.property(sets, fc.boolean(), (set, evenOnly) => {
      const wanted = (slot: number) => !evenOnly || slot % 2 === 0;
      const back: unknown[] = [];
      decodeHistograms(encodeHistograms(set, WINDOW_MS), WINDOW_MS, wanted, (slot, startMs, histogram) =>
        back.push([slot, startMs, histogram.scale, histogram.count, histogram.buckets()]),
      );
      const expected = [...set]
        .filter(([slot]) => wanted(slot))
        .sort(([a], [b]) => a - b)
        .flatMap(([slot, hours]) =>
          [...hours]
            .sort(([a], [b]) => a - b)
            .map(([startMs, one]) => [slot, startMs, one.scale, one.count, one.buckets()]),
        );
      expect(back).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});

test('[ME51] an hour of a steady rate takes a few bytes, one of a lively processor some more', () => {
  const size = (histogram: Histogram) =>
    encodeHistograms(new Map([[3, new Map([[WINDOW_MS, histogram]])]]), WINDOW_MS).length;
  const lively = Array.from({ length: 360 }, (_, i) => ((i * 7919) % 360) / 12);
  expect(
    size(
      histogramOf(
        'log',
        Array.from({ length: 360 }, () => 12.5),
      ),
    ),
  ).toBeLessThan(10);
  expect(size(histogramOf('percent', lively))).toBeLessThan(20);
});

test('[ME21] any bytes read as a histogram block end in histograms or in an error', () => {
  const read = (bytes: Uint8Array) => {
    try {
      decodeHistograms(
        bytes,
        0,
        () => true,
        () => {},
      );
    } catch (error) {
      expect((error as Error).name).toBe('WireError');
    }
  };
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => read(Uint8Array.of(1, ...bytes))),
    { numRuns: 2_000 },
  );
  fc.assert(
    fc.property(sets, fc.nat(), (set, at) => {
      const bytes = encodeHistograms(set, WINDOW_MS);
      const bit = at % (bytes.length * 8);
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
      read(bytes);
    }),
    { numRuns: 500 },
  );
});
