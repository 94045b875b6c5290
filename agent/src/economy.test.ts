import { FLIGHT_INTERVAL_MS } from '@muster/shared/wire/limits.ts';
import { expect, test } from 'vitest';
import { economy } from './economy.ts';
import { lineOf, powerOf } from './economy-linux.ts';
import { createFakeHost } from './host-fake.ts';

const config = { holdMs: 0, economyHoldMs: 20_000 };

test('[AT40] on mains and a free line all is as the server says', () => {
  expect(economy('mains', 'free', config)).toEqual({
    holdMs: 0,
    flightIntervalMs: FLIGHT_INTERVAL_MS,
    live: true,
    downloads: true,
    why: null,
  });
});

test('[AT40] on battery ticks go together and the recorder reads more rarely; live view and upgrades go on', () => {
  expect(economy('battery', 'free', config)).toEqual({
    holdMs: 20_000,
    flightIntervalMs: 5 * FLIGHT_INTERVAL_MS,
    live: true,
    downloads: true,
    why: 'on battery',
  });
});

test('[AT40] on a metered line there is no live view and no download', () => {
  expect(economy('mains', 'metered', config)).toMatchObject({
    holdMs: 20_000,
    flightIntervalMs: FLIGHT_INTERVAL_MS,
    live: false,
    downloads: false,
  });
  expect(economy('battery', 'metered', config).why).toBe('on battery and on a metered line');
});

test('[AT40] a server that allows no holding is held to nothing, and one that always allows it goes on', () => {
  expect(economy('battery', 'free', { holdMs: 0 }).holdMs).toBe(0);
  expect(economy('battery', 'free', { holdMs: 30_000, economyHoldMs: 20_000 }).holdMs).toBe(30_000);
});

const supply = (name: string, values: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(values).map(([file, text]) => [`/sys/class/power_supply/${name}/${file}`, `${text}\n`]),
  );
const battery = (status: string) => supply('BAT0', { type: 'Battery', status });

test.each([
  ['a server without any', {}, 'mains'],
  [
    'a laptop that runs on it',
    { ...battery('Discharging'), ...supply('AC', { type: 'Mains', online: '0' }) },
    'battery',
  ],
  ['a laptop on mains', { ...battery('Charging'), ...supply('AC', { type: 'Mains', online: '1' }) }, 'mains'],
  ['full and on mains', { ...battery('Full'), ...supply('AC', { type: 'Mains', online: '1' }) }, 'mains'],
  [
    'mains while the battery gives too',
    { ...battery('Discharging'), ...supply('AC', { type: 'Mains', online: '1' }) },
    'mains',
  ],
  [
    'charged over USB',
    { ...battery('Discharging'), ...supply('ucsi', { type: 'USB', online: '1' }) },
    'mains',
  ],
  [
    'the battery of a mouse',
    supply('hid', { type: 'Battery', status: 'Discharging', scope: 'Device' }),
    'mains',
  ],
])('[AT40] power: %s', (_, files, power) => {
  expect(powerOf(createFakeHost({ files }))).toBe(power);
});

const HEAD = 'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n';
const route = (name: string, metric: number, destination = '00000000', mask = '00000000') =>
  `${name}\t${destination}\t0101A8C0\t0003\t0\t0\t${metric}\t${mask}\t0\t0\t0\n`;
const net = (name: string, file: string) => `/sys/class/net/${name}/${file}`;

test.each([
  ['no route at all', {}, {}, 'free'],
  ['a cable', { '/proc/net/route': HEAD + route('eth0', 100) }, {}, 'free'],
  ['a modem', { '/proc/net/route': HEAD + route('wwan0', 700) }, {}, 'metered'],
  [
    'a modem that is only the second way',
    { '/proc/net/route': HEAD + route('wwan0', 700) + route('eth0', 100) },
    {},
    'free',
  ],
  [
    'a modem by its type',
    {
      '/proc/net/route': HEAD + route('wwp0s20', 1),
      [net('wwp0s20', 'uevent')]: 'DEVTYPE=wwan\nINTERFACE=wwp0s20\n',
    },
    {},
    'metered',
  ],
  [
    'a route to a network is none for all',
    { '/proc/net/route': HEAD + route('wwan0', 0, '0000000A', '000000FF') },
    {},
    'free',
  ],
  [
    'a telephone on USB',
    { '/proc/net/route': HEAD + route('enx1', 100) },
    { [net('enx1', 'device/driver')]: '../../../bus/usb/drivers/ipheth' },
    'metered',
  ],
  [
    'a telephone over radio that says so',
    {
      '/proc/net/route': HEAD + route('wlan0', 600),
      [net('wlan0', 'ifindex')]: '3\n',
      '/run/systemd/netif/leases/3': 'ADDRESS=192.168.43.2\nOPTION_43=414e44524f49445f4d455445524544\n',
    },
    {},
    'metered',
  ],
  [
    'a modem with IPv6 alone',
    {
      '/proc/net/ipv6_route': `${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00 ${'f'.repeat(32)} 00000400 00000001 00000000 00000003    wwan0\n`,
    },
    {},
    'metered',
  ],
])('[AT41] line: %s', (_, files, links, line) => {
  expect(lineOf(createFakeHost({ files, links }), null)).toBe(line);
});

test('[AT41] what the configuration says goes before what is seen', () => {
  const modem = createFakeHost({ files: { '/proc/net/route': HEAD + route('wwan0', 1) } });
  expect(lineOf(modem, false)).toBe('free');
  expect(lineOf(createFakeHost(), true)).toBe('metered');
});
