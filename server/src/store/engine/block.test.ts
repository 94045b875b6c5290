import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteReader, ByteWriter } from '@muster/shared/wire/bytes.ts';
import { SampleList } from '../../metrics/sample-list.ts';
import { Block, encodeBlock, type SampleSet } from './block.ts';
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
