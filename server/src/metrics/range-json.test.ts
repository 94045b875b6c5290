import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonBytes } from './range-json.ts';

function pointsAsText(rows: readonly (readonly number[])[]): string {
  const column = (at: number) => Float64Array.from(rows, (row) => row[at] as number);
  const isBand = (rows[0]?.length ?? 0) > 2;
  const json = new JsonBytes();
  json.points({
    times: column(0),
    averages: column(1),
    ...(isBand ? { mins: column(2), maxs: column(3) } : {}),
  });
  return json.take().toString();
}

/** Values as machines report them, and the corners of doubles. */
const value = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -10_000_000, max: 10_000_000 }).map((n) => n / 100),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 }).map((n) => n / 1e6),
  fc.integer({ min: -10, max: 10 }).map((n) => n / 10),
  fc.maxSafeInteger(),
  fc.maxSafeInteger().map((n) => n / 1_000),
  fc.constantFrom(
    0,
    -0,
    5e-324,
    1.7e308,
    2 ** 31,
    2 ** 31 - 1,
    2 ** 53,
    2 ** 53 + 2,
    1e-7,
    1e21,
    0.1 + 0.2,
    9_999.5,
    10_000,
  ),
);
const time = fc.oneof(
  fc.integer({ min: 1_000_000_000_000, max: 2_000_000_000_000 }),
  value,
  fc.constantFrom(999_999_999_999, 1_000_000_000_000, 9_999_999_999_999, 1e13, 1_772_000_000_000.5),
);

test('[ME71] every number of the text parses back to the same double', () => {
  const row = fc.tuple(time, value, value, value);
  fc.assert(
    fc.property(fc.array(row, { maxLength: 40 }), fc.boolean(), (rows, isBand) => {
      const sent = isBand ? rows : rows.map((one) => one.slice(0, 2));
      // toStrictEqual tells −0 from 0.
      expect(JSON.parse(pointsAsText(sent))).toStrictEqual(sent.map((one) => [...one]));
    }),
    { numRuns: 2_000 },
  );
});

test('[ME71] the text is the shortest, as JSON.stringify has it', () => {
  const rows = [
    [1_772_000_000_000, 0],
    [1_772_000_010_000, 12.5],
    [1_772_000_020_007, -0.05],
    [1_772_099_999_999, 100],
    [1_772_100_000_000, 4_096_000_000_000],
    [1_772_100_000_001, 1 / 3],
    [1_772_100_000_002, 123_456.789],
    [7, 1e-7],
  ];
  expect(pointsAsText(rows)).toBe(JSON.stringify(rows));
  expect(pointsAsText([])).toBe('[]');
});

test('[ME71] a day of samples, with and without many digits', () => {
  const rows = Array.from({ length: 8_640 }, (_, i) => [
    1_772_000_000_000 + i * 10_000,
    i % 7 === 0 ? Math.sqrt(i) : Math.round(Math.sin(i) * 10_000) / 100 + 0,
  ]);
  expect(pointsAsText(rows)).toBe(JSON.stringify(rows));
});

test('[ME71] text and points follow each other; what was taken stays as it is', () => {
  const json = new JsonBytes(4);
  json.text('{"a":"数据盘","points":');
  json.points({ times: Float64Array.of(1), averages: Float64Array.of(2) });
  const first = json.take();
  json.text('}');
  expect(first.toString() + json.take().toString()).toBe('{"a":"数据盘","points":[[1,2]]}');
});
