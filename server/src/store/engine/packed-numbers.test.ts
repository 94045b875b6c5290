import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteReader, ByteWriter } from '@muster/shared/wire/bytes.ts';
import { packNumbers, unpackNumbers } from './packed-numbers.ts';

function pack(values: readonly number[], decimals: number | undefined, straight = false): Uint8Array {
  const writer = new ByteWriter();
  packNumbers(writer, Float64Array.from(values), values.length, decimals, straight);
  return writer.finish();
}

function unpack(bytes: Uint8Array, count: number): Float64Array {
  const back = new Float64Array(count);
  const reader = new ByteReader(bytes);
  unpackNumbers(reader, back, count);
  reader.end();
  return back;
}

function bitsOf(values: ArrayLike<number>): string[] {
  const view = new DataView(new ArrayBuffer(8));
  return Array.from(values, (value) => {
    view.setFloat64(0, value);
    return view.getBigUint64(0).toString(16);
  });
}

const awkward = fc.constantFrom(
  0,
  -0,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.MIN_VALUE,
  Number.MAX_VALUE,
  2 ** 48,
  2 ** 49,
  -(2 ** 49) + 1,
  2 ** 53,
  0.1 + 0.2,
);
const number = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: -1e6, max: 1e6 }) },
  { weight: 5, arbitrary: fc.integer({ min: 0, max: 10_000 }).map((n) => n / 100) },
  { weight: 2, arbitrary: fc.maxSafeInteger() },
  { weight: 2, arbitrary: fc.double() },
  { weight: 1, arbitrary: awkward },
);

/** Readings as they come from machines: steps of one size, idle stretches, leaps, resets, a common unit. */
const readings = fc
  .record({
    start: fc.integer({ min: -(2 ** 48), max: 2 ** 48 }),
    unit: fc.constantFrom(1, 4096, 1000, 3, 2 ** 31),
    power: fc.constantFrom(1, 10, 100, 1e6),
    steps: fc.array(
      fc.oneof(
        fc.integer({ min: -3, max: 3 }),
        fc.constant(0),
        fc.integer({ min: 90, max: 110 }),
        fc.integer({ min: -(2 ** 33), max: 2 ** 33 }),
      ),
      { maxLength: 300 },
    ),
    strange: fc.array(fc.tuple(fc.nat(300), number), { maxLength: 3 }),
  })
  .map(({ start, unit, power, steps, strange }) => {
    let at = start;
    const values = [start / power, ...steps.map((step) => (at += step * unit) / power)];
    for (const [i, value] of strange) if (i < values.length) values[i] = value;
    return values;
  });

const columns = fc.oneof(fc.array(number, { maxLength: 60 }), readings);

test('[ME45] a packed column comes back bit by bit, whatever it holds', () => {
  fc.assert(
    fc.property(
      columns,
      fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }),
      fc.boolean(),
      (values, decimals, straight) => {
        const back = unpack(pack(values, decimals, straight), values.length);
        expect(bitsOf(back)).toEqual(bitsOf(values));
      },
    ),
    { numRuns: 2_000 },
  );
});

const steady = Array.from({ length: 720 }, () => 12.34);
const rising = Array.from({ length: 720 }, (_, i) => 5e9 + i * 1_000);
const bent = Array.from({ length: 720 }, (_, i) => i * i);
const rare = Array.from({ length: 720 }, (_, i) => 17 + Math.floor(i / 100));
const pages = Array.from({ length: 720 }, (_, i) => 4096 * (1e6 + ((i * 7919) % 16)));

test.each([
  ['a constant', steady, 2, 16],
  ['a steady counter', rising, 0, 16],
  ['an accelerating counter', bent, 0, 110],
  ['a rare event', rare, 0, 48],
  ['sixteen sizes in pages', pages, 0, 420],
  ['wholes where decimals were declared', rising, 6, 16],
  ['decimals where none were declared', steady, 0, 16],
  ['one value that is no number', steady.with(100, Number.NaN), 2, 32],
])('[ME45] %s costs next to nothing', (_, values, decimals, bytesMax) => {
  const bytes = pack(values, decimals);
  expect(bytes.length).toBeLessThan(bytesMax);
  expect(bitsOf(unpack(bytes, values.length))).toEqual(bitsOf(values));
});

test('[ME45] times on a grid cost a few bytes, times that jitter by milliseconds half a byte each', () => {
  const grid = Array.from({ length: 720 }, (_, i) => 1.7e12 + i * 10_000);
  const jitter = grid.map((at, i) => at + ((i * 7919) % 5));
  expect(pack(grid, 0, true).length).toBeLessThan(20);
  expect(pack(jitter, 0, true).length).toBeLessThan(360);
});

test('[ME21] any bytes read as a packed column end in values or in an error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), fc.nat(400), (bytes, count) => {
      try {
        unpackNumbers(new ByteReader(bytes), new Float64Array(count), count);
      } catch (error) {
        expect((error as Error).name).toBe('WireError');
      }
    }),
    { numRuns: 5_000 },
  );
});

test('[ME21] a packed column with a flipped bit ends in values or in an error', () => {
  fc.assert(
    fc.property(columns, fc.nat(), (values, at) => {
      const bytes = pack(values, 2);
      const bit = bytes.length > 0 ? at % (bytes.length * 8) : 0;
      if (bytes.length > 0) bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
      try {
        unpackNumbers(new ByteReader(bytes), new Float64Array(values.length), values.length);
      } catch (error) {
        expect((error as Error).name).toBe('WireError');
      }
    }),
    { numRuns: 2_000 },
  );
});
