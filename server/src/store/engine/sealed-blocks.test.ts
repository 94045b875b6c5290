import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PAGE_BYTES, PagePool, PAGES_PER_SLAB, SealedBlocks } from './sealed-blocks.ts';

const SLAB_BYTES = PAGE_BYTES * PAGES_PER_SLAB;

test('[ME34] blocks of several machines come back as they were, whoever gave memory back in between', () => {
  const lengths = fc.oneof(
    fc.integer({ min: 1, max: 3 * PAGE_BYTES }),
    fc.constantFrom(1, PAGE_BYTES, 2 * PAGE_BYTES),
  );
  const step = fc.record({ machine: fc.nat({ max: 3 }), length: fc.option(lengths, { freq: 5 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const pool = new PagePool();
      const machines = Array.from({ length: 4 }, () => ({
        stored: new SealedBlocks(pool),
        expected: [] as { bytes: Uint8Array; firstMs: number; lastMs: number }[],
      }));
      steps.forEach(({ machine, length }, no) => {
        const { stored, expected } = machines[machine] as (typeof machines)[number];
        if (length === null) {
          expect(stored.takeAll()).toEqual(expected);
          expected.length = 0;
          return;
        }
        const bytes = Uint8Array.from({ length }, (_, i) => no * 7 + i);
        stored.add(bytes, no, no + 0.5);
        expected.push({ bytes, firstMs: no, lastMs: no + 0.5 });
      });
      for (const { stored, expected } of machines) {
        expect(stored.bytes).toBe(expected.reduce((sum, { bytes }) => sum + bytes.length, 0));
        expect(stored.list().map(({ bytes, firstMs, lastMs }) => ({ bytes, firstMs, lastMs }))).toEqual(
          expected,
        );
      }
    }),
  );
});

test('[ME34] after a rush the memory of one slab is kept, and used by what comes next', () => {
  const pool = new PagePool();
  const machines = Array.from({ length: 5 }, () => new SealedBlocks(pool));
  const slabful = new Uint8Array(SLAB_BYTES);
  for (const machine of machines) machine.add(slabful, 0, 1);
  expect(pool.bytes).toBe(5 * SLAB_BYTES);
  for (const machine of machines) machine.takeAll();
  expect(pool.bytes).toBe(SLAB_BYTES);
  machines[3]?.add(slabful, 0, 1);
  expect(pool.bytes).toBe(SLAB_BYTES);
  machines[4]?.add(Uint8Array.of(1), 0, 1);
  expect(pool.bytes).toBe(2 * SLAB_BYTES);
});

test('[ME34] a rush that is over leaves slabs empty although others went on all the time', () => {
  const pool = new PagePool();
  const steady = Array.from({ length: 20 }, () => new SealedBlocks(pool));
  const rush = new SealedBlocks(pool);
  const page = new Uint8Array(PAGE_BYTES);
  for (let no = 0; no < 6 * PAGES_PER_SLAB; no++) {
    rush.add(page, 0, 1);
    if (no % 100 === 0) steady[(no / 100) % steady.length]?.add(page, 0, 1);
  }
  rush.takeAll();
  for (let round = 0; round < 2; round++) {
    for (const machine of steady) {
      machine.takeAll();
      machine.add(page, 0, 1);
    }
  }
  expect(pool.bytes).toBeLessThanOrEqual(2 * SLAB_BYTES);
});

test('[ME34] without memory for a page nothing of others is lost', () => {
  const pool = new PagePool();
  const one = new SealedBlocks(pool);
  const other = new SealedBlocks(pool);
  one.add(new Uint8Array(2 * PAGE_BYTES).fill(1), 0, 1);
  one.takeAll();
  const { take } = pool;
  pool.take = () => {
    throw new RangeError('Array buffer allocation failed');
  };
  expect(() => one.add(Uint8Array.of(1), 2, 3)).toThrow('allocation failed');
  pool.take = take;
  other.add(new Uint8Array(2 * PAGE_BYTES).fill(2), 0, 1);
  one.takeAll();
  one.add(new Uint8Array(3 * PAGE_BYTES).fill(3), 4, 5);
  expect(other.list().map(({ bytes }) => bytes)).toEqual([new Uint8Array(2 * PAGE_BYTES).fill(2)]);
  expect(one.list().map(({ bytes }) => bytes)).toEqual([new Uint8Array(3 * PAGE_BYTES).fill(3)]);
});
