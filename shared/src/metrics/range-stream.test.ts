import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WireError } from '../wire/bytes.ts';
import {
  decodeRangeStream,
  encodeBeginning,
  encodeEnd,
  encodeSeries,
  type RangeStreamSeries,
} from './range-stream.ts';

const joined = (parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
const stream = (unit: string, stepMs: number, series: readonly RangeStreamSeries[]) =>
  joined([encodeBeginning(unit), ...series.map(encodeSeries), encodeEnd(stepMs)]);
const who = { instance: 'sda', tier: 'raw', stepMs: 0 };

const finite = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -1_000_000, max: 1_000_000 }).map((n) => n / 100),
  fc.integer({ min: -1_000_000, max: 1_000_000 }).map((n) => n / 1e6),
  fc.maxSafeInteger(),
  fc.constantFrom(0, -0, 2 ** 53, 2 ** 49, -(2 ** 49), 2 ** 50 + 0.5, 5e-324, 1.7e308),
);

test('[ME70] every time and value comes back as the same double', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(finite, finite, finite, finite)), fc.boolean(), (rows, isBand) => {
      const column = (at: number) => Float64Array.from(rows, (row) => row[at] as number);
      const band = isBand ? { mins: column(2), maxs: column(3) } : {};
      const series = { ...who, points: { times: column(0), averages: column(1), ...band } };
      const [back] = decodeRangeStream(stream('B/s', 10, [series])).series;
      // toStrictEqual tells −0 from 0.
      expect(back).toStrictEqual(series);
    }),
  );
});

test('[ME70] a day of one series at 10 s is some 20 KB', () => {
  const times = Float64Array.from({ length: 8_640 }, (_, i) => 1_772_000_000_000 + i * 10_000);
  const averages = Float64Array.from(times, (_, i) => Math.round(5_000 + 300 * Math.sin(i / 50)) / 100);
  const bytes = stream('%', 0, [{ ...who, points: { times, averages } }]);
  expect(bytes.length).toBeLessThan(20_000);
});

test('[ME70] several series keep who they are, in order', () => {
  const empty = { times: new Float64Array(), averages: new Float64Array() };
  const series = [
    { ...who, ci: 'ci_a', points: empty },
    { ...who, instance: '数据盘', group: '', machines: 3, points: empty },
  ];
  expect(decodeRangeStream(stream('%', 60_000, series))).toStrictEqual({ unit: '%', stepMs: 60_000, series });
});

test('[ME70] a stream that was cut anywhere is an error, never fewer points', () => {
  const points = { times: Float64Array.of(1, 2, 3), averages: Float64Array.of(0.1, 1 / 3, 5) };
  const whole = stream('%', 0, [{ ...who, points }]);
  for (let length = 0; length < whole.length; length++) {
    expect(() => decodeRangeStream(whole.subarray(0, length))).toThrow(WireError);
  }
  expect(() => decodeRangeStream(joined([whole, Uint8Array.of(0)]))).toThrow(WireError);
});

test('[ME70] bytes that are no stream are an error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(() => decodeRangeStream(bytes)).toThrow();
    }),
  );
});
