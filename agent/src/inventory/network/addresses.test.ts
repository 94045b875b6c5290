import { expect, test } from 'vitest';
import { addressesOf, ipv6Addresses } from './addresses.ts';

test('[IN25] temporary, tentative and loopback addresses are left out', () => {
  const lines = [
    '20010db8000000000000000000000010 02 40 00 00     eth0',
    '20010db8000000001234567890abcdef 02 40 00 01     eth0',
    '20010db8000000000000000000000011 02 40 00 40     eth0',
    '00000000000000000000000000000001 01 80 10 80       lo',
    'nonsense',
  ];
  expect(ipv6Addresses(lines.join('\n'))).toEqual([
    { interface: 'eth0', address: '2001:db8::10', prefix: 64, family: 'ipv6' },
  ]);
});

test('[IN3] addresses of one interface are sorted, once, aliases included', () => {
  const entry = (name: string, address: string) => ({
    interface: name,
    address,
    prefix: 24,
    family: 'ipv4' as const,
  });
  const all = [
    entry('eth0:1', '192.0.2.9'),
    entry('eth0', '192.0.2.10'),
    entry('eth1', '192.0.2.1'),
    entry('eth0', '192.0.2.9'),
  ];
  expect(addressesOf('eth0', all).map(({ address }) => address)).toEqual(['192.0.2.10', '192.0.2.9']);
});
