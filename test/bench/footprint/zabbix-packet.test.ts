import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packZabbix, unpackZabbix } from './zabbix-packet.ts';

test('what is packed is unpacked, and nothing before all of it has come', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(), (value, cut) => {
      const bytes = packZabbix(value);
      expect(JSON.parse(unpackZabbix(bytes) ?? '')).toEqual(JSON.parse(JSON.stringify(value)));
      expect(unpackZabbix(bytes.subarray(0, cut % bytes.length))).toBeNull();
    }),
  );
});

test('a body packed with zlib is read, and what is no frame of Zabbix is refused', () => {
  const body = deflateSync('{"request":"agent data"}');
  const header = Buffer.from('ZBXD\x03\0\0\0\0\x18\0\0\0', 'latin1');
  header.writeUInt32LE(body.length, 5);
  expect(unpackZabbix(Buffer.concat([header, body]))).toBe('{"request":"agent data"}');
  expect(() => unpackZabbix(Buffer.from('GET / HTTP/1.1\r\n\r\n'))).toThrow('ZBXD');
});
