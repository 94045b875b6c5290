import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addSamples, Buckets } from '../../metrics/buckets.ts';
import { SampleList } from '../../metrics/sample-list.ts';
import { type BucketSet, decodeRollup, encodeRollup } from './rollup-block.ts';

const WIDTH_MS = 60_000;
const START_MS = 3_600_000 * 7;
const finite = fc.oneof(
  fc.integer({ min: -1e6, max: 1e6 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const row = fc.record({
  index: fc.integer({ min: 0, max: 59 }),
  count: fc.nat(1_000),
  values: fc.tuple(finite, finite, finite),
});
const sets = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.uniqueArray(row, { selector: ({ index }) => index })))
  .map((series) => {
    const set: BucketSet = new Map();
    for (const [slot, rows] of series) {
      const buckets = new Buckets(WIDTH_MS);
      for (const { index, count, values } of rows.toSorted((a, b) => a.index - b.index)) {
        const [min, max, last] = values;
        buckets.add(START_MS + index * WIDTH_MS, count, count, count * 3, min, max, last);
      }
      if (buckets.length > 0) set.set(slot, buckets);
    }
    return set;
  });

const rowsOf = (buckets: Buckets) =>
  Array.from({ length: buckets.length }, (_, i) => [
    buckets.start(i),
    buckets.count(i),
    buckets.weight(i),
    buckets.sum(i),
    buckets.min(i),
    buckets.max(i),
    buckets.last(i),
  ]);

test('[ME20] a rollup block gives back the buckets of each wanted series', () => {
  fc.assert(
    fc.property(sets, fc.boolean(), (set, evenOnly) => {
      const back: BucketSet = new Map();
      const wanted = (slot: number) => !evenOnly || slot % 2 === 0;
      decodeRollup(encodeRollup(set, START_MS), START_MS, WIDTH_MS, wanted, (slot, buckets) =>
        back.set(slot, buckets),
      );
      const expected = [...set].filter(([slot]) => wanted(slot)).sort(([a], [b]) => a - b);
      expect([...back].map(([slot, buckets]) => [slot, rowsOf(buckets)])).toEqual(
        expected.map(([slot, buckets]) => [slot, rowsOf(buckets)]),
      );
    }),
  );
});

test('[ME21] random bytes never read as a rollup block without an error or an end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        decodeRollup(
          bytes,
          START_MS,
          WIDTH_MS,
          () => true,
          () => {},
        );
      } catch (error) {
        expect((error as Error).name).toBe('WireError');
      }
    }),
    { numRuns: 2_000 },
  );
});

/** Readings of one series at times that jitter, with gaps, resets and values that are no numbers. */
const readings = fc
  .record({
    counter: fc.boolean(),
    jitterMs: fc.constantFrom(0, 5, 30),
    power: fc.constantFrom(1, 100, 1_000),
    unit: fc.constantFrom(1, 4096),
    steps: fc.array(
      fc.record({
        waitMs: fc.constantFrom(10_000, 10_000, 10_000, 10_000, 1_000, 60_000, 700_000),
        lateMs: fc.nat(1_000),
        by: fc.oneof(fc.nat(20), fc.constant(0), fc.nat(2 ** 31), fc.integer({ min: -1_000, max: 0 })),
        odd: fc.option(fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -0, 1 / 3), {
          nil: undefined,
          freq: 40,
        }),
      }),
      { maxLength: 200 },
    ),
  })
  .map(({ counter, jitterMs, power, unit, steps }) => {
    const list = new SampleList();
    let atMs = START_MS;
    let value = 1_000;
    for (const { waitMs, lateMs, by, odd } of steps) {
      atMs += waitMs;
      value = Math.max(0, value + by);
      list.push(
        atMs + Math.round((lateMs * jitterMs) / 1_000),
        odd ?? (value * unit) / (counter ? 1 : power),
      );
    }
    return { list: list.settle(), kind: counter ? ('counter' as const) : ('gauge' as const) };
  });

function bucketsOf({ list, kind }: { list: SampleList; kind: 'gauge' | 'counter' }): Buckets {
  const buckets = new Buckets(WIDTH_MS);
  addSamples(buckets, list, kind, START_MS, START_MS + 1_000 * WIDTH_MS);
  return buckets;
}

function roundTrip(set: BucketSet): BucketSet {
  const back: BucketSet = new Map();
  decodeRollup(
    encodeRollup(set, START_MS),
    START_MS,
    WIDTH_MS,
    () => true,
    (slot, one) => back.set(slot, one),
  );
  return back;
}

