import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WRITE_LABELS_MAX, WRITE_SERIES_MAX } from '@muster/shared/api/remote-write.ts';
import { WriteRequestError, WriteRequestReader } from './write-request.ts';
import { type TestSeries, writeRequest } from './write-request-testing.ts';

function read(bytes: Buffer) {
  const reader = new WriteRequestReader(bytes);
  const all: TestSeries[] = [];
  while (reader.next()) {
    const labels: [string, string][] = [];
    for (let i = 0; i < reader.labelCount; i++) {
      const [a, b, c, d] = [0, 1, 2, 3].map((place) => reader.labels[i * 4 + place] as number);
      labels.push([bytes.toString('utf8', a, b), bytes.toString('utf8', c, d)]);
    }
    const samples = Array.from(
      { length: reader.sampleCount },
      (_, i) => [reader.times[i] as number, reader.stale[i] === 1 ? 'stale' : reader.values[i]] as const,
    );
    all.push({ labels, samples } as TestSeries);
  }
  return { all, kinds: reader.kinds };
}

test('[RW1] labels, times and values come as they were written, bit by bit', () => {
  const text = fc.string({ unit: 'binary', maxLength: 12 });
  const value = fc.oneof(fc.double(), fc.constantFrom(0, Number.NaN, Infinity, -Infinity, 5e-324));
  const series = fc.record({
    labels: fc.array(fc.tuple(text, text), { maxLength: 6 }),
    samples: fc.array(
      fc.tuple(fc.integer({ min: -(2 ** 52), max: 2 ** 52 }), fc.oneof(value, fc.constant('stale' as const))),
      { maxLength: 100 },
    ),
  });
  fc.assert(
    fc.property(fc.array(series, { maxLength: 5 }), (written) => {
      // proto3 does not tell −0 from 0.
      const expected = written.map(({ labels, samples }) => ({
        labels,
        samples: samples.map(([atMs, is]) => [atMs, is === 0 ? 0 : is]),
      }));
      expect(read(writeRequest(written)).all).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});

test('[RW1] what is not known is passed by: exemplars, histograms, fields of later versions', () => {
  const extra = Buffer.from([
    0x1a, 0x02, 0x08, 0x01, 0x22, 0x00, 0x78, 0x05, 0x79, 1, 2, 3, 4, 5, 6, 7, 8, 0x7d, 1, 2, 3, 4,
  ]);
  const own = writeRequest([{ labels: { __name__: 'up' }, samples: [[7, 1]] }]);
  const series = own.subarray(2);
  const both = Buffer.concat([Buffer.from([0x0a, series.length + extra.length]), series, extra]);
  expect(read(both).all).toEqual(read(own).all);
});

test('[RW1] metadata says what is a counter and what a gauge', () => {
  const { kinds } = read(
    writeRequest(
      [],
      [
        { type: 1, family: 'a_total' },
        { type: 2, family: 'b' },
        { type: 3, family: 'c' },
      ],
    ),
  );
  expect([...kinds]).toEqual([
    ['a_total', 'counter'],
    ['b', 'gauge'],
    ['c', 'other'],
  ]);
});

test('[RW2] torn and foreign bytes are an error, never a hang', () => {
  const sound = writeRequest(
    [{ labels: { __name__: 'node_load1', instance: 'a:9100' }, samples: [[1_790_000_000_000, 0.5]] }],
    [{ type: 2, family: 'node_load1' }],
  );
  fc.assert(
    fc.property(
      fc.nat(sound.length - 1),
      fc.integer({ min: 0, max: 255 }),
      fc.nat(sound.length),
      (at, byte, cut) => {
        const bytes = Buffer.from(sound.subarray(0, cut));
        if (at < bytes.length) bytes[at] = byte;
        try {
          read(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(WriteRequestError);
        }
      },
    ),
    { numRuns: 3_000 },
  );
  for (let cut = 1; cut < sound.length - 20; cut++)
    if (cut !== sound.length) expect(() => read(sound.subarray(0, cut))).toThrow(WriteRequestError);
  expect(() => read(Buffer.from([0x0b]))).toThrow('wire type 3');
  expect(() => read(Buffer.alloc(20, 0xff))).toThrow(WriteRequestError);
});

test('[RW3] a request holds so many series and a series so many labels', () => {
  const many = Buffer.alloc((WRITE_SERIES_MAX + 1) * 2);
  for (let i = 0; i < many.length; i += 2) many[i] = 0x0a;
  expect(() => read(many)).toThrow('more than 50000 series');
  const labels = Array.from({ length: WRITE_LABELS_MAX + 1 }, (_, i) => [`l${i}`, 'x'] as const);
  const reader = new WriteRequestReader(writeRequest([{ labels, samples: [] }]));
  expect([reader.next(), reader.hasTooManyLabels, reader.labelCount]).toEqual([true, true, WRITE_LABELS_MAX]);
});
