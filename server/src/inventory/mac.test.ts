import { expect, test } from 'vitest';
import { canonicalMac, isGroupAddress, isLocallyAdministered } from './mac.ts';

test.each([
  ['3C-EC-EF-01-02-03', '3c:ec:ef:01:02:03'],
  ['3cec.ef01.0203', '3c:ec:ef:01:02:03'],
  ['3CECEF010203', '3c:ec:ef:01:02:03'],
  ['3c:ec:ef:01:02', null],
  ['192.168.1.10', null],
  ['', null],
])('[IN43] the MAC %s is spelt %s', (text, expected) => {
  expect(canonicalMac(text)).toBe(expected);
});

test('[IN43] the first byte tells group and locally administered addresses', () => {
  expect(isGroupAddress('01:00:5e:00:00:01')).toBe(true);
  expect(isGroupAddress('3c:ec:ef:01:02:03')).toBe(false);
  expect(isLocallyAdministered('02:42:ac:11:00:02')).toBe(true);
  expect(isLocallyAdministered('3c:ec:ef:01:02:03')).toBe(false);
});
