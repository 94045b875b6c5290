import { expect, test } from 'vitest';
import { createFakeHost } from '../../host-fake.ts';
import { isDevice, readLink } from './link.ts';

function hostOf(files: Readonly<Record<string, string>>) {
  return createFakeHost({
    files: Object.fromEntries(
      Object.entries(files).map(([name, text]) => [`/sys/class/net/eth0/${name}`, text]),
    ),
    links: {
      '/sys/class/net/eth0': '../../devices/pci/eth0',
      '/sys/class/net/br0': '../../devices/virtual/net/br0',
    },
  });
}

test.each([
  ['up', '0x1003', true],
  ['down', '0x1003', false],
  ['lowerlayerdown', '0x1', false],
  ['dormant', '0x1003', false],
  ['unknown', '0x1003', null],
  ['testing', '0x1003', null],
  ['down', '0x1002', null],
  ['up', '', null],
])('[CO45] operstate %s with flags %s is %s', (operstate, flags, up) => {
  expect(readLink(hostOf({ operstate: `${operstate}\n`, flags: `${flags}\n` }), 'eth0').up).toBe(up);
});

test.each([
  ['1000', 125_000_000],
  ['-1', null],
  ['4294967295', null],
  ['0', null],
  ['', null],
])('[CO45] a speed of %s is %s bytes per second', (speed, bytesPerSecond) => {
  expect(readLink(hostOf({ speed: `${speed}\n` }), 'eth0').bytesPerSecond).toBe(bytesPerSecond);
});

test('[CO45] only an interface with a device behind it has a link to lose', () => {
  const host = hostOf({});
  expect(['eth0', 'br0', 'none'].map((name) => isDevice(host, name))).toEqual([true, false, false]);
});
