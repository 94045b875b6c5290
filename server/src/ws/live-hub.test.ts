import type { IncidentSummary } from '@muster/shared/api/incidents.ts';
import { LIVE_LEASE_MS } from '@muster/shared/wire/limits.ts';
import { encodeFrame } from '@muster/shared/wire/frames.ts';
import { LIVE_SUBSCRIPTIONS_MAX, LiveFromServer, type Topic } from '@muster/shared/wire/live.ts';
import { expect, test } from 'vitest';
import { type FleetState, PRESENCE_ITEMS_MAX, type PresenceItem } from './live-hub.ts';
import {
  LIVE_BUFFERED_BYTES_MAX,
  LIVE_BUFFERED_BYTES_SOFT,
  LIVE_CLOSE,
  LIVE_MESSAGES_PER_SECOND_MAX,
  LiveConnection,
} from './live-socket.ts';
import { connect, createWorld, enrol, FakeSocket, settle, START_MS, type World } from './testing.ts';

const FLEET: FleetState = {
  fleet: { total: 3, up: 3, asleep: 0, off: 0, planned: 0, silent: 0, unknown: 0 },
  openIncidents: 1,
  unclaimedIncidents: 0,
  samplesPerSecond: 12,
};
const presence = (ciId: string, state: PresenceItem['presence'] = 'up'): PresenceItem => ({
  ciId,
  presence: state,
  cause: null,
  expected: true,
  state: state === 'up' ? 'up' : 'silent',
  sinceMs: START_MS,
  lastSeenMs: START_MS,
});

class Browser {
  readonly socket = new FakeSocket();
  readonly connection: LiveConnection;
  allowed = true;

  constructor(world: World) {
    const { live } = world.link;
    this.connection = new LiveConnection(this.socket, {
      hub: live,
      clock: world.clock,
      serverStartedAtMs: START_MS,
      allowed: () => this.allowed,
    });
  }

  subscribe(id: string, topic: Topic): void {
    this.connection.text(JSON.stringify({ type: 'subscribe', id, topic }));
  }

  unsubscribe(id: string): void {
    this.connection.text(JSON.stringify({ type: 'unsubscribe', id }));
  }

  /** What was sent, without heartbeats; each checked against the wire's schema. */
  received<T extends LiveFromServer['type']>(type: T): Extract<LiveFromServer, { type: T }>[] {
    const all = this.socket.texts.map((text) => LiveFromServer.parse(JSON.parse(text)));
    return all.filter((message): message is Extract<LiveFromServer, { type: T }> => message.type === type);
  }
}

test('[LV1] a heartbeat comes at once and each second', () => {
  const world = createWorld();
  const browser = new Browser(world);
  world.clock.advance(1_000);
  browser.connection.tick();
  expect(browser.received('heartbeat')).toEqual([
    { type: 'heartbeat', serverTimeMs: START_MS, serverStartedAtMs: START_MS },
    { type: 'heartbeat', serverTimeMs: START_MS + 1_000, serverStartedAtMs: START_MS },
  ]);
});

test('[LV1] whoever is signed out is sent away within a second', () => {
  const browser = new Browser(createWorld());
  browser.allowed = false;
  browser.connection.tick();
  expect(browser.socket.closed).toEqual({ code: LIVE_CLOSE['signed-out'], reason: 'signed-out' });
});

test('[LV2] nothing is sent for what nobody watches, and nothing after unsubscribing', () => {
  const world = createWorld();
  const { live } = world.link;
  const browser = new Browser(world);
  live.publishFleet(FLEET, START_MS);
  live.publishPresence([presence('ci_1')], START_MS);
  expect(browser.socket.texts).toHaveLength(1);
  browser.subscribe('p', { name: 'presence' });
  live.publishPresence([presence('ci_1')], START_MS);
  browser.unsubscribe('p');
  live.publishPresence([presence('ci_2')], START_MS + 5_000);
  expect(browser.received('presence')).toEqual([{ type: 'presence', id: 'p', items: [presence('ci_1')] }]);
});