test('[ME47] rollups of readings come back bit by bit, sums and weights without the rounding errors of adding', () => {
  fc.assert(
    fc.property(fc.array(readings, { minLength: 1, maxLength: 3 }), (all) => {
      const set: BucketSet = new Map(all.map((one, slot) => [slot, bucketsOf(one)]));
      for (const [slot, one] of set) if (one.length === 0) set.delete(slot);
      const back = roundTrip(set);
      expect([...back.keys()]).toEqual([...set.keys()]);
      for (const [slot, put] of set) {
        const got = back.get(slot) as Buckets;
        expect(got.length).toBe(put.length);
        for (let i = 0; i < put.length; i++) {
          for (const column of ['start', 'count', 'min', 'max', 'last'] as const)
            expect(Object.is(got[column](i), put[column](i))).toBe(true);
          const size = Math.max(Math.abs(put.min(i)), Math.abs(put.max(i))) * put.weight(i);
          expect(Math.abs(got.sum(i) - put.sum(i))).toBeLessThanOrEqual(2e-13 * size);
          expect(Math.abs(got.weight(i) - put.weight(i))).toBeLessThanOrEqual(1e-13 * put.weight(i));
        }
      }
      // What came back once comes back again as it is.
      const again = roundTrip(back);
      for (const [slot, put] of back) expect(rowsOf(again.get(slot) as Buckets)).toEqual(rowsOf(put));
    }),
    { numRuns: 300 },
  );
});

test.each([
  ['on a grid', 0, 900],
  ['with jitter', 7, 1_300],
])('[ME48] two hours of a busy counter read %s take some bytes a minute', (_, jitterMs, bytesMax) => {
  const list = new SampleList();
  let total = 5e11;
  for (let i = 0; i < 720; i++) {
    total += 100_000 + ((i * 7919) % 65_536);
    list.push(START_MS + i * 10_000 + ((i * 31) % (jitterMs + 1)), total);
  }
  const put = bucketsOf({ list, kind: 'counter' });
  const bytes = encodeRollup(new Map([[5, put]]), START_MS);
  expect(bytes.length).toBeLessThan(bytesMax);
  const got = roundTrip(new Map([[5, put]])).get(5) as Buckets;
  for (const column of ['mins', 'maxs', 'lasts'] as const)
    expect(got[column].subarray(0, got.length)).toEqual(put[column].subarray(0, put.length));
  // Increases are whole again.
  expect(got.sums.subarray(0, got.length).every(Number.isInteger)).toBe(true);
});

test.each([1_000, 10_000, 30_000])(
  '[ME47] readings every %d ms are told by that distance, not by a multiple of it, as if it were known',
  (stepMs) => {
    const list = new SampleList();
    for (let i = 0, value = 0; i * stepMs < 60 * WIDTH_MS; i++) {
      value += i < 10 ? 0 : 5_000 + ((i * 7_919) % 1_000);
      list.push(START_MS + i * stepMs, value);
    }
    const set: BucketSet = new Map([[0, bucketsOf({ list, kind: 'counter' })]]);
    expect(encodeRollup(set, START_MS)).toEqual(encodeRollup(set, START_MS, [stepMs]));
  },
);

test('[ME49] one series of a rollup block is read though another is damaged', () => {
  const list = new SampleList();
  for (let i = 0; i < 100; i++) list.push(START_MS + i * 10_000, (i * i) % 97);
  const set: BucketSet = new Map([3, 9].map((slot) => [slot, bucketsOf({ list, kind: 'gauge' })]));
  const bytes = encodeRollup(set, START_MS);
  bytes[bytes.length - 1] = 255;
  bytes[bytes.length - 2] = 255;
  const found: number[] = [];
  const read = (slot: number) =>
    decodeRollup(
      bytes,
      START_MS,
      WIDTH_MS,
      (one) => one === slot,
      (one) => found.push(one),
    );
  read(3);
  expect(found).toEqual([3]);
});

test('[ME21] a rollup block with a flipped bit ends in buckets or in an error', () => {
  fc.assert(
    fc.property(sets, fc.nat(), (set, at) => {
      const bytes = encodeRollup(set, START_MS);
      const bit = at % (bytes.length * 8);
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
      try {
        decodeRollup(
          bytes,
          START_MS,
          WIDTH_MS,
          () => true,
          () => {},
        );
      } catch (error) {
        expect((error as Error).name).toBe('WireError');
      }
    }),
    { numRuns: 1_000 },
  );
});
