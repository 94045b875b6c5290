import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WireError } from '@muster/shared/wire/bytes.ts';
import { SampleList } from '../../metrics/sample-list.ts';
import { Block, encodeBlock, type SampleSet } from './block.ts';
import { ColumnJoin, pickColumns } from './column-join.ts';
import { type Columns, isPresent } from './columns.ts';
import { encodeGroup, GroupBlock } from './group-block.ts';

type Sample = readonly [slot: number, atMs: number, value: number];

const slot = fc.integer({ min: 0, max: 5 });
const value = fc.oneof(fc.integer({ min: -50, max: 50 }), fc.double(), fc.constantFrom(-0, Number.NaN));
/** Samples of one block, at times from `base` on. */
const chunk = (base: number, span: number) =>
  fc.array(
    fc.tuple(
      slot,
      fc.nat(span).map((at) => base + at),
      value,
    ),
    { maxLength: 40 },
  );
const inOrder = fc.tuple(chunk(0, 30), chunk(31, 30), chunk(62, 30), chunk(93, 5));
const anyOrder = fc.array(chunk(0, 60), { maxLength: 5 });

function blockOf(samples: readonly Sample[]): Block {
  const set: SampleSet = new Map();
  for (const [one, atMs, number] of samples) {
    const list = set.get(one) ?? new SampleList();
    set.set(one, list);
    list.push(atMs, number);
  }
  for (const list of set.values()) list.settle();
  return new Block(encodeBlock(set, () => 2));
}

/** "slot@time" to value, of each time the first. */
function expected(chunks: readonly (readonly Sample[])[], fromMs: number, toMs: number): Map<string, number> {
  const first = new Map<string, number>();
  for (const [one, atMs, number] of chunks.flat()) {
    const key = `${one}@${atMs}`;
    if (atMs >= fromMs && atMs < toMs && !first.has(key)) first.set(key, number);
  }
  return new Map([...first].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function samplesOf({ times, series }: Columns): Map<string, number> {
  const found: [string, number][] = [];
  for (const { slot: one, values, present } of series) {
    let next = 0;
    times.forEach((atMs, row) => {
      if (isPresent(present, row)) found.push([`${one}@${atMs}`, values[next++] as number]);
    });
    expect(next).toBe(values.length);
  }
  return new Map(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function joined(chunks: readonly (readonly Sample[])[], fromMs: number, toMs: number): Columns {
  const join = new ColumnJoin(fromMs, toMs);
  for (const samples of chunks) join.add(blockOf(samples));
  return join.finish();
}

function expectSame(found: ReadonlyMap<string, number>, wanted: ReadonlyMap<string, number>): void {
  expect([...found.keys()]).toEqual([...wanted.keys()]);
  for (const [key, number] of wanted) expect(Object.is(found.get(key), number)).toBe(true);
}

test('[ME46] joined blocks hold every sample of the range once, the first of each time, in whatever order they come', () => {
  fc.assert(
    fc.property(fc.oneof(inOrder, anyOrder), fc.nat(40), fc.nat(100), (chunks, fromMs, span) => {
      const columns = joined(chunks, fromMs, fromMs + span);
      expectSame(samplesOf(columns), expected(chunks, fromMs, fromMs + span));
      const ascending = [...columns.times].every((at, i) => i === 0 || at > (columns.times[i - 1] as number));
      expect(ascending).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('[ME46] some series of joined blocks come with the rows in which they have samples', () => {
  fc.assert(
    fc.property(anyOrder, fc.uniqueArray(slot), (chunks, slots) => {
      const columns = pickColumns(joined(chunks, 0, 1_000), (one) => slots.includes(one));
      const kept = chunks.map((samples) => samples.filter(([one]) => slots.includes(one)));
      expectSame(samplesOf(columns), expected(kept, 0, 1_000));
      expect(columns.series.map((column) => column.slot)).toEqual(
        [...new Set(kept.flat().map(([one]) => one))].sort((a, b) => a - b),
      );
      for (const row of columns.times.keys())
        if (columns.series.length > 0)
          expect(columns.series.some(({ present }) => isPresent(present, row))).toBe(true);
    }),
  );
});

test('[ME46] a block that makes no sense leaves nothing behind in what is joined', () => {
  const good = blockOf([
    [0, 1, 1],
    [1, 1, 2],
  ]);
  const bytes = encodeBlock(new Map([0, 1].map((one) => [one, listOf([5, one], [6, one])])), () => 0);
  bytes[bytes.length - 1] = 200;
  for (const first of [good, blockOf([[0, 9, 9]])]) {
    const join = new ColumnJoin(0, 100);
    join.add(first);
    const before = samplesOf(join.finish());
    expect(() => join.add(new Block(bytes))).toThrow(WireError);
    expectSame(samplesOf(join.finish()), before);
  }
});

function listOf(...samples: readonly (readonly [number, number])[]): SampleList {
  const list = new SampleList();
  for (const [atMs, number] of samples) list.push(atMs, number);
  return list;
}

test('[ME45] a group gives back the samples of each series, each at its own times', () => {
  fc.assert(
    fc.property(anyOrder, (chunks) => {
      const group = new GroupBlock(encodeGroup(joined(chunks, 0, 1_000)));
      const again = new ColumnJoin(0, 1_000);
      again.add(group);
      expectSame(samplesOf(again.finish()), expected(chunks, 0, 1_000));
      for (const one of group.slots()) {
        const list = new SampleList();
        group.read(one, 10, 40, list);
        const wanted = expected(chunks, 10, 40);
        expect(list.length).toBe([...wanted.keys()].filter((key) => key.startsWith(`${one}@`)).length);
      }
    }),
    { numRuns: 300 },
  );
});

test('[ME45] a slow series among fast ones, and one that comes and goes, cost little', () => {
  const every = (step: number, from: number, to: number): Sample[] =>
    Array.from({ length: 720 }, (_, row) => row)
      .filter((row) => row % step === 0 && row >= from && row < to)
      .map((row) => [step + from, row * 10_000, 7]);
  const chunks = [[...every(1, 0, 720), ...every(6, 0, 720), ...every(3, 100, 400)]];
  const bytes = encodeGroup(joined(chunks, 0, 1e9));
  expect(bytes.length).toBeLessThan(100);
});

test('[ME21] any bytes read as a group end in samples or in an error', () => {
  const read = (bytes: Uint8Array) => {
    try {
      const group = new GroupBlock(bytes);
      for (const one of group.slots()) group.read(one, 0, 1_000, new SampleList());
    } catch (error) {
      expect((error as Error).name).toBe('WireError');
    }
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), read), { numRuns: 2_000 });
  fc.assert(
    fc.property(anyOrder, fc.nat(), (chunks, at) => {
      const bytes = encodeGroup(joined(chunks, 0, 1_000));
      const bit = at % (bytes.length * 8);
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
      read(bytes);
    }),
    { numRuns: 1_000 },
  );
});
