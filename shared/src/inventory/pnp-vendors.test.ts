import { expect, test } from 'vitest';
import { pnpVendor } from './pnp-vendors.ts';

test('[IP26] a PNP id in the table has its registered name, any other none', () => {
  expect(pnpVendor('DEL')).toBe('Dell Inc.');
  expect(pnpVendor('ZZZ')).toBeNull();
  expect(pnpVendor('constructor')).toBeNull();
});
