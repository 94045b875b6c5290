import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressOf, parseProcNet } from './proc-net.ts';

test.each([
  ['0100007F', false, '127.0.0.1'],
  ['7F000001', true, '127.0.0.1'],
  ['00000000000000000000000000000000', false, '::'],
  ['00000000000000000000000001000000', false, '::1'],
  ['0000000000000000FFFF00000A00000A', false, '10.0.0.10'],
  ['B80D0120000000000000000001000000', false, '2001:db8::1'],
  ['B80D0120000001000000000001000000', false, '2001:db8:1::1'],
  ['0000', false, null],
])('[IN55] the address %s is %s', (hex, bigEndian, address) => {
  expect(addressOf(hex, bigEndian)).toBe(address);
});

test('[IN55] lines of another form are left out, whatever they hold', () => {
  expect(parseProcNet('  sl  local_address rem_address\n   0: broken\n\n', 'tcp')).toEqual([]);
  fc.assert(fc.property(fc.string(), (text) => void parseProcNet(text, 'udp')));
});
