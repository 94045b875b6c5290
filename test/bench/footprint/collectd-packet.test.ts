import { expect, test } from 'vitest';
import { valuesIn } from './collectd-packet.ts';

const part = (type: number, content: Buffer) => {
  const header = Buffer.alloc(4);
  header.writeUInt16BE(type);
  header.writeUInt16BE(4 + content.length, 2);
  return Buffer.concat([header, content]);
};
/** Count, one byte of kind and eight of value each. */
const values = (count: number) =>
  part(6, Buffer.concat([Buffer.from([0, count]), Buffer.alloc(count), Buffer.alloc(8 * count)]));

test('values are counted part by part, and names between them are not', () => {
  const datagram = Buffer.concat([
    part(0, Buffer.from('host\0')),
    values(3),
    part(3, Buffer.from('df\0')),
    values(2),
  ]);
  expect(valuesIn(datagram)).toBe(5);
  expect(valuesIn(Buffer.alloc(0))).toBe(0);
});

test('a part without a length is an error, not an endless loop', () => {
  expect(() => valuesIn(Buffer.from([0, 6, 0, 0, 0, 1]))).toThrow('0 bytes');
});
