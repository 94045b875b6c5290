import { expect, test } from 'vitest';
import { FakeNetwork } from '../../test/wire-fake-socket.ts';
import { eventsOf, FakeServer, samplesOf } from '../../test/wire-server-fake.ts';
import { Connection, type ConnectionEvents, type LinkStatus, REFUSED_RETRY_MS } from './connection.ts';
import { type Identity, memoryIdentity } from './identity.ts';
import { Spool } from './spool.ts';
import { FakeTime } from './time-fake.ts';
import type { InstalledRelease } from '@muster/shared/wire/agent-messages.ts';
import { SILENCE_MS_MAX, UNACKED_FRAMES_MAX, UNACKED_VALUES_MAX } from '@muster/shared/wire/limits.ts';

let seed = 1;
const bytes = (count: number) =>
  Uint8Array.from({ length: count }, () => (seed = (seed * 48271) % 0x7fffffff) & 255);

interface World {
  readonly time: FakeTime;
  readonly server: FakeServer;
  readonly network: FakeNetwork;
  readonly spool: Spool;
  readonly identity: Identity;
  readonly connection: Connection;
  readonly statuses: LinkStatus[];
  readonly log: string[];
  readonly tick: (value?: number) => void;
}

interface Setup {
  readonly server?: FakeServer;
  readonly time?: FakeTime;
  readonly spool?: Spool;
  readonly identity?: Identity;
  readonly token?: string | null;
  readonly serverKey?: string | null;
  readonly firstSight?: boolean;
  readonly unit?: () => number;
  readonly release?: InstalledRelease;
  readonly on?: Partial<ConnectionEvents>;
}

function world(setup: Setup = {}): World {
  const time = setup.time ?? new FakeTime();
  const server = setup.server ?? new FakeServer({ nowMs: time.nowMs });
  server.tokens.set('T', 1000);
  const network = new FakeNetwork(server, time);
  const spool = setup.spool ?? new Spool({ path: ':memory:', nowMs: time.nowMs, randomBytes: bytes });
  const identity = setup.identity ?? memoryIdentity();
  const statuses: LinkStatus[] = [];
  const log: string[] = [];
  const connection = new Connection({
    open: network.open,
    spool,
    identity,
    serverKey: setup.serverKey === undefined ? server.key : setup.serverKey,
    firstSight: setup.firstSight ?? false,
    token: setup.token === undefined ? 'T' : setup.token,
    capabilities: ['hold', 'live', 'flight'],
    facts: { agentVersion: '0.1.0', hostname: 'pc-1', platform: 'linux', bootId: 'boot-1' },
    release: () => setup.release ?? null,
    nowMs: time.nowMs,
    elapsedMs: time.elapsedMs,
    timers: time.timers,
    random: { unit: setup.unit ?? (() => 0.5), bytes },
    on: {
      accepted: () => log.push('accepted'),
      acknowledged: (seq) => log.push(`ack ${seq}`),
      configured: () => log.push('configured'),
      live: (leaseMs) => log.push(`live ${leaseMs}`),
      record: (requestId) => log.push(`record ${requestId}`),
      witness: (requestId, address) => log.push(`witness ${requestId} ${address}`),
      upgrade: ({ serial, version }) => log.push(`upgrade ${serial} ${version}`),
      rollBack: (serial) => log.push(`roll back ${serial}`),
      skew: () => undefined,
      restored: (serverSeq, ownSeq) => log.push(`restored ${serverSeq} ${ownSeq}`),
      status: (status) => statuses.push(status),
      ...setup.on,
    },
  });
  let next = 0;
  return {
    time,
    server,
    network,
    spool,
    identity,
    connection,
    statuses,
    log,
    tick: (value = next++) => {
      spool.appendTick(time.nowMs(), [{ metric: 'memory.used', instance: '', value }]);
      connection.pump();
    },
  };
}

function online(setup: Setup = {}): World {
  const made = world(setup);
  made.connection.start();
  made.time.advance(100);
  expect(made.connection.status.state).toBe('online');
  return made;
}

function problem(made: World): string {
  const { status } = made.connection;
  return status.state === 'waiting' ? status.problem.code : status.state;
}

const values = (server: FakeServer) => samplesOf(server.agent).map((sample) => sample.value);

test('[LK20] an agent enrols with its token, sends, is acknowledged and forgets', () => {
  const { time, server, spool, tick, identity } = online();
  tick(1);
  tick(2.4);
  time.advance(100);
  expect(values(server)).toEqual([1, 2]);
  expect(spool.depth).toBe(0);
  expect(server.agent.proofs[0]?.token).toBe('T');
  expect(identity.enrolledWith).toBe(server.key);
});