test('[LV3] the fleet goes out at most once a second, the newest state; who subscribes gets it at once', () => {
  const world = createWorld();
  const { live } = world.link;
  const browser = new Browser(world);
  live.publishFleet(FLEET, START_MS);
  browser.subscribe('f', { name: 'fleet' });
  for (let up = 0; up < 10; up++) live.publishFleet({ ...FLEET, openIncidents: up }, START_MS + up * 50);
  expect(browser.received('fleet').map(({ openIncidents }) => openIncidents)).toEqual([1]);
  live.tick(START_MS + 1_000);
  live.tick(START_MS + 2_000);
  expect(browser.received('fleet').map(({ openIncidents }) => openIncidents)).toEqual([1, 9]);
});

test('[LV3] changes of presence are gathered per second, of each machine the newest, in bounded messages', () => {
  const world = createWorld();
  const { live } = world.link;
  const browser = new Browser(world);
  browser.subscribe('p', { name: 'presence' });
  live.publishPresence([presence('ci_1', 'down')], START_MS);
  live.publishPresence([presence('ci_1', 'unknown')], START_MS + 10);
  live.publishPresence([presence('ci_1', 'up')], START_MS + 20);
  live.tick(START_MS + 1_000);
  expect(browser.received('presence').map(({ items }) => items.map((item) => item.presence))).toEqual([
    ['down'],
    ['up'],
  ]);
  live.publishPresence(
    Array.from({ length: PRESENCE_ITEMS_MAX + 1 }, (_, i) => presence(`ci_${i}`)),
    START_MS + 9_000,
  );
  expect(browser.received('presence').map(({ items }) => items.length)).toEqual([
    1,
    1,
    PRESENCE_ITEMS_MAX,
    1,
  ]);
});

test('[LV2] an incident goes to those who watch all and those who watch it', () => {
  const world = createWorld();
  const browser = new Browser(world);
  browser.subscribe('all', { name: 'incidents' });
  browser.subscribe('one', { name: 'incident', id: 'inc_1' });
  browser.subscribe('other', { name: 'incident', id: 'inc_2' });
  world.link.live.publishIncident({ id: 'inc_1' } as IncidentSummary);
  const ids = browser.socket.texts
    .map((text) => JSON.parse(text) as { type: string; id: string })
    .filter(({ type }) => type === 'incident');
  expect(ids.map(({ id }) => id)).toEqual(['all', 'one']);
});

test('[LV4] a watched machine holds one lease: renewed while watched, ended with the last watcher', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world);
  session.samples(1);
  await settle();
  const ciId = world.cmdb.ciOf(keys.agentId);
  const leases = () => session.socket.messages('live').map(({ leaseMs }) => leaseMs);
  const [first, second] = [new Browser(world), new Browser(world)];
  first.subscribe('m', { name: 'machine', ciId });
  second.subscribe('m', { name: 'machine', ciId });
  expect(leases()).toEqual([LIVE_LEASE_MS]);
  await world.seconds(15);
  expect(leases()).toEqual([LIVE_LEASE_MS, LIVE_LEASE_MS]);
  first.connection.closed();
  expect(leases()).toHaveLength(2);
  second.unsubscribe('m');
  expect(leases()).toEqual([LIVE_LEASE_MS, LIVE_LEASE_MS, 0]);
  await world.seconds(20);
  expect(leases()).toHaveLength(3);
  expect(world.link.live.watchedMachines).toBe(0);
});

test('[LV4] an agent that comes back while it is watched is asked again; one that cannot is not asked', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world);
  session.samples(1);
  await settle();
  const browser = new Browser(world);
  browser.subscribe('m', { name: 'machine', ciId: world.cmdb.ciOf(keys.agentId) });
  session.connection.closed();
  await settle();
  const back = await connect(world, keys, { proof: { lastSeq: 1 } });
  expect(back.socket.messages('live')).toHaveLength(1);
  back.connection.closed();
  await settle();
  const plain = await connect(world, keys, { proof: { lastSeq: 1 }, capabilities: [] });
  expect(plain.socket.messages('live')).toEqual([]);
});

