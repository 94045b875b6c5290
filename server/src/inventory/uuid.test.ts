import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalUuid, uuidByteOrders } from './uuid.ts';

test('[IN40] a UUID has one spelling', () => {
  const canonical = '4c4c4544-0058-4b10-8032-b7c04f515a32';
  for (const spelling of [
    '4C4C4544-0058-4B10-8032-B7C04F515A32',
    ' 4c4c454400584b108032b7c04f515a32 ',
    '{4c4c4544-0058-4b10-8032-b7c04f515a32}',
  ]) {
    expect(canonicalUuid(spelling)).toBe(canonical);
  }
});

test('[IN40] what is no UUID is null', () => {
  for (const text of ['', 'Not Settable', '4c4c4544-0058-4b10-8032-b7c04f515a3', 'g'.repeat(32)]) {
    expect(canonicalUuid(text)).toBeNull();
  }
});

test('[IN40] the other byte order reverses the bytes of the first three groups', () => {
  expect(uuidByteOrders('00112233-4455-6677-8899-aabbccddeeff')).toEqual([
    '00112233-4455-6677-8899-aabbccddeeff',
    '33221100-5544-7766-8899-aabbccddeeff',
  ]);
});

test('[IN40] the other byte order of the other byte order is the first', () => {
  fc.assert(
    fc.property(fc.uuid(), (uuid) => {
      const [first, second] = uuidByteOrders(uuid);
      expect(first).toBe(uuid);
      expect(uuidByteOrders(second)[1]).toBe(uuid);
    }),
  );
});