test('[LK21] after the enrolment it resumes, and the token is sent no more', () => {
  const { time, server, network } = online();
  network.cut();
  time.advance(2_000);
  expect(server.agent.proofs).toHaveLength(2);
  expect(server.agent.proofs[1]).not.toHaveProperty('token');
});

test('[LK22] lost acknowledgements: only what the server has not is sent again, and stored once', () => {
  const { time, server, network, spool, tick } = online();
  server.behaviour.acks = 'manual';
  for (let i = 1; i <= 5; i++) tick(i);
  time.advance(50);
  expect(spool.depth).toBe(5);
  network.cut();
  for (let i = 6; i <= 8; i++) tick(i);
  time.advance(2_000);
  expect(server.session.received.filter((data) => typeof data !== 'string')).toHaveLength(3);
  server.session.acknowledge();
  time.advance(50);
  expect(spool.depth).toBe(0);
  expect(values(server)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(server.agent.duplicates).toBe(0);
});

test('[LK23] frames lost on the way are sent again in the same order under the same numbers', () => {
  const { time, server, network, tick } = online();
  tick(1);
  time.advance(50);
  tick(2);
  network.cut();
  tick(3);
  time.advance(2_000);
  expect(values(server)).toEqual([1, 2, 3]);
  expect(server.agent.frames.map((frame) => frame.seq)).toEqual([1, 2, 3]);
  expect(server.agent.gaps).toEqual([]);
});

test('[LK24] a frame whose number the server has already is acknowledged again without effect', () => {
  const { time, server, network, tick, spool } = online();
  tick(1);
  time.advance(50);
  tick(2);
  tick(3);
  // The server tells less than it has, as after a crash between its journal and its answer.
  server.behaviour.tamper = (message, text) =>
    message.type === 'accepted' ? JSON.stringify({ ...message, lastSeq: 1 }) : text;
  server.behaviour.acks = 'manual';
  time.advance(50);
  network.cut();
  time.advance(2_000);
  expect(server.agent.duplicates).toBe(2);
  server.session.acknowledge();
  time.advance(50);
  expect(spool.depth).toBe(0);
  expect(values(server)).toEqual([1, 2, 3]);
});

test('[LK25] no more than the window is in flight; each acknowledgement lets the next ones go', () => {
  const { time, server, tick } = online();
  server.behaviour.acks = 'manual';
  for (let i = 0; i < UNACKED_FRAMES_MAX + 50; i++) tick(i);
  time.advance(50);
  expect(server.agent.frames).toHaveLength(UNACKED_FRAMES_MAX);
  server.session.acknowledge();
  time.advance(50);
  expect(server.agent.frames).toHaveLength(UNACKED_FRAMES_MAX + 50);
});

test('[LK126] values that cost next to nothing on the wire do not fill the memory of the server: their number has a limit too', () => {
  const { time, server, spool, connection } = online();
  server.behaviour.acks = 'manual';
  const samples = Array.from({ length: 5_000 }, (_, i) => ({
    metric: 'network.received.errors' as const,
    instance: `e${i}`,
    value: 7,
  }));
  const ticks = 250;
  for (let i = 0; i < ticks; i++) spool.appendTick(time.nowMs(), samples);
  connection.pump();
  time.advance(50);
  const sent = () => server.agent.frames.length;
  expect(ticks).toBeLessThan(UNACKED_FRAMES_MAX);
  expect((sent() - 1) * samples.length).toBeLessThan(UNACKED_VALUES_MAX);
  expect(sent() * samples.length).toBeGreaterThanOrEqual(UNACKED_VALUES_MAX);
  server.session.acknowledge();
  time.advance(50);
  expect(sent()).toBe(ticks);
});

test('[LK26] an acknowledgement of what was never sent ends the connection', () => {
  const made = online();
  made.server.session.send({ type: 'ack', seq: 99 });
  made.time.advance(20);
  expect(problem(made)).toBe('protocol');
});

test('[LK27] a restored image begins a new epoch: old entries count as acknowledged, this run keeps its own', () => {
  const { time, server, network, identity, spool, connection } = online();
  for (let i = 1; i <= 3; i++)
    spool.appendTick(time.nowMs(), [{ metric: 'memory.used', instance: '', value: i }]);
  connection.pump();
  time.advance(50);
  const { epoch } = spool;
  network.cut();
  connection.stop();
  // The same agent from an image of the time when it had written nothing, but with its epoch.
  server.agent.lastSeq.set(epoch, 500);
  const restored = world({ server, time, identity, spool: spoolOfEpoch(time, epoch) });
  restored.tick(100);
  restored.tick(101);
  restored.connection.start();
  time.advance(100);
  expect(restored.spool.epoch).not.toBe(epoch);
  expect(restored.log).toContain('restored 500 0');
  expect(server.agent.messages).toContainEqual({ type: 'epoch', epoch: restored.spool.epoch });
  expect(server.agent.frames.slice(3).map(({ epoch: of, seq }) => [of, seq])).toEqual([
    [restored.spool.epoch, 1],
    [restored.spool.epoch, 2],
  ]);
  expect(values(server)).toEqual([1, 2, 3, 100, 101]);
});

test('[LK27] a spool that lost its last numbers gives them anew: what was never sent is not taken for what the server has', () => {
  const { time, server, network, identity, spool, connection } = online();
  spool.appendTick(time.nowMs(), [{ metric: 'memory.used', instance: '', value: 1 }]);
  connection.pump();
  time.advance(50);
  const { epoch } = spool;
  network.cut();
  connection.stop();
  const restored = world({ server, time, identity, spool: spoolOfEpoch(time, epoch) });
  for (const value of [100, 101, 102]) restored.tick(value);
  restored.connection.start();
  time.advance(100);
  expect(restored.log).toContain('restored 1 0');
  expect(values(server)).toEqual([1, 100, 101, 102]);
});

function spoolOfEpoch(time: FakeTime, epoch: string): Spool {
  let first = true;
  const randomBytes = (count: number) => {
    const chosen = first ? Buffer.from(epoch, 'hex') : bytes(count);
    first = false;
    return chosen;
  };
  return new Spool({ path: ':memory:', nowMs: time.nowMs, randomBytes });
}

test('[LK28] back-off has full jitter from 1 s to 60 s and starts anew after a stable connection', () => {
  const delays: number[] = [];
  const made = world({
    unit: () => 1,
    on: {
      status: (status) => {
        if (status.state === 'waiting') delays.push(status.untilMs - made.time.nowMs());
      },
    },
  });
  made.network.down = true;
  made.connection.start();
  made.time.advance(400_000);
  expect(delays.slice(0, 9)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  made.network.down = false;
  made.time.advance(100_000);
  expect(made.connection.online).toBe(true);
  keepAlive(made, 40_000);
  delays.length = 0;
  made.network.cut();
  expect(delays).toEqual([1_000]);
});

/** The server's clock message stands for its pings here. */
function keepAlive(made: World, durationMs: number): void {
  for (let passed = 0; passed < durationMs; passed += 10_000) {
    made.server.session.send({ type: 'clock', serverTimeMs: made.time.nowMs() });
    made.time.advance(10_000);
  }
}

test('[LK29] the pause that the server asks for comes on top of the back-off', () => {
  const made = world();
  made.server.behaviour.refuse = { code: 'busy', retryAfterMs: 30_000 };
  made.connection.start();
  made.time.advance(50);
  expect(problem(made)).toBe('busy');
  const { opened } = made.network;
  made.time.advance(30_000);
  expect(made.network.opened).toBe(opened);
  made.time.advance(1_000);
  expect(made.network.opened).toBe(opened + 1);
});

test.each([
  ['token-unknown', 'wrong'],
  ['token-exhausted', 'used'],
] as const)('[LK30] %s is not tried again for a quarter of an hour, and status says so', (code, token) => {
  const made = world({ token });
  made.server.tokens.set('used', 0);
  made.connection.start();
  made.time.advance(50);
  expect(problem(made)).toBe(code);
  expect(made.network.opened).toBe(1);
  made.time.advance(REFUSED_RETRY_MS * 0.8);
  expect(made.network.opened).toBe(1);
  made.time.advance(REFUSED_RETRY_MS * 0.4);
  expect(made.network.opened).toBeGreaterThan(1);
});

test('[LK31] an agent that the server has forgotten enrols again with its token, once, at once', () => {
  const made = online();
  made.server.agents.clear();
  made.network.cut();
  made.time.advance(4_000);
  expect(made.connection.online).toBe(true);
  expect(made.server.agent.proofs[0]?.token).toBe('T');
});

test('[LK32] without a token it says what to do instead of trying', () => {
  const made = world({ token: null });
  made.connection.start();
  made.time.advance(50);
  expect(problem(made)).toBe('no-token');
  expect(made.network.opened).toBe(0);
});

const OTHER_KEY = 'A'.repeat(43);

test('[AT111] a key in the configuration other than that of the own server is what is wrong, not the missing token', () => {
  const identity = memoryIdentity();
  identity.enrolled(OTHER_KEY);
  const made = world({ token: null, identity });
  made.connection.start();
  made.time.advance(50);
  expect(made.connection.status).toMatchObject({
    problem: {
      code: 'server-key-changed',
      detail: expect.stringContaining(OTHER_KEY),
      hint: expect.stringContaining('"serverKey"'),
    },
  });
  expect(made.network.opened).toBe(0);
});

test('[AT111] with a token it asks the server, and tells a key that only the configuration disagrees with', () => {
  const made = world({ serverKey: OTHER_KEY });
  made.identity.enrolled(made.server.key);
  made.connection.start();
  made.time.advance(50);
  expect(problem(made)).toBe('server-key-changed');
  expect(made.server.agents.size).toBe(0);
});

test('[LK33] without the key of a server that is not on this machine nothing is sent', () => {
  const made = world({ serverKey: null });
  made.connection.start();
  made.time.advance(50);
  expect(problem(made)).toBe('server-key-unknown');
  expect(made.network.opened).toBe(0);
});

test('[LK34] on this machine the first server is trusted, and from then on no other', () => {
  const made = online({ serverKey: null, firstSight: true });
  expect(made.identity.trustedAtFirstSight).toBe(made.server.key);
  made.connection.stop();
  const other = world({ serverKey: null, firstSight: true, identity: made.identity, time: made.time });
  other.connection.start();
  other.time.advance(50);
  expect(problem(other)).toBe('server-key-mismatch');
  expect(other.server.agents.size).toBe(0);
});

test('[LK35] silence of three pings ends the connection; pings keep it', () => {
  const made = online();
  keepAlive(made, 2 * SILENCE_MS_MAX);
  expect(made.connection.online).toBe(true);
  made.time.advance(SILENCE_MS_MAX + 10);
  expect(made.statuses.some((status) => status.state === 'waiting' && status.problem.code === 'silent')).toBe(
    true,
  );
});

test('[LK36] a handshake that hangs is given up after 10 s', () => {
  const made = world();
  made.server.behaviour.tamper = (message, text) => (message.type === 'accepted' ? null : text);
  made.connection.start();
  made.time.advance(9_900);
  expect(made.connection.status.state).toBe('connecting');
  made.time.advance(200);
  expect(problem(made)).toBe('timeout');
});

test('[LK37] while an administrator has to approve, nothing is sent; then all of it', () => {
  const made = world();
  made.server.behaviour.approval = true;
  made.connection.start();
  made.tick(1);
  made.time.advance(100);
  made.tick(2);
  made.time.advance(100);
  expect(made.server.agent.frames).toEqual([]);
  made.server.agent.pending = false;
  made.server.session.sendAccepted();
  made.time.advance(100);
  expect(values(made.server)).toEqual([1, 2]);
});

test('[LK38] messages of the session reach the agent; a message out of turn ends it', () => {
  const made = online();
  made.server.session.send({ type: 'live', leaseMs: 30_000, intervalMs: 1_000 });
  made.server.session.send({ type: 'record', requestId: 'r1' });
  made.time.advance(20);
  expect(made.log).toEqual(['accepted', 'live 30000', 'record r1']);
  made.server.session.sendAccepted();
  made.time.advance(20);
  expect(problem(made)).toBe('protocol');
});

test('[LK39] a frame that the server refuses again and again is found and dropped, its neighbours are not', () => {
  const made = world();
  for (let i = 1; i <= 5; i++) made.tick(i);
  made.server.behaviour.refuseFrame = (frame) => (frame.seq === 3 ? 'frame-invalid' : null);
  made.connection.start();
  made.time.advance(120_000);
  expect(values(made.server)).toEqual([1, 2, 4, 5]);
  expect(made.spool.dropped).toBe(1);
  expect(eventsOf(made.server.agent)).toMatchObject([{ type: 'dropped', frames: 1, why: 'spool-corrupt' }]);
});

test('[LK40] live samples share the dictionary of the connection and leave the order alone', () => {
  const made = online();
  made.tick(1);
  made.connection.sendLive(made.time.nowMs(), [
    { metric: 'cpu.utilisation', instance: '', value: 12.5 },
    { metric: 'memory.used', instance: '', value: 7 },
  ]);
  made.tick(2);
  made.time.advance(50);
  expect(made.server.agent.live.map(({ metric, value }) => [metric, value])).toEqual([
    ['memory.used', 7],
    ['cpu.utilisation', 12.5],
  ]);
  expect(values(made.server)).toEqual([1, 2]);
});

test('[LK41] any cut of the line at any message: everything arrives once and in order', () => {
  for (let delivered = 0; delivered < 14; delivered++) {
    const made = world();
    made.network.deliver = delivered;
    made.connection.start();
    for (let i = 1; i <= 6; i++) {
      made.tick(i);
      made.time.advance(3);
    }
    made.network.cut();
    made.network.deliver = null;
    made.time.advance(5_000);
    expect(values(made.server)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(made.spool.depth).toBe(0);
  }
});

test('[LK42] stop closes at once and no timer is left', () => {
  const made = online();
  made.connection.stop();
  made.time.advance(100);
  expect(made.connection.status.state).toBe('stopped');
  expect(made.time.pending).toBe(0);
});
