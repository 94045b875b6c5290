import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteReader, ByteWriter } from '@muster/shared/wire/bytes.ts';
import { SampleList } from '../../metrics/sample-list.ts';
import { Block, encodeBlock, type SampleSet, sealRows } from './block.ts';
import { readNumbers, writeNumbers } from './numbers.ts';

const numbers = fc.oneof(
  fc.integer({ min: -1e6, max: 1e6 }),
  fc.integer({ min: 0, max: 10_000 }).map((n) => n / 100),
  fc.maxSafeInteger(),
  fc.double(),
  fc.constantFrom(
    0,
    -0,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 51,
    -(2 ** 51),
    2 ** 51 - 1,
    -(2 ** 51) + 1,
  ),
);
const columns = fc.oneof(
  fc.array(numbers, { maxLength: 50 }),
  fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 200 }),
);

test('[ME20] a column of numbers comes back bit by bit, whatever the scale', () => {
  fc.assert(
    fc.property(columns, fc.integer({ min: 0, max: 9 }), (values, decimals) => {
      const writer = new ByteWriter();
      writeNumbers(writer, Float64Array.from([7, ...values]), 1, values.length, decimals);
      const back = new Float64Array(values.length);
      const reader = new ByteReader(writer.finish());
      readNumbers(reader, back, values.length);
      reader.end();
      expect([...back].every((value, i) => Object.is(value, values[i]))).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('[ME20] steady readings cost a byte or less', () => {
  const writer = new ByteWriter();
  writeNumbers(writer, new Float64Array(120).fill(12.34), 0, 120, 2);
  expect(writer.length).toBeLessThan(8);
});

const sets = fc
  .array(
    fc.tuple(
      fc.integer({ min: 0, max: 40 }),
      fc.uniqueArray(fc.integer({ min: 0, max: 60 })),
      fc.array(numbers),
    ),
    { maxLength: 8 },
  )
  .map((series) => {
    const set: SampleSet = new Map();
    for (const [slot, times, values] of series) {
      const list = new SampleList();
      for (const [i, at] of [...times].sort((a, b) => a - b).entries()) list.push(at * 1_000, values[i] ?? i);
      if (list.length > 0) set.set(slot, list);
    }
    return set;
  });

test('[ME20] a block gives back the samples of each of its series, each at its own times', () => {
  fc.assert(
    fc.property(sets, (set) => {
      const block = new Block(encodeBlock(set, () => 2));
      expect([...block.slots()]).toEqual([...set.keys()].sort((a, b) => a - b));
      for (const [slot, list] of set) {
        const back = new SampleList();
        block.read(slot, 0, Number.POSITIVE_INFINITY, back);
        expect([...back.times.subarray(0, back.length)]).toEqual([...list.times.subarray(0, list.length)]);
        for (let i = 0; i < list.length; i++) expect(Object.is(back.values[i], list.values[i])).toBe(true);
      }
    }),
  );
});

const seals = fc
  .record({
    rows: fc.integer({ min: 1, max: 32 }),
    slots: fc.integer({ min: 1, max: 9 }),
    spare: fc.nat(3),
    decimals: fc.integer({ min: 0, max: 6 }),
    full: fc.boolean(),
  })
  .chain(({ rows, slots, spare, decimals, full }) =>
    fc.record({
      rows: fc.constant(rows),
      slots: fc.constant(slots),
      stride: fc.constant(slots + spare),
      decimals: fc.constant(decimals),
      steps: fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: rows, maxLength: rows }),
      values: fc.array(fc.oneof(numbers, fc.constantFrom(5, 5.25)), {
        minLength: rows * slots,
        maxLength: rows * slots,
      }),
      present: full
        ? fc.constant(undefined)
        : fc.array(fc.integer({ min: 0, max: 0xffff_ffff }), { minLength: slots, maxLength: slots }),
    }),
  );

test('[ME20] sealed rows give back every value bit by bit, where there was one', () => {
  fc.assert(
    fc.property(seals, ({ rows, slots, stride, decimals, steps, values, present }) => {
      let at = 1.7e12;
      const times = Float64Array.from(steps, (step) => (at += step));
      const matrix = new Float64Array(rows * stride).fill(Number.NaN);
      for (let row = 0; row < rows; row++)
        for (let slot = 0; slot < slots; slot++)
          matrix[row * stride + slot] = values[row * slots + slot] as number;
      const words = present && Uint32Array.from(present);
      const block = new Block(sealRows(times, rows, stride, matrix, slots, words, () => decimals));
      for (let slot = 0; slot < slots; slot++) {
        const there = Array.from({ length: rows }, (_, row) => row).filter(
          (row) => words === undefined || (((words[slot] as number) >>> row) & 1) === 1,
        );
        const back = new SampleList();
        block.read(slot, 0, Number.POSITIVE_INFINITY, back);
        expect([...back.times.subarray(0, back.length)]).toEqual(there.map((row) => times[row]));
        there.forEach((row, i) => expect(Object.is(back.values[i], matrix[row * stride + slot])).toBe(true));
      }
    }),
    { numRuns: 500 },
  );
});

test('[ME20] sealed rows and a block of lists are the same bytes', () => {
  const times = Float64Array.from({ length: 20 }, (_, row) => 1.7e12 + row * 10_000);
  const valueAt = (row: number, slot: number) => (slot === 2 ? Math.PI * row : (row * row * slot) / 100);
  const matrix = new Float64Array(20 * 4);
  const set: SampleSet = new Map([0, 1, 2, 3].map((slot) => [slot, new SampleList()]));
  for (const [row, at] of times.entries()) {
    for (let slot = 0; slot < 4; slot++) {
      matrix[row * 4 + slot] = valueAt(row, slot);
      if (row !== 7 || slot !== 1) set.get(slot)?.push(at, valueAt(row, slot));
    }
  }
  const present = Uint32Array.of(0xfffff, 0xfffff & ~(1 << 7), 0xfffff, 0xfffff);
  expect(sealRows(times, 20, 4, matrix, 4, present, () => 2)).toEqual(encodeBlock(set, () => 2));
});

test('[ME21] a block with a flipped bit ends in samples or in an error', () => {
  fc.assert(
    fc.property(sets, fc.nat(), (set, at) => {
      const bytes = encodeBlock(set, () => 2);
      const bit = at % (bytes.length * 8);
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
      try {
        const block = new Block(bytes);
        for (const slot of block.slots()) block.read(slot, 0, 1e9, new SampleList());
      } catch (error) {
        expect((error as Error).name).toBe('WireError');
      }
    }),
    { numRuns: 1_000 },
  );
});

test('[ME21] random bytes never read as a block without an error or an end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        const block = new Block(bytes);
        for (const slot of block.slots()) block.read(slot, 0, 1, new SampleList());
      } catch (error) {
        expect((error as Error).name).toBe('WireError');
      }
    }),
    { numRuns: 2_000 },
  );
});
