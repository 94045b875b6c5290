import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeRecord, encodeRecord, recordLength } from './record.ts';

const text = (maxLength: number) => fc.string({ unit: 'grapheme', maxLength });
const whole = fc.integer({ min: 0, max: 2 ** 45 });

test('[ME30] a series is defined in the journal as it is, whatever the letters of its names', () => {
  const definition = fc.record({
    type: fc.constant('definition' as const),
    id: whole,
    decimals: fc.integer({ min: 0, max: 9 }),
    ciId: text(40),
    metric: text(64),
    instance: text(120),
  });
  fc.assert(
    fc.property(definition, (record) => {
      const bytes = encodeRecord(record);
      expect(recordLength(bytes, 0)).toBe(bytes.length);
      expect(decodeRecord(bytes, 0, bytes.length)).toEqual(record);
    }),
  );
});

test('[ME30] a frame comes back from the journal as it was taken', () => {
  const tick = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 2 ** 31 - 1 }), fc.double()), { minLength: 1, maxLength: 20 })
    .chain((pairs) => whole.map((atMs) => ({ atMs, pairs })));
  const frame = fc.record({
    nowMs: whole,
    delivery: fc.record({ agentId: text(40), epoch: text(20), seq: whole }),
    ticks: fc.array(tick, { maxLength: 4 }),
  });
  fc.assert(
    fc.property(frame, ({ nowMs, delivery, ticks }) => {
      const record = {
        type: 'frame' as const,
        nowMs,
        delivery,
        ticks: ticks.map(({ atMs, pairs }) => ({
          atMs,
          series: pairs.map(([id]) => id),
          values: pairs.map(([, value]) => value),
        })),
      };
      const bytes = encodeRecord(record);
      expect(recordLength(bytes, 0)).toBe(bytes.length);
      const decoded = decodeRecord(bytes, 0, bytes.length);
      if (decoded.type !== 'frame') throw new Error(`decoded as ${decoded.type}`);
      expect(decoded.nowMs).toBe(nowMs);
      expect(decoded.delivery).toEqual(delivery);
      expect(
        decoded.ticks.map(({ atMs, series, values }) => [atMs, [...series], Array.from(values)]),
      ).toEqual(record.ticks.map(({ atMs, series, values }) => [atMs, series, values]));
    }),
  );
});