test('[LV5] live frames and regular samples reach the watcher, live ones are not stored', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world);
  session.samples(1, START_MS, 10);
  await settle();
  const ciId = world.cmdb.ciOf(keys.agentId);
  const browser = new Browser(world);
  browser.subscribe('m', { name: 'machine', ciId });
  const series = session.encoder.declare({ metric: 'memory.used', instance: '', kind: 'gauge', decimals: 0 });
  const unknown = session.encoder.declare({
    metric: 'memory.unheard',
    instance: '',
    kind: 'gauge',
    decimals: 0,
  });
  const body = session.encoder.encode([
    { atMs: START_MS + 1_000, series: [series, unknown], values: [77, 1] },
  ]);
  session.connection.binary(encodeFrame('live', 0, body));
  session.samples(2, START_MS + 10_000, 20);
  await settle();
  expect(browser.received('samples')).toEqual([
    { type: 'samples', id: 'm', atMs: START_MS + 1_000, interval: 'live', points: [['memory.used', '', 77]] },
    {
      type: 'samples',
      id: 'm',
      atMs: START_MS + 10_000,
      interval: 'regular',
      points: [['cpu.utilisation', '', 20]],
    },
  ]);
  expect(world.metrics.latest(ciId).map(({ identity }) => identity.metric)).toEqual(['cpu.utilisation']);
});

test('[LV6] the newest process list is shown, kept for a while, and shown to who comes later', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world);
  session.samples(1);
  await settle();
  const ciId = world.cmdb.ciOf(keys.agentId);
  const items = [
    {
      pid: 1,
      name: 'init',
      user: 'root',
      cpuPercent: 1,
      residentBytes: 2,
      readBytesPerSecond: null,
      writtenBytesPerSecond: null,
    },
  ];
  session.send({ type: 'processes', atMs: START_MS, items });
  expect(world.link.live.processesOf(ciId)).toEqual({ atMs: START_MS, items });
  const browser = new Browser(world);
  browser.subscribe('m', { name: 'machine', ciId });
  expect(browser.received('processes')).toEqual([{ type: 'processes', id: 'm', atMs: START_MS, items }]);
  browser.unsubscribe('m');
  await world.seconds(301);
  expect(world.link.live.processesOf(ciId)).toBeNull();
});

test('[LV7] a slow browser loses live points first, then its connection; never is more queued', () => {
  const world = createWorld();
  const { live } = world.link;
  const browser = new Browser(world);
  browser.subscribe('m', { name: 'machine', ciId: 'ci_1' });
  browser.subscribe('p', { name: 'presence' });
  browser.socket.bufferedBytes = LIVE_BUFFERED_BYTES_SOFT + 1;
  live.publishLive('ci_1', [
    { atMs: START_MS, series: [{ metric: 'cpu.utilisation', instance: '' }], values: [1] },
  ]);
  live.publishPresence([presence('ci_1')], START_MS);
  expect(browser.received('samples')).toEqual([]);
  expect(browser.received('presence')).toHaveLength(1);
  expect(browser.connection.dropped).toBe(1);
  browser.socket.bufferedBytes = LIVE_BUFFERED_BYTES_MAX + 1;
  live.publishPresence([presence('ci_2')], START_MS + 2_000);
  expect(browser.received('presence')).toHaveLength(1);
  expect(browser.socket.terminated).toBe(true);
  expect(live.watchedMachines).toBe(0);
});

test('[LV8] too many subscriptions and a taken name are refused, each by name', () => {
  const browser = new Browser(createWorld());
  for (let i = 0; i < LIVE_SUBSCRIPTIONS_MAX; i++) browser.subscribe(`s${i}`, { name: 'presence' });
  browser.subscribe('s0', { name: 'fleet' });
  browser.subscribe('more', { name: 'fleet' });
  expect(browser.received('refused').map(({ id, code }) => [id, code])).toEqual([
    ['s0', 'id-taken'],
    ['more', 'limit-exceeded'],
  ]);
});

test.each([
  'no json',
  '{}',
  '{"type":"subscribe","id":"x","topic":{"name":"secrets"}}',
  `"${'x'.repeat(5_000)}"`,
])('[LV8] a message that is none of the protocol ends the connection (%#)', (text) => {
  const browser = new Browser(createWorld());
  browser.connection.text(text);
  expect(browser.socket.closed?.code).toBe(LIVE_CLOSE.protocol);
});

test('[LV8] a flood of messages ends the connection', () => {
  const browser = new Browser(createWorld());
  for (let i = 0; i <= LIVE_MESSAGES_PER_SECOND_MAX; i++) browser.unsubscribe('x');
  expect(browser.socket.closed?.code).toBe(LIVE_CLOSE['limit-exceeded']);
});
