import type { InterfaceAddress } from './host.ts';
import {
  WITNESS_MS_MAX,
  WITNESS_PER_HOUR_MAX,
  WITNESS_PER_MINUTE_MAX,
  WITNESS_PORT,
} from '@muster/shared/wire/limits.ts';
import { expect, test } from 'vitest';
import { createFakeHost } from './host-fake.ts';
import { FakeTime } from './time-fake.ts';
import { gatewayOf, ipv4, type KnockResult, neighbourState, type Testimony, Witness } from './witness.ts';

const HEAD = 'IP address       HW type     Flags       HW address            Mask     Device\n';
const row = (address: string, flags: string, device = 'eth0') =>
  `${address.padEnd(16)} 0x1         ${flags}         52:54:00:12:34:56     *        ${device}\n`;
const ROUTE =
  'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n' +
  'eth0\t00000000\t0103140A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n' +
  'eth0\t0003140A\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n';
const LEGS: readonly InterfaceAddress[] = [
  { interface: 'eth0', address: '10.20.3.9', prefix: 24, family: 'ipv4' },
  { interface: 'eth0', address: 'fd00::9', prefix: 64, family: 'ipv6' },
  { interface: 'tun0', address: '10.99.0.2', prefix: 31, family: 'ipv4' },
  { interface: 'wg0', address: '10.88.0.2', prefix: 16, family: 'ipv4' },
];
const GATEWAY = row('10.20.3.1', '0x2');

interface World {
  readonly time: FakeTime;
  readonly witness: Witness;
  readonly knocks: { address: string; port: number; ended: boolean }[];
  table(rows: string): void;
  answerKnock(result: KnockResult): void;
  /** Lets time pass in looks until the testimony is there. */
  heard(
    asked: Promise<Testimony>,
    at?: Readonly<Record<number, () => void>>,
  ): Promise<Testimony & { tookMs: number }>;
}

function world(rows = GATEWAY): World {
  const time = new FakeTime();
  const host = createFakeHost({
    addresses: LEGS,
    files: {
      '/proc/net/route': ROUTE,
      '/sys/class/net/eth0/type': '1\n',
      '/sys/class/net/wg0/type': '65534\n',
    },
  });
  const table = (text: string) => host.setFile('/proc/net/arp', HEAD + text);
  table(rows);
  const knocks: World['knocks'] = [];
  let answer: (result: KnockResult) => void = () => undefined;
  const witness = new Witness({
    host,
    timers: time.timers,
    elapsedMs: time.elapsedMs,
    knock: (address, port) => {
      const one = { address, port, ended: false };
      knocks.push(one);
      const result = new Promise<KnockResult>((resolve) => {
        answer = resolve;
      });
      return { result, end: () => void (one.ended = true) };
    },
  });
  return {
    time,
    witness,
    knocks,
    table,
    answerKnock: (result) => answer(result),
    heard: async (asked, at = {}) => {
      const fromMs = time.elapsedMs();
      let over: Testimony | null = null;
      void asked.then((testimony) => {
        over = testimony;
      });
      for (;;) {
        for (let i = 0; i < 8; i++) await Promise.resolve();
        if (over !== null) return { ...(over as Testimony), tookMs: time.elapsedMs() - fromMs };
        const passedMs = time.elapsedMs() - fromMs;
        expect(passedMs).toBeLessThan(WITNESS_MS_MAX);
        at[passedMs]?.();
        time.advance(500);
      }
    },
  };
}

test('[WN3] a connection that is taken or refused shows the neighbour, at once, and is closed', async () => {
  const made = world();
  const asked = made.witness.ask('10.20.3.41');
  made.answerKnock('answers');
  expect(await made.heard(asked)).toEqual({
    answer: 'answers',
    by: 'tcp',
    refusal: null,
    gateway: 'answers',
    tookMs: 0,
  });
  expect(made.knocks).toEqual([{ address: '10.20.3.41', port: WITNESS_PORT, ended: true }]);
});

test('[WN3] an address that the neighbour table did not know and knows after the knock has answered ARP', async () => {
  const made = world(GATEWAY + row('10.20.3.41', '0x0'));
  const heard = await made.heard(made.witness.ask('10.20.3.41'), {
    1_000: () => made.table(GATEWAY + row('10.20.3.41', '0x2')),
  });
  expect(heard).toMatchObject({ answer: 'answers', by: 'resolved' });
});

test('[WN3] an address that stays without a hardware address is silent', async () => {
  const made = world();
  const heard = await made.heard(made.witness.ask('10.20.3.41'), {
    500: () => made.table(GATEWAY + row('10.20.3.41', '0x0')),
    3_000: () => made.answerKnock('nothing'),
  });
  expect(heard).toMatchObject({ answer: 'silent', by: null, gateway: 'answers' });
  expect(heard.tookMs).toBeLessThanOrEqual(5_000);
});

