import { expect, test } from 'vitest';
import { parseHardwarePorts, parseIfconfig, prefixOfMask } from './ifconfig.ts';
import { parseDefaultGateway, parseIpAddressShow } from './ip-command.ts';
import { BSD_IFCONFIG, IP_ADDRESS, NEW_IFCONFIG, OLD_IFCONFIG } from './platform-fixture.ts';
import { parseDf, parseMount, parseNetstatRoutes, parsePs } from './unix-tables.ts';

const ADDRESSES = [
  { family: 'ipv4', address: '192.0.2.7', prefix: 24 },
  { family: 'ipv6', address: '2001:db8::7', prefix: 64 },
];

test('[IP51] ifconfig of old and new net-tools says the same of the same interface', () => {
  const [old, tunnel] = parseIfconfig(OLD_IFCONFIG);
  const [now] = parseIfconfig(NEW_IFCONFIG);
  expect(now).toEqual(old);
  expect(old).toMatchObject({
    name: 'eth0',
    mac: '02:11:22:aa:bb:cc',
    mtu: 1500,
    link: 'Ethernet',
    addresses: ADDRESSES,
  });
  expect(tunnel).toMatchObject({ name: 'tun0', mac: null, flags: ['POINTOPOINT', 'NOARP', 'MULTICAST'] });
});

test('[IP51] ifconfig of the BSDs: hexadecimal masks, zones cut off, carrier and medium', () => {
  expect(parseIfconfig(BSD_IFCONFIG)).toEqual([
    {
      name: 'em0',
      flags: ['UP', 'BROADCAST', 'RUNNING'],
      mtu: 1500,
      mac: '02:11:22:aa:bb:cc',
      link: 'Ethernet',
      carrier: 'active',
      addresses: [
        { family: 'ipv4', address: '192.0.2.7', prefix: 25 },
        { family: 'ipv6', address: 'fe80::11', prefix: 64 },
      ],
    },
  ]);
});

test.each([
  ['255.255.255.255', 32],
  ['0.0.0.0', 0],
  ['0xfffffe00', 23],
  ['255.0.255.0', null],
  ['300.0.0.0', null],
  [null, null],
])('[IP51] the mask %s has %s bits', (mask, bits) => {
  expect(prefixOfMask(mask)).toBe(bits);
});

test('[IP51] networksetup gives the port of each device', () => {
  const text =
    '\nHardware Port: Wi-Fi\nDevice: en0\nEthernet Address: 02:11:22:AA:BB:CC\n\nVLAN Configurations\n';
  expect(parseHardwarePorts(text)).toEqual([{ port: 'Wi-Fi', device: 'en0', mac: '02:11:22:aa:bb:cc' }]);
});

test('[IP52] ip address: parent, label of an alias, the own end of a point-to-point link', () => {
  const [loopback, vlan, ppp] = parseIpAddressShow(IP_ADDRESS);
  expect(loopback?.addresses).toEqual([{ family: 'ipv4', address: '127.0.0.1', prefix: 8, label: 'lo' }]);
  expect(vlan).toMatchObject({
    name: 'vlan7',
    parent: 'eth0',
    mac: '02:11:22:aa:bb:cc',
    flags: ['BROADCAST', 'UP'],
  });
  expect(vlan?.addresses[0]).toMatchObject({ address: '192.0.2.7', label: 'vlan7:web' });
  expect(vlan?.addresses[1]).toEqual({ family: 'ipv6', address: '2001:db8::7', prefix: 64, label: null });
  expect(ppp).toMatchObject({ mac: null, addresses: [{ address: '198.51.100.2', prefix: 32 }] });
});

test('[IP52] the gateway is the one of the first default route', () => {
  expect(
    parseDefaultGateway('10.0.0.0/8 dev eth0\ndefault via 192.0.2.1 dev eth0\ndefault via 192.0.2.2\n'),
  ).toBe('192.0.2.1');
  expect(parseDefaultGateway('default dev ppp0 scope link\n')).toBeNull();
});

test('[IP53] df: types, wrapped lines, spaces in names, inode columns, blocks of 512 bytes', () => {
  const linux =
    'Filesystem Type 1024-blocks Used Available Capacity Mounted on\n/dev/a\n  ext4 100 40 60 40% /my data\nproc proc - - - - /proc\n';
  expect(parseDf(linux)).toEqual([
    {
      device: '/dev/a',
      type: 'ext4',
      sizeBytes: 102_400,
      usedBytes: 40_960,
      freeBytes: 61_440,
      mount: '/my data',
    },
  ]);
  const mac =
    'Filesystem 512-blocks Used Available Capacity iused ifree %iused Mounted on\nmap auto_home 2 0 2 0% 0 0 100% /home\n';
  expect(parseDf(mac)).toEqual([
    { device: 'map auto_home', type: null, sizeBytes: 1024, usedBytes: 0, freeBytes: 1024, mount: '/home' },
  ]);
});

test('[IP53] mount: the type after the word or first in the brackets, null where none is printed', () => {
  expect(
    parseMount(
      '/dev/a on / type ext4 (rw,relatime)\n/dev/b on /b (apfs, local)\n/dev/c on /c (local, journaled)\n<x> on /x\n',
    ),
  ).toEqual([
    { device: '/dev/a', mount: '/', type: 'ext4', options: ['rw', 'relatime'] },
    { device: '/dev/b', mount: '/b', type: 'apfs', options: ['apfs', 'local'] },
    { device: '/dev/c', mount: '/c', type: null, options: ['local', 'journaled'] },
    { device: '<x>', mount: '/x', type: null, options: [] },
  ]);
});

test('[IP53] netstat: columns by their heading', () => {
  const text =
    'Internet:\nDestination Gateway Flags Netif Expire\ndefault 192.0.2.1 UGSc en0\n\nInternet6:\nDestination Gateway Flags Netif\n::1 link#1 UHL lo0\n';
  expect(parseNetstatRoutes(text)).toEqual([
    { destination: 'default', gateway: '192.0.2.1', mask: null, flags: 'UGSc', interface: 'en0' },
    { destination: '::1', gateway: 'link#1', mask: null, flags: 'UHL', interface: 'lo0' },
  ]);
});

test('[IP53] ps: columns by their heading, elapsed time as milliseconds', () => {
  const text =
    'USER PID %CPU %MEM VSZ TTY ELAPSED COMMAND\nroot 1 0.5 0.1 2048 ?? 1-02:03:04 /sbin/init  -x\nbad x 0 0 0 ? 0 y\n';
  expect(parsePs(text)).toEqual([
    {
      user: 'root',
      pid: 1,
      cpuPercent: 0.5,
      memoryPercent: 0.1,
      virtualBytes: 2_097_152,
      tty: '??',
      elapsedMs: 93_784_000,
      command: '/sbin/init  -x',
    },
  ]);
});
