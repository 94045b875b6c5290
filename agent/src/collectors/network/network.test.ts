import { expect, test } from 'vitest';
import { isWatchedInterface, parseNetDev } from './network.ts';

test.each([
  'eth0',
  'enp3s0f1',
  'ens18',
  'wlan0',
  'wlp2s0',
  'bond0',
  'br0',
  'docker0',
  'virbr0',
  'vmbr0',
  'br-0a1b2c3d4e5f',
  'wg0',
  'tun0',
  'tailscale0',
  'eth0.100',
  'eth0:1',
  'ib0',
  'loopnet',
  'lxdbr0',
  'team0',
])('[CO19] %s is watched', (name) => expect(isWatchedInterface(name)).toBe(true));

test.each([
  'lo',
  'veth12ab',
  'vethpair-x',
  'cali0123456789a',
  'lxc_health',
  'lxc0a1b',
  'tap101i0',
  'vnet3',
  'fwbr101i0',
  'fwpr101p0',
  'fwln101i0',
  'ifb0',
  'dummy0',
  'kube-ipvs0',
])('[CO19] %s is not watched', (name) => expect(isWatchedInterface(name)).toBe(false));

test('[CO19] a counter that follows the colon at once and counters beyond 32 bits are read', () => {
  const text = 'head\nhead\n  eth0:98765432109876 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n';
  expect(parseNetDev(text)).toEqual([
    {
      interface: 'eth0',
      receivedBytes: 98_765_432_109_876,
      receivedPackets: 2,
      receivedErrors: 3,
      receivedDrops: 4,
      transmittedBytes: 9,
      transmittedPackets: 10,
      transmittedErrors: 11,
      transmittedDrops: 12,
    },
  ]);
});
