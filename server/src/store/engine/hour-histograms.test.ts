import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HOUR_MS, type Millis } from '@muster/shared/time.ts';
import { toRates } from '../../metrics/rates.ts';
import { SampleList } from '../../metrics/sample-list.ts';
import { Histogram } from './histogram.ts';
import { addToHours } from './hour-histograms.ts';

const START_MS = 400_000 * HOUR_MS;

const readings = fc
  .array(
    fc.record({
      waitMs: fc.constantFrom(10_000, 10_000, 10_003, 60_000, 700_000, 5_000_000),
      value: fc.oneof(fc.nat(100), fc.constant(Number.NaN)),
    }),
    { maxLength: 80 },
  )
  .map((steps) => {
    const list = new SampleList();
    let atMs = START_MS;
    for (const { waitMs, value } of steps) list.push((atMs += waitMs), value);
    return list;
  });

/** What each hour holds, one value after the other. */
function expected(scale: 'percent' | 'log', { times, values, length }: SampleList): Map<Millis, unknown> {
  const hours = new Map<Millis, Histogram>();
  for (let i = 0; i < length; i++) {
    const startMs = Math.floor((times[i] as number) / HOUR_MS) * HOUR_MS;
    const histogram = hours.get(startMs) ?? new Histogram(scale);
    hours.set(startMs, histogram);
    histogram.add(values[i] as number);
  }
  return bucketsOf(hours);
}

function bucketsOf(hours: ReadonlyMap<Millis, Histogram>): Map<Millis, unknown> {
  return new Map(
    [...hours].filter(([, { count }]) => count > 0).map(([startMs, one]) => [startMs, one.buckets()]),
  );
}

test('[ME50] each hour counts its own percentages, or the rates at its own readings', () => {
  fc.assert(
    fc.property(readings, (list) => {
      const percent = new Map<Millis, Histogram>();
      addToHours(percent, 'percent', list.times, list.values, 0, list.length);
      expect(bucketsOf(percent)).toEqual(expected('percent', list));
      const counter = new Map<Millis, Histogram>();
      addToHours(counter, 'counter', list.times, list.values, 0, list.length);
      expect(bucketsOf(counter)).toEqual(expected('log', toRates(list).rates));
    }),
  );
});

test('[ME51] readings counted in two goes are counted as at once', () => {
  fc.assert(
    fc.property(readings, fc.nat(80), (list, at) => {
      const cut = Math.min(at, list.length);
      const parts = new Map<Millis, Histogram>();
      addToHours(parts, 'counter', list.times, list.values, 0, cut);
      addToHours(parts, 'counter', list.times, list.values, cut, list.length);
      const whole = new Map<Millis, Histogram>();
      addToHours(whole, 'counter', list.times, list.values, 0, list.length);
      expect(bucketsOf(parts)).toEqual(bucketsOf(whole));
    }),
  );
});
