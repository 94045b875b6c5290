import { PRESENCE_SETTINGS_DEFAULT, type PresenceSettings } from '@muster/shared/api/presence.ts';
import { MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import type { Witnessed } from '@muster/shared/wire/agent-messages.ts';
import { WITNESS_MS_MAX } from '@muster/shared/wire/limits.ts';
import { expect, test } from 'vitest';
import type { Testimony } from '../availability/neighbours.ts';
import { createMemoryPresenceSettingsStore } from '../store/memory/presence-settings.ts';
import { createNetworkReader, NETWORKS_READ_MAX } from './network-reader.ts';
import { createPresenceSettings } from './settings.ts';
import { ASKED_PER_NETWORK_MAX, createWitnesses, WITNESSES_MAX, type Witnesses } from './witnesses.ts';

const NOW = 1_700_000_000_000;

function section(
  address: string,
  gateway: string | null = '10.20.3.1',
  kind: 'ethernet' | 'bridge' = 'ethernet',
) {
  return {
    interfaces: [
      {
        name: 'eno1',
        mac: null,
        macPermanent: false,
        kind,
        virtual: false,
        removable: false,
        speedBitsPerSecond: null,
        mtu: null,
        state: 'up' as const,
        driver: null,
        addresses: [{ address, prefix: 24, family: 'ipv4' as const }],
      },
    ],
    gateways: gateway === null ? [] : [{ address: gateway, interface: 'eno1' }],
  };
}

interface World {
  readonly witnesses: Witnesses;
  /** Who was asked what, in order: [witness, request, address]. */
  readonly asked: [string, string, string][];
  readonly able: Set<string>;
  reply(witness: string, request: string, answer?: Partial<Witnessed>, nowMs?: number): void;
}

const ON: PresenceSettings = {
  ...PRESENCE_SETTINGS_DEFAULT,
  witnesses: { enabled: true, subnets: ['10.20.0.0/16'], locations: [] },
};

async function world(settings: PresenceSettings = ON, count = 5): Promise<World> {
  const keeper = await createPresenceSettings(createMemoryPresenceSettingsStore());
  await keeper.set(settings, 'user:anna', NOW);
  const asked: World['asked'] = [];
  const able = new Set<string>();
  let next = 1;
  const witnesses = createWitnesses({
    settings: keeper,
    directory: { get: (id) => ({ name: `pc-${id}` }) as never },
    membership: { locationsOf: () => ['loc_office'] },
    newId: (prefix) => `${prefix}_${next++}`,
    door: {
      canWitness: (id) => able.has(id),
      askWitness: (id, request, address) => {
        asked.push([id, request, address]);
        return true;
      },
    },
  });
  for (let i = 1; i <= count; i++) {
    witnesses.network(`${i}`, section(`10.20.3.${i + 10}`));
    witnesses.connected(`${i}`, `10.20.3.${i + 10}`);
    able.add(`${i}`);
  }
  return {
    witnesses,
    asked,
    able,
    reply: (witness, requestId, answer = {}, nowMs = NOW) =>
      witnesses.witnessed(
        witness,
        {
          type: 'witnessed',
          requestId,
          answer: 'silent',
          by: null,
          refusal: null,
          gateway: 'answers',
          ...answer,
        },
        nowMs,
      ),
  };
}

test('[WN4] neighbours are asked only where that was switched on, by network or by location', async () => {
  expect((await world(PRESENCE_SETTINGS_DEFAULT)).witnesses.ask('1', NOW)).toBeNull();
  const elsewhere = { ...ON, witnesses: { ...ON.witnesses, subnets: ['10.30.0.0/16'] } };
  expect((await world(elsewhere)).witnesses.ask('1', NOW)).toBeNull();
  const off = { ...ON, witnesses: { ...ON.witnesses, enabled: false } };
  expect((await world(off)).witnesses.ask('1', NOW)).toBeNull();
  const byLocation = { ...elsewhere, witnesses: { ...elsewhere.witnesses, locations: ['loc_office'] } };
  expect((await world(byLocation)).witnesses.ask('1', NOW)).not.toBeNull();
  expect((await world()).witnesses.ask('1', NOW)).not.toBeNull();
});

test('[WN4] up to three are asked, in turn, and only those that can', async () => {
  const made = await world();
  made.able.delete('2');
  void made.witnesses.ask('1', NOW);
  expect(made.asked.map(([id, , address]) => [id, address])).toEqual([
    ['3', '10.20.3.11'],
    ['4', '10.20.3.11'],
    ['5', '10.20.3.11'],
  ]);
  const many = await world(ON, 20);
  void many.witnesses.ask('1', NOW);
  void many.witnesses.ask('2', NOW + 1);
  expect(many.asked).toHaveLength(2 * WITNESSES_MAX);
  expect(new Set(many.asked.map(([id]) => id)).size).toBe(2 * WITNESSES_MAX);
});

test('[WN4] in one network no more than six machines a minute are asked about', async () => {
  const made = await world(ON, 20);
  let taken = 0;
  for (let i = 1; i <= 20; i++) if (made.witnesses.ask(`${i}`, NOW + i)) taken += 1;
  expect(taken).toBe(ASKED_PER_NETWORK_MAX);
  expect(made.witnesses.ask('9', NOW + MINUTE_MS + 30)).not.toBeNull();
});

test('[WN5] the testimony is there when all have answered, and a refusal is none', async () => {
  const made = await world(ON, 3);
  const asked = made.witnesses.ask('1', NOW);
  const request = made.asked[0]?.[1] ?? '';
  made.reply('2', request, { answer: 'answers', by: 'tcp' }, NOW + 10);
  made.reply('3', request, { answer: 'refused', refusal: 'off' }, NOW + 20);
  expect(await asked).toEqual({
    atMs: NOW + 20,
    address: '10.20.3.11',
    sightings: [{ ciId: '2', name: 'pc-2', saw: 'answers', by: 'tcp', gateway: 'answers' }],
  } satisfies Testimony);
});

test('[WN5] who does not answer in time is mute; later answers and those of others have no effect', async () => {
  const made = await world(ON, 4);
  const asked = made.witnesses.ask('1', NOW);
  const request = made.asked[0]?.[1] ?? '';
  made.reply('1', request, { answer: 'answers', by: 'tcp' });
  made.reply('2', request);
  made.reply('2', request, { answer: 'answers', by: 'tcp' });
  made.reply('3', 'wit_unknown', { answer: 'answers', by: 'tcp' });
  made.witnesses.tick(NOW + WITNESS_MS_MAX - SECOND_MS);
  made.witnesses.tick(NOW + WITNESS_MS_MAX);
  made.reply('3', request, { answer: 'answers', by: 'tcp' });
  expect((await asked)?.sightings.map(({ ciId, saw }) => [ciId, saw])).toEqual([
    ['2', 'silent'],
    ['3', 'mute'],
    ['4', 'mute'],
  ]);
});

test('[WN8] two homes with the same numbers are two networks; behind one outer address it is one', async () => {
  const { witnesses } = await world(ON, 0);
  const home = section('192.168.1.20', '192.168.1.1');
  for (const id of ['1', '2', '3']) witnesses.network(id, home);
  witnesses.connected('1', '203.0.113.7');
  witnesses.connected('2', '203.0.113.7');
  witnesses.connected('3', '198.51.100.9');
  expect(witnesses.of('1')).toEqual(['2']);
  expect(witnesses.of('3')).toEqual([]);
});

test('[WN8] reached over IPv6 those of one network of that are neighbours, in whatever house it stands', async () => {
  const { witnesses } = await world(ON, 0);
  const home = section('192.168.1.20', '192.168.1.1');
  for (const id of ['1', '2', '3']) witnesses.network(id, home);
  witnesses.connected('1', '2001:db8:1:2::20');
  witnesses.connected('2', '2001:db8:1:2:a1b2::7');
  witnesses.connected('3', '2001:db8:1:3::20');
  expect(witnesses.of('1')).toEqual(['2']);
  expect(witnesses.of('3')).toEqual([]);
});

test('[WN4] nobody is asked about an address that another machine of the network has now: it would answer', async () => {
  const made = await world();
  made.witnesses.network('2', section('10.20.3.11'));
  made.witnesses.connected('2', '10.20.3.11');
  expect(made.witnesses.ask('1', NOW)).toBeNull();
  expect(made.witnesses.ask('3', NOW)).not.toBeNull();
});

test('[WN8] a laptop that left stands with its old neighbours no more, and one of which no address is known nowhere', async () => {
  const { witnesses } = await world();
  expect(witnesses.of('1')).toEqual(['2', '3', '4', '5']);
  witnesses.connected('2', '203.0.113.7');
  expect(witnesses.of('1')).toEqual(['3', '4', '5']);
  witnesses.network('3', null);
  expect(witnesses.of('1')).toEqual(['4', '5']);
  witnesses.network('9', section('10.20.3.90'));
  expect(witnesses.of('9')).toEqual([]);
});

test('[WN8] another mask or another gateway is another network, and the one at ::ffff: is the same', async () => {
  const { witnesses } = await world(ON, 2);
  witnesses.network('3', section('10.20.3.13', '10.20.3.254'));
  witnesses.connected('3', '10.20.3.13');
  expect(witnesses.of('3')).toEqual([]);
  witnesses.network('3', section('10.20.3.13'));
  witnesses.connected('3', '::ffff:10.20.3.13');
  expect(witnesses.of('3')).toEqual(['1', '2']);
});

test('[WN4] the networks that could be chosen are listed with who could speak there', async () => {
  const made = await world();
  made.able.delete('5');
  expect(made.witnesses.networks()).toEqual([
    { subnet: '10.20.3.0/24', gateway: '10.20.3.1', machines: 5, witnesses: 4, allowed: true },
  ]);
});

test('[WN4] a location that is none is refused', async () => {
  const { witnesses } = await world();
  const settings = { ...ON, witnesses: { ...ON.witnesses, locations: ['ci_server'] } };
  expect(() => witnesses.change(settings, () => false, 'user:anna', NOW)).toThrow(
    'ci_server is no location.',
  );
});

test('[WN8] where machines stand is read from their inventory a few at a time, once after a connection and after each report', async () => {
  const read: string[] = [];
  const found: [string, boolean][] = [];
  const reader = createNetworkReader({
    read: async (ciId) => {
      read.push(ciId);
      return ciId === '3' ? undefined : { ...section('10.20.3.9'), dnsServers: [] };
    },
    found: (ciId, network) => void found.push([ciId, network !== null]),
  });
  for (let i = 1; i <= NETWORKS_READ_MAX + 2; i++) reader.connected(`${i}`);
  await reader.tick();
  expect(read).toHaveLength(NETWORKS_READ_MAX);
  await reader.tick();
  reader.connected('1');
  await reader.tick();
  expect(read).toHaveLength(NETWORKS_READ_MAX + 2);
  reader.changed('1');
  await reader.tick();
  expect(read.at(-1)).toBe('1');
  expect(found[2]).toEqual(['3', false]);
});

test('[WN5] witnesses that look elsewhere are waited for, so that no agent has to refuse because it is busy', async () => {
  const made = await world(ON, 4);
  made.able.delete('1');
  made.able.delete('2');
  const first = made.witnesses.ask('1', NOW);
  const second = made.witnesses.ask('2', NOW);
  const request = made.asked[0]?.[1] ?? '';
  expect(made.asked.map(([id]) => id)).toEqual(['3', '4']);
  made.reply('3', request, {}, NOW + 4_500);
  expect(made.asked).toHaveLength(2);
  made.reply('4', request, {}, NOW + 4_600);
  expect((await first)?.sightings).toHaveLength(2);
  const other = made.asked[2]?.[1] ?? '';
  const next = made.asked.slice(2);
  expect(next.map(([id]) => id).sort()).toEqual(['3', '4']);
  expect(new Set(next.map(([, , address]) => address))).toEqual(new Set(['10.20.3.12']));
  for (const id of ['3', '4']) made.reply(id, other, {}, NOW + 9_000);
  expect((await second)?.sightings.length).toBe(2);
});

test('[WN5] a question that no witness becomes free for ends without testimony', async () => {
  const made = await world(ON, 3);
  made.able.delete('1');
  void made.witnesses.ask('1', NOW);
  made.able.delete('2');
  made.able.delete('3');
  made.able.add('1');
  const asked = made.witnesses.ask('2', NOW + 1);
  made.able.clear();
  for (let at = 0; at <= 2 * WITNESS_MS_MAX; at += SECOND_MS) made.witnesses.tick(NOW + at);
  expect((await asked)?.sightings.filter(({ saw }) => saw !== 'mute')).toEqual([]);
});

test('[WN1] who decided where neighbours are asked, and when, is kept with it', async () => {
  const made = await world();
  expect(made.witnesses.settings().changed).toEqual({ by: 'user:anna', atMs: NOW });
  await made.witnesses.change(PRESENCE_SETTINGS_DEFAULT, () => true, 'user:ben', NOW + 5);
  expect(made.witnesses.settings()).toMatchObject({
    witnesses: { enabled: false },
    changed: { by: 'user:ben', atMs: NOW + 5 },
  });
  expect(made.witnesses.ask('1', NOW + 6)).toBeNull();
});
