import { zstdDecompressSync } from 'node:zlib';
import type { Sample } from '@muster/shared/metrics/catalogue.ts';
import type { InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import type { AgentConfig } from '@muster/shared/wire/server-messages.ts';
import type { AgentEvent } from '@muster/shared/wire/frame-bodies.ts';
import { expect, test, vi } from 'vitest';
import { FakeNetwork } from '../../test/wire-fake-socket.ts';
import { eventsOf, FAKE_CONFIG, FakeServer, samplesOf } from '../../test/wire-server-fake.ts';
import {
  Agent,
  type AgentOptions,
  type AgentStatus,
  LAST_ATTEMPT_MS_MAX,
  type Machine,
  SLEEP_MS_MAX,
} from './agent.ts';
import { type Identity, memoryIdentity } from './identity.ts';
import type { ReportedSection } from './inventory-report.ts';
import { Spool } from './spool.ts';
import { FakeTime } from './time-fake.ts';

interface FakeMachine extends Machine {
  /** What the next readings say. */
  cpu: number;
  sleptMs: number;
  failing: string | null;
  readonly sections: Map<InventorySection, ReportedSection>;
  readonly scopes: string[];
}

function fakeMachine(time: FakeTime): FakeMachine {
  const machine: FakeMachine = {
    cpu: 10,
    sleptMs: 0,
    failing: null,
    sections: new Map([
      ['os', { data: { kernel: '6.1' }, complete: true, hash: 'a'.repeat(64) }],
      ['users', { data: [], complete: true, hash: 'b'.repeat(64) }],
    ]),
    scopes: [],
    bootId: 'boot-1',
    bootedAtMs: 1_600_000_000_000,
    clocks: () => ({
      wallMs: time.nowMs(),
      sinceBootMs: time.elapsedMs() + machine.sleptMs,
      awakeMs: time.elapsedMs(),
    }),
    collect: (scope) => {
      machine.scopes.push(scope);
      const samples: Sample[] = [{ metric: 'cpu.utilisation', instance: '', value: machine.cpu }];
      return {
        samples,
        errors: machine.failing === null ? [] : [{ collector: 'disk', detail: machine.failing }],
      };
    },
    inventory: async () => new Map(machine.sections),
    topProcesses: (previous, elapsedMs) => ({
      items: [
        {
          pid: 1,
          name: 'init',
          user: 'root',
          cpuPercent: elapsedMs,
          residentBytes: 1,
          readBytesPerSecond: null,
          writtenBytesPerSecond: null,
        },
      ],
      state: previous ?? { pageBytes: 4096, processes: new Map() },
    }),
  };
  return machine;
}

interface World {
  readonly time: FakeTime;
  readonly server: FakeServer;
  readonly network: FakeNetwork;
  readonly machine: FakeMachine;
  readonly spool: Spool;
  readonly identity: Identity;
  readonly agent: Agent;
  readonly statuses: AgentStatus[];
  readonly log: string[];
}

function world(
  config: Partial<AgentConfig> = {},
  kept: Partial<Pick<World, 'time' | 'server' | 'identity'>> &
    Pick<AgentOptions, 'witness' | 'surroundings'> = {},
): World {
  const time = kept.time ?? new FakeTime();
  const server = kept.server ?? new FakeServer({ nowMs: time.nowMs, config: { ...FAKE_CONFIG, ...config } });
  server.tokens.set('T', 100);
  const network = new FakeNetwork(server, time);
  const machine = fakeMachine(time);
  let next = 1;
  const spool = new Spool({
    path: ':memory:',
    nowMs: time.nowMs,
    randomBytes: (count) => new Uint8Array(count).fill(next++),
  });
  const identity = kept.identity ?? memoryIdentity();
  const statuses: AgentStatus[] = [];
  const log: string[] = [];
  const agent = new Agent({
    machine,
    spool,
    link: {
      open: network.open,
      identity,
      serverKey: server.key,
      firstSight: false,
      token: 'T',
      facts: { agentVersion: '0.1.0', hostname: 'pc', platform: 'linux' },
      timers: time.timers,
      random: { unit: () => 0.5, bytes: (count) => new Uint8Array(count).fill(9) },
    },
    log: (line) => log.push(line),
    onStatus: (status) => statuses.push(status),
    ...(kept.witness ? { witness: kept.witness } : {}),
    ...(kept.surroundings ? { surroundings: kept.surroundings } : {}),
  });
  return { time, server, network, machine, spool, identity, agent, statuses, log };
}

async function started(config: Partial<AgentConfig> = {}): Promise<World> {
  const made = world(config);
  made.agent.start();
  await pass(made, 100);
  expect(made.agent.connection.online).toBe(true);
  return made;
}

/** Lets time pass in small steps, so that promises settle in between; the server's clock message keeps the line alive. */
async function pass({ time, server }: World, durationMs: number): Promise<void> {
  for (let left = durationMs; left > 0; left -= 1_000) {
    time.advance(Math.min(left, 1_000));
    for (const session of server.sessions)
      if (session.agent) session.send({ type: 'clock', serverTimeMs: time.nowMs() });
    for (let i = 0; i < 5; i++) await Promise.resolve();
  }
}

const cpu = (made: World) =>
  samplesOf(made.server.agent).filter(({ metric }) => metric === 'cpu.utilisation');
const types = (made: World) => eventsOf(made.server.agent).map(({ type }) => type);
const frames = (made: World, type: string) => made.server.agent.frames.filter((frame) => frame.type === type);

test('[LK90] it starts with its word, a tick at once, another a second later, then one each interval', async () => {
  const made = await started();
  await pass(made, 61_000);
  expect(eventsOf(made.server.agent)[0]).toMatchObject({ type: 'started', bootId: 'boot-1', previous: null });
  const times = cpu(made).map(({ atMs }) => atMs);
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBe(1_000);
  const steps = times.slice(2).map((atMs, i) => atMs - (times.slice(1)[i] ?? 0));
  expect(steps.slice(1)).toEqual(steps.slice(1).map(() => 10_000));
  expect(steps.length).toBeGreaterThanOrEqual(5);
  const own = samplesOf(made.server.agent).map(({ metric }) => metric);
  expect(own).toContain('agent.spool.used');
  expect(own).toContain('agent.spool.dropped');
});

test('[LK91] the whole inventory goes at the first connection, later only what changed, and confirmations each interval', async () => {
  const made = await started({ inventoryIntervalMs: 60_000 });
  const inventories = () =>
    frames(made, 'inventory').map((frame) => (frame.type === 'inventory' ? frame.body.sections : {}));
  await pass(made, 1_000);
  expect(Object.keys(inventories()[0] ?? {})).toEqual(['os', 'users']);
  made.network.cut();
  await pass(made, 5_000);
  expect(inventories()).toHaveLength(1);
  made.machine.sections.set('os', { data: { kernel: '6.2' }, complete: true, hash: 'c'.repeat(64) });
  await pass(made, 60_000);
  expect(inventories()).toHaveLength(2);
  expect(inventories()[1]).toEqual({
    os: { hash: 'c'.repeat(64), complete: true, data: { kernel: '6.2' } },
    users: { hash: 'b'.repeat(64), complete: true },
  });
});

test('[LK91] a server that lost a section gets it again', async () => {
  const made = await started();
  await pass(made, 1_000);
  delete made.server.agent.inventory.users;
  made.network.cut();
  await pass(made, 5_000);
  const last = frames(made, 'inventory').at(-1);
  expect(last?.type === 'inventory' && last.body.sections).toEqual({
    users: { hash: 'b'.repeat(64), complete: true, data: [] },
  });
});

test('[LK91] an inventory larger than a frame goes section by section', async () => {
  const made = world();
  made.machine.sections.set('software', { data: noise(700_000), complete: true, hash: 'd'.repeat(64) });
  made.machine.sections.set('services', { data: noise(1_500_000), complete: true, hash: 'e'.repeat(64) });
  made.agent.start();
  await pass(made, 2_000);
  const sent = frames(made, 'inventory').flatMap((frame) =>
    frame.type === 'inventory' ? Object.keys(frame.body.sections) : [],
  );
  expect(sent).toEqual(['os', 'users', 'software']);
  expect(eventsOf(made.server.agent)).toContainEqual(
    expect.objectContaining({ type: 'collector-failed', collector: 'inventory.services' }),
  );
});

/** Text that cannot be compressed to much less than `bytes`. */
function noise(bytes: number): string {
  let state = 1;
  return Buffer.from(
    Uint8Array.from({ length: bytes }, () => (state = (state * 48_271) % 0x7fffffff) >> 8),
  ).toString('base64');
}

test('[LK92] ticks are held as long as the server allows, and sent together', async () => {
  const made = await started({ holdMs: 30_000 });
  await pass(made, 100_000);
  const perFrame = frames(made, 'samples').map((frame) =>
    frame.type === 'samples' ? new Set(frame.samples.map(({ atMs }) => atMs)).size : 0,
  );
  expect(Math.max(...perFrame)).toBe(4);
  expect(made.spool.depth).toBeLessThanOrEqual(1);
});

test('[LK93] a crossing of a wake level, in either direction, sends at once', async () => {
  const made = await started({
    holdMs: 30_000,
    wake: [{ metric: 'cpu.utilisation', instance: null, op: 'above', level: 90 }],
  });
  await pass(made, 35_000);
  for (const value of [95, 20]) {
    const before = cpu(made).length;
    made.machine.cpu = value;
    await pass(made, 10_100);
    expect(cpu(made).at(-1)?.value).toBe(value);
    expect(cpu(made).length).toBeGreaterThan(before);
    // On the same side it is held again.
    const after = frames(made, 'samples').length;
    await pass(made, 10_000);
    expect(frames(made, 'samples').length).toBe(after);
    await pass(made, 25_000);
  }
});

test('[LK93] an event, and somebody who watches, send at once what is held', async () => {
  const made = await started({ holdMs: 30_000 });
  const untilHeld = async () => {
    while (made.spool.heldSinceMs === null) await pass(made, 1_000);
    return cpu(made).length;
  };
  const beforeEvent = await untilHeld();
  made.machine.failing = 'gone';
  // After the second tick, which stands beside the grid, the next is up to 1.5 intervals away.
  await pass(made, 15_100);
  expect(eventsOf(made.server.agent).some(({ type }) => type === 'collector-failed')).toBe(true);
  expect(cpu(made).length).toBeGreaterThan(beforeEvent);
  const beforeWatcher = await untilHeld();
  made.server.session.send({ type: 'live', leaseMs: 5_000, intervalMs: 1_000 });
  await pass(made, 100);
  expect(made.spool.heldSinceMs).toBeNull();
  expect(cpu(made).length).toBeGreaterThan(beforeWatcher);
});

test('[LK132] a value beyond a new wake level is sent at once', async () => {
  const level = { metric: 'cpu.utilisation', instance: null, op: 'above', level: 90 } as const;
  const made = await started({ holdMs: 30_000, wake: [level] });
  made.machine.cpu = 95;
  await pass(made, 45_000);
  const config = { ...FAKE_CONFIG, holdMs: 30_000, wake: [{ ...level, level: 80 }] };
  made.server.session.send({ type: 'configure', config });
  const before = cpu(made).length;
  await pass(made, 10_100);
  expect(cpu(made).length).toBeGreaterThan(before);
});

test('[LK94] a live lease gives samples and processes each second, and ends by itself', async () => {
  const made = await started();
  made.server.session.send({ type: 'live', leaseMs: 5_000, intervalMs: 1_000 });
  await pass(made, 10_000);
  expect(made.server.agent.live.filter(({ metric }) => metric === 'cpu.utilisation')).toHaveLength(5);
  expect(made.server.agent.messages.filter(({ type }) => type === 'processes')).toHaveLength(4);
  made.server.session.send({ type: 'live', leaseMs: 60_000, intervalMs: 1_000 });
  await pass(made, 3_000);
  const { length } = made.server.agent.live;
  made.server.session.send({ type: 'live', leaseMs: 0, intervalMs: 1_000 });
  await pass(made, 5_000);
  expect(made.server.agent.live.length).toBeLessThanOrEqual(length + 1);
  expect(cpu(made).length).toBeGreaterThan(0);
});

test('[LK95] asked for its recording it answers with an event: ten minutes each two seconds, and the processes of that moment', async () => {
  const made = await started();
  made.machine.cpu = 60;
  await pass(made, 700_000);
  made.server.session.send({ type: 'record', requestId: 'r1' });
  await pass(made, 3_000);
  const flight = eventsOf(made.server.agent).find((event) => event.type === 'flight');
  if (flight?.type !== 'flight') throw new Error('a flight event was expected');
  expect(flight.requestId).toBe('r1');
  expect(flight.timesMs).toHaveLength(300);
  expect((flight.timesMs.at(-1) ?? 0) - (flight.timesMs[0] ?? 0)).toBe(598_000);
  expect(flight.series).toMatchObject([{ metric: 'cpu.utilisation', instance: '' }]);
  expect(flight.topProcesses).toMatchObject([{ pid: 1, cpuPercent: 1_000 }]);
});

test('[FP9] a calm machine is recorded each half minute, and each two seconds from the first sign on', async () => {
  const made = await started();
  const looks = () => made.machine.scopes.filter((scope) => scope === 'flight').length;
  await pass(made, 120_000);
  expect(looks()).toBeLessThanOrEqual(6);
  made.machine.cpu = 60;
  await pass(made, 20_000);
  const first = looks();
  made.machine.cpu = 5;
  await pass(made, 110_000);
  expect(looks() - first).toBeGreaterThanOrEqual(54);
  await pass(made, 100_000);
  const calm = looks();
  await pass(made, 100_000);
  expect(looks() - calm).toBeLessThanOrEqual(4);
});

test('[FP14] what is done every half minute goes along with a tick; where ticks are rare it wakes by itself', async () => {
  const made = await started();
  await pass(made, 40_000);
  made.statuses.length = 0;
  await pass(made, 300_000);
  expect(made.statuses.map(({ atMs, lastTickAtMs }) => atMs - (lastTickAtMs ?? 0))).toEqual(
    Array.from({ length: 10 }, () => 10_000),
  );
  made.server.session.send({ type: 'configure', config: { ...FAKE_CONFIG, intervalMs: 300_000 } });
  await pass(made, 1_000);
  made.statuses.length = 0;
  await pass(made, 200_000);
  expect(made.statuses.length).toBeGreaterThanOrEqual(6);
});

test('[LK96] a new configuration holds at once', async () => {
  const made = await started();
  await pass(made, 11_000);
  const before = cpu(made).length;
  made.server.session.send({ type: 'configure', config: { ...FAKE_CONFIG, intervalMs: 1_000 } });
  await pass(made, 10_000);
  expect(cpu(made).length - before).toBeGreaterThanOrEqual(9);
});

test('[AT14] a connection that the agent renews is not told as one that failed', async () => {
  const made = await started();
  await pass(made, 11_000);
  made.server.session.send({ type: 'configure', config: { ...FAKE_CONFIG, intervalMs: 20_000 } });
  await pass(made, 5_000);
  expect(made.log.filter((line) => line.includes('another interval'))).toEqual([
    'connects anew: another interval',
  ]);
  expect(made.log.filter((line) => line.startsWith('not connected'))).toEqual([]);
});

test('[LK97] a clock that is set: what is not yet acknowledged is told in the new time, over a new connection', async () => {
  const made = await started();
  await pass(made, 5_000);
  made.network.down = true;
  made.network.cut();
  await pass(made, 30_000);
  const offline = made.spool.depth;
  expect(offline).toBeGreaterThan(1);
  made.time.jump(3_600_000);
  made.network.down = false;
  await pass(made, 70_000);
  const times = cpu(made).map(({ atMs }) => atMs);
  const gaps = times.slice(1).map((atMs, i) => atMs - (times[i] ?? 0));
  // One step between what had been sent before and the rest; none among the rest.
  expect(gaps.filter((gap) => gap > 3_000_000)).toHaveLength(1);
  expect(gaps.every((gap) => gap > 0)).toBe(true);
  expect(made.server.agent.proofs.length).toBeGreaterThan(1);
});

test('[LK97] a clock that is set while connected makes a new connection, so that the server measures it anew', async () => {
  const made = await started();
  await pass(made, 5_000);
  made.time.jump(-7_200_000);
  await pass(made, 15_000);
  const sentAt = made.server.agent.proofs.map(({ sentAtMs }) => sentAtMs);
  expect(sentAt).toHaveLength(2);
  expect((sentAt[1] ?? 0) - (sentAt[0] ?? 0)).toBeLessThan(-7_000_000);
});

test.each([3_600_000, -3_600_000])(
  '[AT80] what is written between a step of the clock (%i ms) and the next tick has the new time, and is not moved once more',
  async (stepMs) => {
    const made = await started();
    await pass(made, 5_000);
    made.network.down = true;
    made.network.cut();
    made.time.jump(stepMs);
    const saidAtMs = made.time.nowMs();
    made.agent.tell('a word');
    await pass(made, 15_000);
    made.network.down = false;
    await pass(made, 70_000);
    const told = eventsOf(made.server.agent).find(({ type }) => type === 'collector-failed');
    expect(told).toMatchObject({ detail: 'a word', atMs: saidAtMs });
  },
);

test('[AT80] what waits is not dropped as too old by a clock that was set far ahead right before the spool is tidied', async () => {
  const made = await started();
  made.network.down = true;
  made.network.cut();
  await pass(made, 19_500);
  const { depth } = made.spool;
  expect(depth).toBeGreaterThan(0);
  made.time.jump(8 * 86_400_000);
  await pass(made, 40_000);
  expect(made.spool.depth).toBeGreaterThan(depth);
  expect(made.spool.dropped).toBe(0);
});

test('[AT80] a connection that is the first to see the new time moves what waits before it reports what was dropped', async () => {
  const made = await started();
  await pass(made, 5_000);
  const done: string[] = [];
  vi.spyOn(made.spool, 'shiftTimes').mockImplementation((ms) => void done.push(`moved by ${ms}`));
  vi.spyOn(made.spool, 'reportDropped').mockImplementation(() => void done.push('reported'));
  made.network.cut();
  made.time.jump(3_600_000);
  await pass(made, 3_000);
  expect(done[0]).toBe('moved by 3600000');
  expect(done.slice(1)).toContain('reported');
});

test('[LK98] a sleep is told after waking up, and is no jump of the clock', async () => {
  const made = await started();
  await pass(made, 25_000);
  const asleepAt = made.time.nowMs();
  made.time.jump(8 * 3_600_000);
  made.machine.sleptMs += 8 * 3_600_000;
  await pass(made, 15_000);
  const told = eventsOf(made.server.agent).slice(1);
  expect(told).toMatchObject([
    { type: 'stopping', reason: 'sleep' },
    { type: 'started', previous: 'sleep' },
  ]);
  // Noticed with the next tick, and told as much too late.
  expect(Math.abs((told[0]?.atMs ?? 0) - asleepAt)).toBeLessThanOrEqual(10_100);
  expect(cpu(made).filter(({ atMs }) => atMs < asleepAt).length).toBeGreaterThan(0);
});

test('[LK99] on a stop it says why, twice, and waits for the acknowledgement', async () => {
  const made = await started();
  const stopped = made.agent.stop('shutdown');
  await pass(made, 1_000);
  await stopped;
  expect(made.server.agent.messages).toContainEqual(
    expect.objectContaining({ type: 'goodbye', reason: 'shutdown' }),
  );
  expect(eventsOf(made.server.agent).at(-1)).toMatchObject({ type: 'stopping', reason: 'shutdown' });
  expect(made.statuses.at(-1)?.link.state).toBe('stopped');
  await pass(made, 1_000);
  expect(made.time.pending).toBe(0);
});

test('[AT90] a clock that was set right before a stop: what the server is still told is in the time it knows, what stays is in the new one', async () => {
  const stepMs = 3_600_000;
  const made = await started();
  made.server.behaviour.acks = 'manual';
  const kept: string[] = [];
  vi.spyOn(made.spool, 'close').mockImplementation(() => {
    for (let entry = made.spool.next(0); entry !== null; entry = made.spool.next(entry.seq))
      if (entry.type === 'events') kept.push(zstdDecompressSync(entry.body).toString());
  });
  const beforeMs = made.time.nowMs();
  made.time.jump(stepMs);
  const stopped = made.agent.stop('stop');
  await pass(made, 2_100);
  await stopped;
  expect(made.server.agent.messages).toContainEqual(
    expect.objectContaining({ type: 'goodbye', atMs: beforeMs }),
  );
  expect(eventsOf(made.server.agent).at(-1)).toMatchObject({ type: 'stopping', atMs: beforeMs });
  expect(JSON.parse(kept.at(-1) ?? '')).toMatchObject({
    events: [{ type: 'stopping', atMs: beforeMs + stepMs }],
  });
});

test('[AT90] so is a clock that is set while it waits for the acknowledgement', async () => {
  const made = await started();
  made.server.behaviour.acks = 'manual';
  const shiftTimes = vi.spyOn(made.spool, 'shiftTimes');
  const stopped = made.agent.stop('stop');
  made.time.jump(-60_000);
  await pass(made, 2_100);
  await stopped;
  expect(shiftTimes.mock.calls).toEqual([[-60_000]]);
});

test('[AT112] an agent that is uninstalled while it waits for its next attempt tries once more, and its last word is taken', async () => {
  const made = await started();
  made.network.cut();
  made.time.advance(1);
  expect(made.statuses.at(-1)?.link.state).toBe('waiting');
  const stopped = made.agent.stop('uninstall');
  await pass(made, 3_000);
  await stopped;
  expect(made.server.agent.messages).toContainEqual(
    expect.objectContaining({ type: 'goodbye', uninstalled: true }),
  );
  expect(made.statuses.at(-1)).toMatchObject({ goodbyeTaken: 'uninstall', link: { state: 'stopped' } });
});

test('[AT112] where the server is not there, the agent leaves within seconds and says that it was not told', async () => {
  const made = await started();
  made.network.down = true;
  made.network.cut();
  made.time.advance(1);
  const stopped = made.agent.stop('uninstall');
  await pass(made, LAST_ATTEMPT_MS_MAX);
  await stopped;
  expect(made.statuses.at(-1)?.goodbyeTaken).toBeNull();
  expect(made.log.at(-1)).toContain('could not be told');
});

test('[AT112] one that an administrator has not let in tries nothing, and leaves at once', async () => {
  const made = world({});
  made.server.behaviour.approval = true;
  made.agent.start();
  await pass(made, 100);
  expect(made.statuses.at(-1)?.link).toMatchObject({ state: 'online', pendingApproval: true });
  const atMs = made.time.nowMs();
  await made.agent.stop('uninstall');
  expect([made.time.nowMs(), made.statuses.at(-1)?.goodbyeTaken]).toEqual([atMs, null]);
});

test('[WI6] a sleep that is told ends the line with a goodbye and no word is sent until it wakes', async () => {
  const made = await started();
  const told = () => made.server.agent.messages.filter(({ type }) => type === 'goodbye');
  made.agent.sleep();
  made.agent.sleep();
  await pass(made, 5_000);
  expect(told()).toEqual([expect.objectContaining({ reason: 'sleep' })]);
  expect(made.agent.connection.online).toBe(false);
  made.agent.wake();
  made.agent.wake();
  await pass(made, 3_000);
  expect(made.agent.connection.online).toBe(true);
  expect(eventsOf(made.server.agent).slice(-2)).toEqual([
    expect.objectContaining({ type: 'stopping', reason: 'sleep' }),
    expect.objectContaining({ type: 'started', previous: 'sleep' }),
  ]);
});

test('[WI6] a sleep that was told is told once, also where the clocks show it', async () => {
  const made = await started();
  made.agent.sleep();
  made.time.jump(3_600_000);
  made.machine.sleptMs += 3_600_000;
  made.agent.wake();
  await pass(made, 30_000);
  expect(eventsOf(made.server.agent).filter(({ type }) => type === 'stopping')).toHaveLength(1);
});

test('[WI6] a sleep that does not come about ends after 30 s awake', async () => {
  const made = await started();
  made.agent.sleep();
  await pass(made, SLEEP_MS_MAX - 1_000);
  expect(made.agent.connection.online).toBe(false);
  await pass(made, 5_000);
  expect(made.agent.connection.online).toBe(true);
});

test('[LK99] it waits no longer than two seconds, and not at all when it is not connected', async () => {
  const slow = await started();
  slow.server.behaviour.acks = 'manual';
  let done = false;
  const stopped = slow.agent.stop('stop').then(() => {
    done = true;
  });
  await pass(slow, 1_000);
  expect(done).toBe(false);
  await pass(slow, 1_100);
  await stopped;
  const offline = world();
  offline.network.down = true;
  offline.agent.start();
  offline.time.advance(50);
  await offline.agent.stop('stop');
  expect(offline.agent.connection.status.state).toBe('stopped');
});

test('[LK100] a failing collector is reported once, not with each tick', async () => {
  const made = await started();
  made.machine.failing = 'line 3: a number was expected';
  await pass(made, 120_000);
  expect(types(made).filter((type) => type === 'collector-failed')).toHaveLength(1);
  made.machine.failing = 'line 4: a number was expected';
  await pass(made, 61_000);
  expect(types(made).filter((type) => type === 'collector-failed')).toHaveLength(2);
  expect(made.log.filter((line) => line.includes('line 3'))).toHaveLength(1);
});

test('[LK101] status says why it is not connected, what to do, and how much waits', async () => {
  const made = world();
  made.server.tokens.set('T', 0);
  made.agent.start();
  await pass(made, 31_000);
  const status = made.statuses.at(-1);
  expect(status?.lastProblem).toMatchObject({ code: 'token-exhausted', hint: 'a hint' });
  expect(status?.spool.depth).toBeGreaterThan(2);
  expect(made.log.some((line) => line.includes('token-exhausted'))).toBe(true);
});

test('[LK90] what happened offline is delivered in full, once, when the server comes', async () => {
  const made = world();
  made.network.down = true;
  made.agent.start();
  await pass(made, 300_000);
  made.network.down = false;
  await pass(made, 61_000);
  const times = cpu(made).map(({ atMs }) => atMs);
  expect(new Set(times).size).toBe(times.length);
  expect(times.length).toBeGreaterThanOrEqual(30);
  expect(made.server.agent.gaps).toEqual([]);
  const bodies = made.server.agent.frames
    .filter((frame) => frame.type === 'events')
    .flatMap((frame): readonly AgentEvent[] => (frame.type === 'events' ? frame.events : []));
  expect(bodies[0]?.type).toBe('started');
});

test('[WN1] an agent that nobody switched on as a witness offers it not, and refuses when asked all the same', async () => {
  const made = await started();
  for (const session of made.server.sessions) {
    expect(session.received[0]).not.toContain('witness');
    session.send({ type: 'witness', requestId: 'w1', address: '10.0.0.2' });
  }
  await pass(made, 2_000);
  expect(messages(made, 'witnessed')).toEqual([
    { type: 'witnessed', requestId: 'w1', answer: 'refused', by: null, refusal: 'off', gateway: 'unknown' },
  ]);
  made.agent.kill();
});

test('[WN1] one that was switched on offers it and tells what it saw', async () => {
  const asked: string[] = [];
  const made = world(
    {},
    {
      witness: {
        ask: async (address) => {
          asked.push(address);
          return { answer: 'silent', by: null, refusal: null, gateway: 'answers' };
        },
      },
    },
  );
  made.agent.start();
  await pass(made, 100);
  for (const session of made.server.sessions) {
    expect(session.received[0]).toContain('"witness"');
    session.send({ type: 'witness', requestId: 'w1', address: '10.0.0.2' });
  }
  await pass(made, 2_000);
  expect(asked).toEqual(['10.0.0.2']);
  expect(messages(made, 'witnessed')).toMatchObject([{ requestId: 'w1', answer: 'silent' }]);
  made.agent.kill();
});

function messages(made: World, type: string): unknown[] {
  return [...made.server.agents.values()].flatMap((agent) =>
    agent.messages.filter((message) => message.type === type),
  );
}

test('[AT40] on battery ticks go together as far as the server allows, and one by one again on mains', async () => {
  let power: 'battery' | 'mains' = 'battery';
  const made = world({ economyHoldMs: 20_000 }, { surroundings: () => ({ power, line: 'free' }) });
  made.agent.start();
  await pass(made, 100_000);
  const onBattery = frames(made, 'samples').length;
  expect(cpu(made).length).toBeGreaterThanOrEqual(9);
  expect(onBattery).toBeLessThan(8);
  expect(made.agent.status().economy).toMatchObject({ holdMs: 20_000, why: 'on battery' });
  const readings = made.machine.scopes.filter((scope) => scope === 'flight').length;
  expect(readings).toBeLessThanOrEqual(12);
  power = 'mains';
  await pass(made, 60_000);
  const before = frames(made, 'samples').length;
  await pass(made, 60_000);
  expect(frames(made, 'samples').length - before).toBe(6);
  expect(made.log).toContain('saves nothing any more');
});

test('[AT40] on a metered line a live lease is not taken, and one that runs ends', async () => {
  let line: 'metered' | 'free' = 'free';
  const made = world({}, { surroundings: () => ({ power: 'mains', line }) });
  made.agent.start();
  await pass(made, 1_000);
  const lease = () => made.server.session.send({ type: 'live', leaseMs: 120_000, intervalMs: 1_000 });
  lease();
  await pass(made, 5_000);
  expect(made.server.agent.live.length).toBeGreaterThan(0);
  line = 'metered';
  await pass(made, 31_000);
  const live = made.server.agent.live.length;
  lease();
  await pass(made, 10_000);
  expect(made.server.agent.live.length).toBe(live);
  expect(made.agent.economy.downloads).toBe(false);
});

test('[AT30] what the agent has to tell of itself is an event and a line in the log', async () => {
  const made = await started();
  made.agent.tell('takes too much');
  await pass(made, 100);
  expect(eventsOf(made.server.agent)).toContainEqual(
    expect.objectContaining({ type: 'collector-failed', collector: 'agent', detail: 'takes too much' }),
  );
  expect(made.log).toContain('takes too much');
});
