import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ipv4Gateways, ipv6Gateways, ipv6OfHex, nameServers, uniqueGateways } from './routes.ts';

const HEAD = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n';

test('the next hop of the default route is the gateway', () => {
  const route = `${HEAD}eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\neth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n`;
  expect(ipv4Gateways(route)).toEqual([{ address: '192.0.2.1', interface: 'eth0' }]);
});

test('a default route over a point-to-point link has no gateway', () => {
  expect(ipv4Gateways(`${HEAD}ppp0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n`)).toEqual([]);
  expect(ipv4Gateways('')).toEqual([]);
});

test('a route to half the world is no default route', () => {
  expect(ipv4Gateways(`${HEAD}tun0\t00000000\t0100080A\t0003\t0\t0\t0\t00000080\t0\t0\t0\n`)).toEqual([]);
});

test('IPv6 gateways are default routes with a next hop', () => {
  const zero = '0'.repeat(32);
  const lines = [
    `${zero} 00 ${zero} 00 fe800000000000000000000000000001 00000400 00000002 00000000 00000003     eth0`,
    `${zero} 00 ${zero} 00 ${zero} ffffffff 00000001 00000000 00200200       lo`,
    `fd000000000000000000000000000000 40 ${zero} 00 ${zero} 00000100 00000001 00000000 00000001     eth0`,
  ];
  expect(ipv6Gateways(lines.join('\n'))).toEqual([{ address: 'fe80::1', interface: 'eth0' }]);
});

test.each([
  ['00000000000000000000000000000001', '::1'],
  ['00000000000000000000000000000000', '::'],
  ['20010db8000000000000000000000000', '2001:db8::'],
  ['20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
  ['20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
  ['fe8000000000000000fc00fffe000001', 'fe80::fc:ff:fe00:1'],
])('%s is written %s', (hex, expected) => {
  expect(ipv6OfHex(hex)).toBe(expected);
});

test('every IPv6 address is written as the URL parser writes it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 }),
      (groups) => {
        const hex = groups.map((group) => group.toString(16).padStart(4, '0')).join('');
        const full = groups.map((group) => group.toString(16)).join(':');
        expect(`[${ipv6OfHex(hex)}]`).toBe(new URL(`http://[${full}]/`).hostname);
      },
    ),
  );
});

test('[IN3] gateways are sorted and named once', () => {
  const gateway = (address: string, name: string) => ({ address, interface: name });
  expect(
    uniqueGateways([
      gateway('192.0.2.1', 'eth1'),
      gateway('192.0.2.1', 'eth0'),
      gateway('192.0.2.1', 'eth1'),
    ]),
  ).toEqual([gateway('192.0.2.1', 'eth0'), gateway('192.0.2.1', 'eth1')]);
});

test('name servers keep their order', () => {
  expect(
    nameServers(
      '# nameserver 9.9.9.9\nnameserver 192.0.2.9\nnameserver fe80::1%eth0\n nameserver 192.0.2.1\nnameserver 192.0.2.9\n',
    ),
  ).toEqual(['192.0.2.9', 'fe80::1', '192.0.2.1']);
});
