import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonical, sha256Hex } from './canonical.ts';

test('[IN2] keys stand in order at every depth, lists keep theirs', () => {
  expect(JSON.stringify(canonical({ b: [{ z: 1, a: 2 }, 3], a: null }))).toBe(
    '{"a":null,"b":[{"a":2,"z":1},3]}',
  );
});

test('[IN2] the order in which keys were set does not matter, and nothing else changes', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const turned = Object.fromEntries(Object.entries(value).reverse());
      expect(JSON.stringify(canonical(turned))).toBe(JSON.stringify(canonical(value)));
      expect(canonical(value)).toEqual(value);
    }),
  );
});

test('[IN2] SHA-256 is taken over UTF-8', () => {
  expect(sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(sha256Hex('é')).toBe('4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c');
});