test('[WN3] an address that was known is silent once the kernel gives it up', async () => {
  const made = world(GATEWAY + row('10.20.3.41', '0x2'));
  const heard = await made.heard(made.witness.ask('10.20.3.41'), {
    8_000: () => made.table(GATEWAY + row('10.20.3.41', '0x0')),
  });
  expect(heard).toMatchObject({ answer: 'silent', by: null });
});

test('[WN3] an address that was known and is kept counts as seen by the table only, which may be old', async () => {
  const made = world(GATEWAY + row('10.20.3.41', '0x2'));
  expect(await made.heard(made.witness.ask('10.20.3.41'))).toMatchObject({ answer: 'answers', by: 'table' });
});

test('[WN3] a gateway that the table lost is silent, one it never knew is unknown', async () => {
  const lost = world(row('10.20.3.1', '0x0'));
  expect(await lost.heard(lost.witness.ask('10.20.3.41'))).toMatchObject({ gateway: 'silent' });
  const never = world('');
  expect(await never.heard(never.witness.ask('10.20.3.41'))).toMatchObject({ gateway: 'unknown' });
});

test.each([
  ['another network', '10.20.4.41', 'not-neighbour'],
  ['the internet', '93.184.216.34', 'not-neighbour'],
  ['its own address', '10.20.3.9', 'not-neighbour'],
  ['its network itself', '10.20.3.0', 'not-neighbour'],
  ['the broadcast address', '10.20.3.255', 'not-neighbour'],
  ['a point-to-point line', '10.99.0.3', 'not-neighbour'],
  ['what lies behind a tunnel, however wide its mask', '10.88.3.4', 'not-neighbour'],
  ['loopback', '127.0.0.1', 'address'],
  ['a group', '224.0.0.1', 'address'],
  ['IPv6', 'fd00::41', 'address'],
  ['a name', 'pc-17', 'address'],
  ['a number that some resolvers take for an address', '0x0a140329', 'address'],
  ['an octal address', '010.020.003.041', 'address'],
] as const)('[WN2] %s is refused without a knock', async (_what, address, refusal) => {
  const made = world();
  expect(await made.witness.ask(address)).toEqual({
    answer: 'refused',
    by: null,
    refusal,
    gateway: 'unknown',
  });
  expect(made.knocks).toEqual([]);
});

test('[WN2] one address at a time, and no more than so many in a minute', async () => {
  const made = world();
  const first = made.witness.ask('10.20.3.41');
  expect(await made.witness.ask('10.20.3.42')).toMatchObject({ refusal: 'busy' });
  made.answerKnock('answers');
  await made.heard(first);
  for (let i = 1; i < WITNESS_PER_MINUTE_MAX; i++) {
    const asked = made.witness.ask(`10.20.3.${50 + i}`);
    made.answerKnock('answers');
    await made.heard(asked);
  }
  expect(await made.witness.ask('10.20.3.42')).toMatchObject({ refusal: 'rate' });
  made.time.advance(60_000);
  const again = made.witness.ask('10.20.3.42');
  made.answerKnock('answers');
  expect(await made.heard(again)).toMatchObject({ answer: 'answers' });
});

test('[WN2] whoever asks on and on learns of no more than so many addresses in an hour', async () => {
  const made = world();
  let looked = 0;
  for (let i = 0; i < 100; i++) {
    const asked = made.witness.ask(`10.20.3.${100 + i}`);
    made.answerKnock('answers');
    if ((await made.heard(asked)).answer === 'answers') looked += 1;
    made.time.advance(20_000);
  }
  expect(looked).toBe(WITNESS_PER_HOUR_MAX);
  made.time.advance(3_600_000);
  const again = made.witness.ask('10.20.3.42');
  made.answerKnock('answers');
  expect(await made.heard(again)).toMatchObject({ answer: 'answers' });
});

test('the tables of the kernel are read as proc(5) describes them', () => {
  const table = HEAD + row('10.20.3.41', '0x2', 'eth1') + row('10.20.3.41', '0x0') + row('10.20.3.4', '0x6');
  expect(neighbourState(table, '10.20.3.41', 'eth1')).toBe('known');
  expect(neighbourState(table, '10.20.3.41', 'eth0')).toBe('incomplete');
  expect(neighbourState(table, '10.20.3.4', 'eth0')).toBe('known');
  expect(neighbourState(table, '10.20.3.1', 'eth0')).toBe('absent');
  expect(gatewayOf(ROUTE, 'eth0')).toBe('10.20.3.1');
  expect(gatewayOf(ROUTE, 'eth1')).toBeNull();
  expect(ipv4('10.20.3.41')).toBe(0x0a140329);
});
