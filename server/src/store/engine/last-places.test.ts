/** Places of last values come back as they were. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteReader, ByteWriter, WireError } from '@muster/shared/wire/bytes.ts';
import { readPlaces, writePlaces } from './last-places.ts';

test('[ME47] where the last values are comes back, whatever it is, and takes no byte more than it needs', () => {
  const column = fc.oneof(
    fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 200 }),
    fc.array(fc.constantFrom(2, 2, 2, 0, 1), { maxLength: 200 }),
    fc.array(fc.constantFrom(1, 1, 0), { maxLength: 40 }),
  );
  fc.assert(
    fc.property(column, (list) => {
      const writer = new ByteWriter(16);
      writePlaces(writer, Uint8Array.from(list), list.length);
      writer.byte(77);
      const reader = new ByteReader(writer.finish());
      const read = new Uint8Array(list.length);
      readPlaces(reader, read, list.length);
      expect([...read]).toEqual(list);
      expect(reader.byte()).toBe(77);
      reader.end();
    }),
  );
});

test('[ME47] a column of one place is a byte; a form that is none is an error', () => {
  const writer = new ByteWriter(16);
  writePlaces(writer, new Uint8Array(144).fill(1), 144);
  expect([...writer.finish()]).toEqual([1]);
  expect(() => readPlaces(new ByteReader(Uint8Array.of(6)), new Uint8Array(1), 1)).toThrow(WireError);
  expect(() => readPlaces(new ByteReader(Uint8Array.of(4, 0xff)), new Uint8Array(9), 9)).toThrow(WireError);
});
