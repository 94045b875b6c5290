import { randomBytes } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { AgentToServer, Configured, InstalledRelease } from '@muster/shared/wire/agent-messages.ts';
import { REFUSALS } from '@muster/shared/wire/server-messages.ts';
import { CONTROL_BYTES_MAX, HANDSHAKE_MS_MAX, SILENCE_MS_MAX } from '@muster/shared/wire/limits.ts';
import { expect, test } from 'vitest';
import {
  Admission,
  BUSY_RETRY_MS_MAX,
  HANDSHAKES_IN_FLIGHT_MAX,
  HANDSHAKES_PER_SECOND_MAX,
  TURN_WAIT_MS_MAX,
  UNPROVEN_PER_ADDRESS_MAX,
} from './admission.ts';
import { SEEN_FLUSH_MS } from '../fleet/fleet.ts';
import { AGENT_CONFIG_DEFAULT } from './agent-hub.ts';
import {
  AGENT_BUFFERED_BYTES_MAX,
  CLOSE_MS_MAX,
  LOOSE_MESSAGES_PER_SECOND_MAX,
  UPGRADING_PER_MINUTE_MAX,
} from './agent-socket.ts';
import {
  connect,
  createWorld,
  enrol,
  FakeSocket,
  newKeys,
  settle,
  START_MS,
  STOPPING,
  TestSession,
  until,
  type World,
} from './testing.ts';

const OTHER_EPOCH = 'b'.repeat(16);

function refusals(world: World): unknown[] {
  return world.audit.filter(({ action }) => action === 'agent.refused').map(({ detail }) => detail['code']);
}

test('[FL1] an agent with a token is let in, and comes back without it', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world);
  const accepted = session.socket.last('accepted');
  expect(accepted).toMatchObject({
    agentId: keys.agentId,
    lastSeq: 0,
    pendingApproval: false,
    serverTimeMs: START_MS,
  });
  expect(world.audit).toMatchObject([
    {
      actor: `agent:${keys.agentId}`,
      action: 'agent.enrolled',
      detail: { hostname: 'pc-1', address: '10.0.0.1' },
    },
  ]);
  session.connection.closed();
  await settle();
  const again = await connect(world, keys);
  expect(again.socket.last('accepted').agentId).toBe(keys.agentId);
});

test.each([
  ['goes', (session: TestSession) => session.connection.closed(), undefined],
  ['says something else', (session: TestSession) => session.sendHello(), 'protocol'],
])(
  '[FL2] an agent that %s while its signature is checked leaves nothing behind',
  async (_what, act, refusal) => {
    let decide: (isSigned: boolean) => void = () => {};
    const world = createWorld({ isSigned: () => new Promise((resolve) => (decide = resolve)) });
    for (const isSigned of [true, false]) {
      const session = new TestSession(world, newKeys(), { token: await world.token() });
      session.sendHello();
      session.connection.text(session.proofText());
      await settle();
      expect(session.socket.messages('accepted')).toHaveLength(0);
      act(session);
      decide(isSigned);
      await settle();
      session.connection.closed();
      expect(session.refusal).toBe(refusal);
      expect(session.socket.messages('accepted')).toHaveLength(0);
      expect(world.admission.unproven).toBe(0);
      expect(world.admission.isCrowded).toBe(false);
    }
    expect((await world.store.agents({ limit: 10, cursor: undefined, state: undefined })).items).toEqual([]);
    // A wrong proof is told of although nobody waits for the answer.
    expect(refusals(world)).toContain('proof-invalid');
  },
);

test('[FL6] enrolling again with a known key takes no use of the token', async () => {
  const world = createWorld();
  const token = await world.token({ usesMax: 1 });
  const keys = newKeys();
  const first = await connect(world, keys, { token });
  first.connection.closed();
  await settle();
  const second = await connect(world, keys, { token });
  expect(second.socket.last('accepted').agentId).toBe(keys.agentId);
  expect((await connect(world, newKeys(), { token })).refusal).toBe('token-exhausted');
});

test.each([
  ['token-unknown', async (world: World) => `${(await world.token()).slice(0, -1)}x`],
  ['token-unknown', async (world: World) => flipped(await world.token())],
  ['token-unknown', async () => 'rubbish'],
  ['token-unknown', async (world: World) => revoked(world, await world.token())],
  ['token-expired', async (world: World) => later(world, await world.token({ expiresInHours: 1 }))],
  ['token-exhausted', async (world: World) => used(world, await world.token({ usesMax: 1 }))],
] as const)(
  '[FL4] %s: no agent comes of it, the reason is told and audited (%#)',
  async (code, makeToken) => {
    const world = createWorld();
    const token = await makeToken(world);
    const keys = newKeys();
    const session = await connect(world, keys, { token });
    expect(session.socket.closed).toEqual({ code: REFUSALS[code].close, reason: code });
    expect(session.socket.last('refused')).toMatchObject({
      code,
      detail: expect.any(String),
      hint: expect.stringContaining('Add a machine'),
    });
    expect(JSON.stringify(session.socket.last('refused'))).not.toContain(token);
    expect(await world.store.agent(keys.agentId)).toBeNull();
    expect(refusals(world)).toEqual([code]);
  },
);

test('[FL17] an agent that does not believe this server leaves a trace, and nothing else', async () => {
  const world = createWorld();
  const declined = (code: number, reason: string) => {
    const session = new TestSession(world, newKeys(), { info: { address: '192.0.2.7' } });
    session.sendHello();
    session.connection.closed(code, reason);
  };
  declined(4401, 'server-key-mismatch');
  declined(4401, 'x'.repeat(120));
  declined(1000, 'server-key-mismatch');
  const early = new TestSession(world, newKeys());
  early.connection.closed(4401, 'server-key-mismatch');
  await settle();
  expect(world.audit).toMatchObject([
    {
      actor: 'system',
      action: 'agent.declined',
      subject: '192.0.2.7',
      detail: { code: 'server-key-mismatch', address: '192.0.2.7' },
    },
    { action: 'agent.declined', detail: { code: 'not-told' } },
  ]);
  expect(world.audit[0]?.detail['detail']).toMatch(/trusts another server/);
});

test('[FL17] disbelief shares the limit of refusals', async () => {
  const world = createWorld();
  for (let i = 0; i < 30; i++) {
    const session = new TestSession(world, newKeys(), { info: { address: '192.0.2.7' } });
    session.sendHello();
    session.connection.closed(4401, 'server-key-mismatch');
  }
  await settle();
  expect(world.audit).toHaveLength(20);
});

test('[FL9] an unknown agent that resumes is not enrolled', async () => {
  const world = createWorld();
  const session = await connect(world, newKeys());
  expect(session.socket.closed).toEqual({ code: 4404, reason: 'not-enrolled' });
  expect(refusals(world)).toEqual(['not-enrolled']);
});

test('[FL7] revoking closes the connection at once, and the key is never taken again', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world);
  await world.fleet.revoke(keys.agentId, world.clock.now());
  expect(session.socket.closed).toEqual({ code: 4410, reason: 'revoked' });
  expect((await connect(world, keys)).refusal).toBe('revoked');
  expect((await connect(world, keys, { token: await world.token() })).refusal).toBe('revoked');
  expect(refusals(world)).toEqual(['revoked', 'revoked', 'revoked']);
});

test('[FL7] a revocation during the handshake is not missed', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world);
  session.connection.closed();
  await settle();
  const again = new TestSession(world, keys);
  again.sendHello();
  again.sendProof();
  await world.fleet.revoke(keys.agentId, world.clock.now());
  await settle();
  expect(again.refusal).toBe('revoked');
  expect(world.link.agents.connected(keys.agentId)).toBeNull();
});

test('[FL7] with approval nothing is taken until an administrator agrees; then on the same connection', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world, newKeys(), { token: await world.token({ approval: true }) });
  expect(session.socket.last('accepted')).toMatchObject({ pendingApproval: true, lastSeq: 0, inventory: {} });
  expect(world.calls('connected')).toEqual([]);
  await world.fleet.approve(keys.agentId, world.clock.now());
  await settle();
  expect(session.socket.messages('accepted').map(({ pendingApproval }) => pendingApproval)).toEqual([
    true,
    false,
  ]);
  session.samples(1);
  await settle();
  expect(session.acked).toBe(1);
});

test('[FL7] data from a waiting agent is refused, and stays nowhere', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world, newKeys(), { token: await world.token({ approval: true }) });
  session.samples(1);
  await settle();
  expect(session.refusal).toBe('protocol');
  expect(world.metrics.asked).toEqual([]);
  expect((await world.store.agent(keys.agentId))?.state).toBe('pending');
});

test('[FL3] both ends of the version range are honoured', async () => {
  const world = createWorld();
  const token = await world.token();
  expect((await connect(world, newKeys(), { token, versions: [1, 9] })).socket.last('welcome').version).toBe(
    1,
  );
  const newer = await connect(world, newKeys(), { token, versions: [2, 3] });
  expect(newer.socket.closed).toEqual({ code: 4426, reason: 'version-unsupported' });
  expect(newer.socket.last('refused').detail).toContain('2 to 3');
  const backwards = await connect(world, newKeys(), { token, versions: [3, 1] });
  expect(backwards.refusal).toBe('version-unsupported');
});

test('[FL2] a handshake that is not done in time ends', async () => {
  const world = createWorld();
  const silent = new TestSession(world, newKeys());
  const half = new TestSession(world, newKeys());
  half.sendHello();
  await world.seconds(HANDSHAKE_MS_MAX / 1_000 - 1);
  expect(silent.socket.closed).toBeNull();
  await world.seconds(1);
  expect([silent.refusal, half.refusal]).toEqual(['handshake-timeout', 'handshake-timeout']);
  await world.seconds(CLOSE_MS_MAX / 1_000);
  expect(silent.socket.terminated).toBe(true);
});

test.each([
  ['protocol', (session: TestSession) => session.send({ type: 'goodbye', reason: 'stop', atMs: 1 })],
  ['protocol', (session: TestSession) => session.connection.text('not json')],
  ['protocol', (session: TestSession) => session.connection.text('{"type":"hello"}')],
  ['protocol', (session: TestSession) => session.connection.binary(new Uint8Array([1, 1, 0, 0]))],
  ['frame-too-large', (session: TestSession) => session.connection.text('x'.repeat(CONTROL_BYTES_MAX + 1))],
  [
    'frame-too-large',
    (session: TestSession) => session.connection.text('é'.repeat(CONTROL_BYTES_MAX / 2 + 1)),
  ],
] as const)('[FL2] before it has proved anything: %s (%#)', async (code, act) => {
  const world = createWorld();
  const session = new TestSession(world, newKeys());
  act(session);
  expect(session.socket.closed).toEqual({ code: REFUSALS[code].close, reason: code });
  session.sendHello();
  expect(session.socket.messages('welcome')).toEqual([]);
});

test('[FL11] a half-open older connection is cut and the newer one taken, without a finding', async () => {
  const world = createWorld();
  const { keys, session: older } = await enrol(world);
  older.samples(1);
  await settle();
  const newer = await connect(world, keys, { proof: { lastSeq: 1 } });
  expect(older.socket.pings).toHaveLength(1);
  expect(newer.socket.messages('accepted')).toEqual([]);
  await world.seconds(3);
  expect(older.socket.terminated).toBe(true);
  expect(newer.socket.last('accepted').lastSeq).toBe(1);
  expect((await world.store.agent(keys.agentId))?.findings).toEqual([]);
  expect(world.sinkCalls.map(({ name }) => name)).toEqual([
    'connected',
    'samples',
    'disconnected',
    'connected',
  ]);
});

test('[FL11] the older one closing during the question is a plain reconnect', async () => {
  const world = createWorld();
  const { keys, session: older } = await enrol(world);
  const newer = await connect(world, keys);
  older.connection.closed();
  await settle();
  expect(newer.socket.messages('accepted')).toHaveLength(1);
  expect((await world.store.agent(keys.agentId))?.findings).toEqual([]);
});

test('[FL11] only the answer to this very question counts', async () => {
  const world = createWorld();
  const { keys, session: older } = await enrol(world);
  const newer = await connect(world, keys);
  older.connection.pong(new Uint8Array(0));
  older.connection.pong(randomBytes(16));
  await world.seconds(3);
  expect(newer.socket.messages('accepted')).toHaveLength(1);
});

test('[FL11] two machines online with one key: a finding, an audit entry, both sent away', async () => {
  const world = createWorld();
  const { keys, session: older } = await enrol(world);
  const newer = await connect(world, keys, { info: { address: '10.0.0.2' }, proof: { hostname: 'pc-copy' } });
  older.connection.pong(older.socket.pings[0] as Uint8Array);
  await settle();
  for (const { socket } of [older, newer])
    expect(socket.closed).toEqual({ code: 4409, reason: 'cloned-identity' });
  const agent = await world.store.agent(keys.agentId);
  expect(agent?.findings).toMatchObject([{ kind: 'cloned-identity', atMs: START_MS }]);
  expect(agent?.findings[0]?.detail).toMatch(/10\.0\.0\.1 \(pc-1\) and 10\.0\.0\.2 \(pc-copy\)/);
  expect(world.audit.filter(({ action }) => action === 'agent.finding')).toMatchObject([
    { subject: keys.agentId, detail: { kind: 'cloned-identity' } },
  ]);
  expect(refusals(world)).toEqual(['cloned-identity', 'cloned-identity']);
  expect((await connect(world, keys)).socket.messages('accepted')).toHaveLength(1);
});

test('[FL11] copies that are online in turn show in their epochs', async () => {
  const world = createWorld();
  const { keys, session: original } = await enrol(world);
  for (const seq of [1, 2, 3]) original.samples(seq);
  await settle();
  original.connection.closed();
  await settle();
  const copy = await connect(world, keys, { proof: { epoch: OTHER_EPOCH } });
  copy.connection.closed();
  await settle();
  const back = await connect(world, keys, { proof: { lastSeq: 9 } });
  expect(back.socket.last('accepted').lastSeq).toBe(3);
  expect((await world.store.agent(keys.agentId))?.findings).toMatchObject([
    { kind: 'cloned-identity', detail: expect.stringContaining('in turn') },
  ]);
});

test('[FL12] a restored image is found, told its true position, and goes on in a new epoch', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world);
  for (const seq of [1, 2, 3, 4, 5]) session.samples(seq, START_MS + seq);
  await settle();
  session.connection.closed();
  await settle();
  const restored = await connect(world, keys, { proof: { lastSeq: 2 } });
  expect(restored.socket.last('accepted').lastSeq).toBe(5);
  expect((await world.store.agent(keys.agentId))?.findings).toMatchObject([{ kind: 'restored-image' }]);
  expect(world.audit.at(-1)).toMatchObject({ action: 'agent.finding', detail: { kind: 'restored-image' } });
  restored.send({ type: 'epoch', epoch: OTHER_EPOCH });
  restored.samples(1, START_MS + 100);
  await settle();
  expect(restored.acked).toBe(1);
  expect(await world.store.agent(keys.agentId)).toMatchObject({ epoch: OTHER_EPOCH, missingFrames: 0 });
});

test('[FL12] a plain reconnect is no restored image', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world);
  session.samples(1);
  await settle();
  session.connection.closed();
  await settle();
  await connect(world, keys, { proof: { lastSeq: 1 } });
  expect((await world.store.agent(keys.agentId))?.findings).toEqual([]);
});

test('[IG2] what the old connection has under way is durable before the new one is told where to go on', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world);
  session.inventory(1);
  await until(() => session.acked === 1);
  world.metrics.hold = true;
  session.samples(2);
  session.connection.closed();
  await settle();
  const again = await connect(world, keys, { proof: { lastSeq: 2 } });
  expect(again.socket.messages('accepted')).toEqual([]);
  world.metrics.release();
  await settle();
  expect(again.socket.last('accepted').lastSeq).toBe(2);
  expect(world.sinkCalls.map(({ name }) => name)).toEqual([
    'connected',
    'samples',
    'disconnected',
    'connected',
  ]);
});

test('[FL13] an agent whose data comes and is acknowledged is not pinged; a silent one is, also where data came rarely', async () => {
  const world = createWorld();
  const { session } = await enrol(world);
  for (let seq = 1; seq <= 12; seq++) {
    session.samples(seq);
    await world.seconds(10);
    expect(session.acked).toBe(seq);
  }
  expect(session.socket.pings).toHaveLength(0);
  await world.seconds(4);
  expect(session.socket.pings).toHaveLength(0);
  await world.seconds(2);
  expect(session.socket.pings).toHaveLength(1);
  expect(session.socket.messages('clock')).toHaveLength(1);
  await world.seconds(28);
  expect(session.socket.terminated).toBe(false);
  await world.seconds(2);
  expect(session.socket.terminated).toBe(true);
});

test('[FL13] data held for 30 s needs no ping in between, also where one comes a second late or early, data every minute does', async () => {
  const world = createWorld();
  const { session } = await enrol(world);
  session.samples(1);
  await world.seconds(30);
  session.samples(2);
  const first = session.socket.pings.length;
  for (const [i, lateSeconds] of [30, 31, 29, 30, 31].entries()) {
    await world.seconds(lateSeconds);
    session.samples(3 + i);
  }
  expect(session.socket.pings).toHaveLength(first);
  const before = session.socket.pings.length;
  for (let seq = 8; seq <= 10; seq++) {
    for (let second = 0; second < 60; second += 5) {
      await world.seconds(5);
      if (session.socket.pings.length > before) session.connection.pong(new Uint8Array(0));
    }
    session.samples(seq);
  }
  expect(session.socket.pings.length).toBeGreaterThan(before + 2);
  expect(session.socket.terminated).toBe(false);
});

test('[FL13] the server pings with its clock; three unanswered pings end the connection', async () => {
  const world = createWorld();
  const { session } = await enrol(world);
  session.samples(1);
  await settle();
  await world.seconds(15);
  expect(session.socket.pings).toHaveLength(1);
  expect(session.socket.last('clock').serverTimeMs).toBe(START_MS + 15_000);
  session.connection.pong(new Uint8Array(0));
  await world.seconds(SILENCE_MS_MAX / 1_000 - 1);
  expect(session.socket.terminated).toBe(false);
  await world.seconds(1);
  expect(session.socket.terminated).toBe(true);
  const [, , end] = world.calls('disconnected')[0]?.args ?? [];
  expect(end).toEqual({ how: 'timeout', reason: null, lastEvidenceMs: START_MS + 15_000 });
});

test('[FL13] how a connection ended is told: a goodbye with its reason, or nothing', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world);
  session.samples(1);
  await settle();
  session.send({ type: 'goodbye', reason: 'sleep', atMs: START_MS });
  session.connection.closed();
  await settle();
  const again = await connect(world, keys, { proof: { lastSeq: 1 } });
  again.connection.closed();
  await settle();
  expect(world.calls('disconnected').map(({ args }) => args[2])).toMatchObject([
    { how: 'goodbye', reason: 'sleep' },
    { how: 'closed', reason: null },
  ]);
});

test('[FL13] what came before the close is still handled', async () => {
  const world = createWorld();
  const { session } = await enrol(world);
  session.samples(1);
  session.events(2, [STOPPING]);
  session.send({ type: 'goodbye', reason: 'shutdown', atMs: START_MS });
  session.connection.closed();
  await until(() => world.calls('disconnected').length === 1);
  expect(world.sinkCalls.map(({ name }) => name)).toEqual(['connected', 'samples', 'event', 'disconnected']);
});

test('[FL14] beyond the places agents wait for their turn; beyond the queue they are sent away politely, each to a time of its own', async () => {
  const world = createWorld();
  const queue = (HANDSHAKES_PER_SECOND_MAX * TURN_WAIT_MS_MAX) / 1_000;
  const admission = new Admission(Math.random);
  const begun: number[] = [];
  const answers = Array.from({ length: HANDSHAKES_IN_FLIGHT_MAX + queue + 50 }, (_, i) =>
    admission.enter(0, () => begun.push(i) > 0),
  );
  expect(begun).toHaveLength(HANDSHAKES_IN_FLIGHT_MAX);
  const retries = answers.flatMap((answer) => answer ?? []);
  expect(retries).toHaveLength(50);
  expect(new Set(retries).size).toBe(50);
  expect(Math.min(...retries)).toBeGreaterThan(0);
  for (let i = 0; i < 10; i++) admission.leave(0);
  expect(begun).toEqual(Array.from({ length: HANDSHAKES_IN_FLIGHT_MAX + 10 }, (_, i) => i));
  await world.seconds(1);
  expect(refusals(world)).toEqual([]);
});

test('[RU46] some machines that happen to come together are no crowd; those that wait for a turn are', () => {
  const admission = new Admission(Math.random);
  const come = () => void admission.enter(0, () => true);
  for (let i = 0; i < 10; i++) come();
  expect(admission.isCrowded).toBe(false);
  for (let i = 10; i < 100; i++) come();
  expect(admission.isCrowded).toBe(true);
  for (let i = 0; i < 100; i++) admission.leave(0);
  expect(admission.isCrowded).toBe(false);
  const world = createWorld();
  const sessions = Array.from({ length: 100 }, () => new TestSession(world, newKeys()));
  expect(world.admission.isCrowded).toBe(true);
  for (const session of sessions) session.connection.closed();
  expect(world.admission.isCrowded).toBe(false);
});

test('[FL14] who waits for its turn in vain is told to come later; who left has no place', async () => {
  const world = createWorld();
  const first = Array.from({ length: HANDSHAKES_IN_FLIGHT_MAX }, () => new TestSession(world, newKeys()));
  for (const session of first) session.sendHello();
  const [gone, patient, late] = [1, 2, 3].map(() => new TestSession(world, newKeys()));
  for (const session of [gone, patient, late]) session?.sendHello();
  expect(patient?.socket.messages('welcome')).toEqual([]);
  gone?.connection.closed();
  for (const session of first.slice(0, 2)) session.connection.closed();
  expect(patient?.socket.messages('welcome')).toHaveLength(1);
  expect(late?.socket.messages('welcome')).toHaveLength(1);
  const last = new TestSession(world, newKeys());
  last.sendHello();
  await world.seconds(TURN_WAIT_MS_MAX / 1_000);
  expect(last.refusal).toBe('busy');
  expect(last.socket.last('refused').retryAfterMs).toBeGreaterThan(0);
});

test('[FL14] thousands that wait and all fail as their turn comes are passed one after another', () => {
  const admission = new Admission(Math.random);
  for (let i = 0; i < HANDSHAKES_IN_FLIGHT_MAX; i++) admission.enter(0, () => true);
  let failed = 0;
  const fails = () => {
    failed++;
    admission.leave(1_000 * failed);
    return true;
  };
  const queue = (HANDSHAKES_PER_SECOND_MAX * TURN_WAIT_MS_MAX) / 1_000;
  for (let i = 0; i < queue; i++) admission.enter(0, fails);
  for (let second = 1; failed < queue && second < 20; second++) admission.leave(second * 1_000);
  expect(failed).toBe(queue);
  expect(admission.enter(60_000, () => true)).toBeNull();
});

test('[FL14] a connection whose turn came is not kept for as long as others wait', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const admission = new Admission(Math.random);
  for (let i = 0; i < HANDSHAKES_IN_FLIGHT_MAX; i++) admission.enter(0, () => true);
  const wait = () => {
    const connection = { isOpen: true };
    admission.enter(0, () => connection.isOpen);
    return new WeakRef(connection);
  };
  const [first, last] = [wait(), wait()];
  admission.leave(0);
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  expect(first.deref()).toBeUndefined();
  expect(last.deref()).toEqual({ isOpen: true });
});

test('[FL14] all who wait have their turn, in the order in which they came', () => {
  const admission = new Admission(Math.random);
  for (let i = 0; i < HANDSHAKES_IN_FLIGHT_MAX; i++) admission.enter(0, () => true);
  const begun: number[] = [];
  const waiting = Array.from({ length: 5_000 }, (_, i) => i);
  for (const i of waiting) admission.enter(0, () => begun.push(i) > 0);
  for (let n = 1; n <= waiting.length; n++) admission.leave(n * 1_000);
  expect(begun).toEqual(waiting);
});

test('[FL14] whoever speaks before its turn breaks the protocol', async () => {
  const world = createWorld();
  const first = Array.from({ length: HANDSHAKES_IN_FLIGHT_MAX }, () => new TestSession(world, newKeys()));
  for (const session of first) session.sendHello();
  const eager = new TestSession(world, newKeys());
  eager.sendHello();
  eager.sendHello();
  expect(eager.refusal).toBe('protocol');
});

test('[FL14] a storm of 2,000 agents settles at the rate of the server', async () => {
  const world = createWorld();
  const token = await world.token({ usesMax: 2_000 });
  let waiting = Array.from({ length: 2_000 }, () => ({ keys: newKeys(), atMs: START_MS }));
  let seconds = 0;
  while (waiting.length > 0 && seconds < 60) {
    const due = waiting.filter(({ atMs }) => atMs <= world.clock.now());
    waiting = waiting.filter(({ atMs }) => atMs > world.clock.now());
    for (const agent of due) {
      const session = await connect(world, agent.keys, { token });
      if (session.refusal === 'busy') {
        const retryAfterMs = session.socket.last('refused').retryAfterMs ?? 0;
        expect(retryAfterMs).toBeLessThanOrEqual(BUSY_RETRY_MS_MAX);
        waiting.push({ keys: agent.keys, atMs: world.clock.now() + retryAfterMs });
      }
    }
    await world.seconds(1);
    seconds++;
  }
  expect(waiting).toEqual([]);
  expect(seconds).toBeGreaterThanOrEqual(2_000 / HANDSHAKES_PER_SECOND_MAX);
  expect(seconds).toBeLessThanOrEqual(20);
  expect(world.link.agents.connectedCount).toBe(2_000);
});

test('[FL14] a stopping server says so to all, and waits for what is under way', async () => {
  const world = createWorld();
  const { session } = await enrol(world);
  session.inventory(1);
  await until(() => session.acked === 1);
  world.metrics.hold = true;
  session.samples(2);
  let stopped = false;
  const stopping = world.link.stop().then(() => {
    stopped = true;
  });
  await settle();
  expect(session.socket.closed?.reason).toBe('server-stopping');
  expect(stopped).toBe(false);
  world.metrics.release();
  await stopping;
  expect(world.calls('samples')).toHaveLength(1);
  expect((await connect(world, newKeys())).refusal).toBe('server-stopping');
});

test('[FL13] an agent that does not read is cut', async () => {
  const world = createWorld();
  const { session } = await enrol(world);
  session.socket.bufferedBytes = AGENT_BUFFERED_BYTES_MAX + 1;
  session.samples(1);
  await settle();
  expect(session.socket.terminated).toBe(true);
});

test('[FL13] a flood of control messages ends the connection', async () => {
  const world = createWorld();
  const { session } = await enrol(world);
  session.samples(1);
  await settle();
  const processes: AgentToServer = { type: 'processes', atMs: START_MS, items: [] };
  for (let i = 0; i < LOOSE_MESSAGES_PER_SECOND_MAX / 2; i++) session.send(processes);
  await world.seconds(1);
  for (let i = 0; i < LOOSE_MESSAGES_PER_SECOND_MAX; i++) session.send(processes);
  expect(session.refusal).toBeUndefined();
  session.send(processes);
  expect(session.refusal).toBe('limit-exceeded');
});

test('[FL15] a flight recording is asked of whoever can give one', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world);
  expect(world.link.agents.requestFlight(keys.agentId, 'inc_1')).toBe(true);
  expect(session.socket.last('record').requestId).toBe('inc_1');
  expect(world.link.agents.requestFlight('f'.repeat(32), 'inc_1')).toBe(false);
  const { keys: plain } = await enrol(world, newKeys(), { capabilities: [] });
  expect(world.link.agents.requestFlight(plain.agentId, 'inc_1')).toBe(false);
});

test('[FL10] refusals cannot fill the audit log: the rest stands there as counts', async () => {
  const world = createWorld();
  for (let i = 0; i < 100; i++) {
    await connect(world, newKeys(), { info: { address: '192.0.2.1' } });
    if (i % 50 === 0) await world.seconds(1);
  }
  await connect(world, newKeys(), { info: { address: '192.0.2.2' } });
  expect(refusals(world)).toHaveLength(21);
  await world.seconds(601);
  expect(world.audit.at(-1)).toMatchObject({
    action: 'agent.refused',
    detail: { counts: { 'not-enrolled': 80 } },
  });
});

test('[FL8] last seen is written while connected and at the end', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world);
  await world.seconds(10);
  session.connection.pong(new Uint8Array(0));
  await world.seconds(25);
  expect(world.link.agents.connected(keys.agentId)).toMatchObject({
    address: '10.0.0.1',
    connectedSinceMs: START_MS,
    lastHeardMs: START_MS + 10_000,
  });
  for (let second = 0; second < SEEN_FLUSH_MS / 1_000; second += 25) {
    session.connection.pong(new Uint8Array(0));
    await world.seconds(25);
  }
  expect((await world.store.agent(keys.agentId))?.lastSeenAtMs).toBeGreaterThan(START_MS + 10_000);
  const endMs = world.clock.now();
  session.connection.pong(new Uint8Array(0));
  session.connection.closed();
  await world.seconds(SEEN_FLUSH_MS / 1_000);
  expect((await world.store.agent(keys.agentId))?.lastSeenAtMs).toBe(endMs);
});

test('[FL14] sockets that prove nothing are bounded per address', async () => {
  const world = createWorld();
  const { agents } = world.link;
  const info = { address: '192.0.2.9', tlsExporter: null };
  const sockets = Array.from({ length: UNPROVEN_PER_ADDRESS_MAX + 6 }, () => new FakeSocket());
  const connections = sockets.map((socket) => agents.attach(socket, info));
  expect(sockets.filter(({ closed }) => closed?.reason === 'busy')).toHaveLength(6);
  for (const connection of connections) connection.closed();
  expect((await enrol(world, newKeys(), { info })).session.socket.messages('accepted')).toHaveLength(1);
});

function flipped(token: string): string {
  return token.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
}
async function revoked(world: World, token: string): Promise<string> {
  await world.store.revokeToken(token.slice(0, 24), world.clock.now());
  return token;
}
async function later(world: World, token: string): Promise<string> {
  world.clock.advance(3_600_000);
  return token;
}
async function used(world: World, token: string): Promise<string> {
  await connect(world, newKeys(), { token });
  return token;
}

const INSTALLED: InstalledRelease = {
  platform: 'linux-x64',
  serial: 11,
  key: 'k'.repeat(43),
  development: false,
  onTrial: false,
  previousSerial: 10,
  takenBack: null,
};

/** What a rollout hears. */
function heardBy(world: World): unknown[] {
  const heard: unknown[] = [];
  world.link.agents.listenToUpgrades({
    arrived: (_agentId, release) => heard.push(['arrived', release?.serial ?? null]),
    acknowledged: () => heard.push(['acknowledged']),
    said: (_agentId, { stage, receivedBytes }) => heard.push(['said', stage, receivedBytes]),
    left: (_agentId, goodbye) => heard.push(['left', goodbye]),
  });
  return heard;
}
const loading = (receivedBytes: number) =>
  ({
    type: 'upgrading',
    serial: 12,
    stage: 'downloading',
    receivedBytes,
    totalBytes: 9_999,
    detail: '',
  }) as const;

test('[RO16] what is installed, how an upgrade goes on and how the agent left reach the rollout in order; the facts are kept', async () => {
  const world = createWorld();
  const heard = heardBy(world);
  const { keys, session } = await enrol(world, newKeys(), {
    capabilities: ['upgrade'],
    proof: { release: INSTALLED },
  });
  session.send(loading(5));
  session.send({ type: 'goodbye', reason: 'upgrade', atMs: START_MS });
  session.connection.closed();
  await settle();
  expect(heard).toEqual([
    ['arrived', 11],
    ['said', 'downloading', 5],
    ['left', 'upgrade'],
  ]);
  expect((await world.store.agent(keys.agentId))?.release).toEqual(INSTALLED);
});

test('[RO16] only an agent with the ability is told to upgrade or to return; what another says is installed counts for nothing', async () => {
  const world = createWorld();
  const heard = heardBy(world);
  const able = await enrol(world, newKeys(), { capabilities: ['upgrade'], proof: { release: INSTALLED } });
  const unable = await enrol(world, newKeys(), { capabilities: [], proof: { release: INSTALLED } });
  const upgrade = { type: 'upgrade', serial: 12, version: '1.2', trialMs: 60_000 } as const;
  const back = { type: 'roll-back', serial: 12 } as const;
  const { agents } = world.link;
  expect([agents.order(able.keys.agentId, upgrade), agents.order(able.keys.agentId, back)]).toEqual([
    true,
    true,
  ]);
  expect([agents.order(unable.keys.agentId, upgrade), agents.order('f'.repeat(32), back)]).toEqual([
    false,
    false,
  ]);
  expect(able.session.socket.last('upgrade')).toEqual(upgrade);
  expect(able.session.socket.last('roll-back')).toEqual(back);
  expect(unable.session.socket.messages('upgrade')).toEqual([]);
  expect(heard).toEqual([
    ['arrived', 11],
    ['arrived', null],
  ]);
  expect((await world.store.agent(unable.keys.agentId))?.release).toBeNull();
});

test('[RO16] the first acknowledgement to a version on trial is told, once', async () => {
  const world = createWorld();
  const heard = heardBy(world);
  const { session } = await enrol(world, newKeys(), {
    capabilities: ['upgrade'],
    proof: { release: { ...INSTALLED, onTrial: true } },
  });
  for (const seq of [1, 2, 3]) {
    session.samples(seq);
    await settle();
  }
  await until(() => session.acked === 3);
  expect(heard).toEqual([['arrived', 11], ['acknowledged']]);
});

test('[RO30] an agent on trial that is acknowledged is on trial no longer', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world, newKeys(), {
    capabilities: ['upgrade'],
    proof: { release: { ...INSTALLED, onTrial: true } },
  });
  expect((await world.store.agent(keys.agentId))?.release).toEqual({ ...INSTALLED, onTrial: true });
  session.samples(1);
  await until(() => session.acked === 1);
  await settle();
  expect((await world.store.agent(keys.agentId))?.release).toEqual(INSTALLED);
});

test('[RO30] once an agent says that its trial ended well, what is kept of it says so, not before its next connection', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world, newKeys(), {
    capabilities: ['upgrade'],
    proof: { release: { ...INSTALLED, onTrial: true } },
  });
  const kept = async () => (await world.store.agent(keys.agentId))?.release;
  session.send(loading(5));
  await settle();
  expect(await kept()).toEqual({ ...INSTALLED, onTrial: true });
  session.send({ ...loading(0), serial: INSTALLED.serial, stage: 'confirmed' });
  await settle();
  expect(await kept()).toEqual(INSTALLED);
});

test('[RO16] an agent that tells its progress all the time is listened to some times a minute', async () => {
  const world = createWorld();
  const heard = heardBy(world);
  const { session } = await enrol(world, newKeys(), {
    capabilities: ['upgrade'],
    proof: { release: INSTALLED },
  });
  for (let i = 0; i < UPGRADING_PER_MINUTE_MAX + 5; i++) session.send(loading(i));
  expect(heard).toHaveLength(1 + UPGRADING_PER_MINUTE_MAX);
  world.clock.advance(60_000);
  session.send(loading(7_777));
  expect(heard.at(-1)).toEqual(['said', 'downloading', 7_777]);
  expect(session.refusal).toBeUndefined();
});

test('[CF10] [CF14] an agent that takes signed configurations is told one, with each connection and change; others plainly', async () => {
  const answers: [string, Configured][] = [];
  const able: [string, readonly string[]][] = [];
  let version = 1;
  const world = createWorld({
    signedConfigs: {
      signedFor: (agentId) => ({ text: `${agentId} ${version}`, signature: 'A'.repeat(86) }),
      connected: (agentId, capabilities) => able.push([agentId, capabilities]),
      arrived: () => {},
      configured: (agentId, word) => answers.push([agentId, word]),
      leftOutOf: () => null,
    },
  });
  const { keys, session } = await enrol(world, newKeys(), { capabilities: ['signed-config'] });
  const signed = (number: number) => ({ text: `${keys.agentId} ${number}`, signature: 'A'.repeat(86) });
  expect(session.socket.last('accepted').signed).toEqual(signed(1));
  version = 2;
  world.link.agents.reconfigure(keys.agentId);
  expect(session.socket.last('configure')).toEqual({
    type: 'configure',
    config: AGENT_CONFIG_DEFAULT,
    signed: signed(2),
  });
  session.send({ type: 'configured', version: 1, refused: 'no' });
  expect(answers).toEqual([[keys.agentId, { type: 'configured', version: 1, refused: 'no' }]]);
  expect(world.logs).toContainEqual(
    expect.objectContaining({ what: 'an agent does not take its configuration' }),
  );
  const plain = await enrol(world, newKeys(), { capabilities: [] });
  expect(plain.session.socket.last('accepted').signed).toBeUndefined();
  expect(able).toEqual([
    [keys.agentId, ['signed-config']],
    [plain.keys.agentId, []],
  ]);
});

const UNINSTALL = { type: 'goodbye', reason: 'stop', uninstalled: true, atMs: START_MS } as const;

/** An agent that is let in, sends readings before any inventory, and is uninstalled. */
async function uninstalledEarly(world: World): Promise<{ agentId: string }> {
  world.cmdb.ciOf = () => 'ci_first';
  world.cmdb.standIns.add('ci_first');
  const { keys, session } = await enrol(world);
  session.samples(1);
  await settle();
  session.send(UNINSTALL);
  session.connection.closed();
  await settle();
  return keys;
}

test('[FL20] an agent that is uninstalled is marked and audited, until it is back', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world);
  session.samples(1);
  await settle();
  session.send(UNINSTALL);
  session.connection.closed();
  await settle();
  expect(world.sinkCalls.findLast(({ name }) => name === 'disconnected')?.args[2]).toMatchObject({
    how: 'goodbye',
    reason: 'uninstall',
  });
  expect((await world.store.agent(keys.agentId))?.uninstalledAtMs).toBe(START_MS);
  expect(world.audit.at(-1)).toMatchObject({
    actor: `agent:${keys.agentId}`,
    action: 'agent.uninstalled',
    detail: { hostname: 'pc-1' },
  });
  await connect(world, keys);
  expect((await world.store.agent(keys.agentId))?.uninstalledAtMs).toBeNull();
});

test('[FL20] the older agents of a machine that enrolled anew are replaced, those that are connected are not', async () => {
  const world = createWorld();
  world.cmdb.ciOf = () => 'ci_same';
  const join = async () => {
    const { keys, session } = await enrol(world);
    session.samples(1);
    await settle();
    return { agentId: keys.agentId, session };
  };
  const [old, beside] = [await join(), await join()];
  old.session.connection.closed();
  await settle();
  const newest = await join();
  const replacedBy = async ({ agentId }: { agentId: string }) =>
    (await world.store.agent(agentId))?.replacedBy;
  expect(await Promise.all([old, beside, newest].map(replacedBy))).toEqual([newest.agentId, null, null]);
});

test.each([
  ['in the same boot', {}, '10.0.0.9'],
  ['after a reboot, at the same address', { bootId: 'boot-2' }, '10.0.0.1'],
])(
  '[FL21] a machine that was installed anew before its first inventory goes on as it was, %s',
  async (_when, proof, address) => {
    const world = createWorld();
    const first = await uninstalledEarly(world);
    world.cmdb.ciOf = () => 'ci_second';
    const keys = newKeys();
    const again = await connect(world, keys, { token: await world.token(), proof, info: { address } });
    again.samples(1);
    await settle();
    expect((await world.store.agent(keys.agentId))?.ciId).toBe('ci_first');
    expect((await world.store.agent(first.agentId))?.replacedBy).toBe(keys.agentId);
    again.inventory(2);
    await until(() => world.cmdb.reports.length > 0);
    expect(world.cmdb.reports[0]?.reporterCiId).toBe('ci_first');
  },
);

test('[FL21] [CF60] a new agent is told its configuration as that of the CI that it takes over, one that waits as its token says', async () => {
  const homes: unknown[][] = [];
  const world = createWorld({
    signedConfigs: {
      // What is told follows what is known by then.
      signedFor: (agentId) => ({ text: `${agentId} ${homes.length}`, signature: 'A'.repeat(86) }),
      connected: () => {},
      arrived: (agentId, ciId, { site }) => homes.push([agentId, ciId, site]),
      configured: () => {},
      leftOutOf: () => null,
    },
  });
  const first = await uninstalledEarly(world);
  const { keys, session } = await enrol(world, newKeys(), { capabilities: ['signed-config'] });
  expect(homes).toEqual([
    [first.agentId, null, 'Berlin'],
    [keys.agentId, 'ci_first', 'Berlin'],
  ]);
  expect(session.socket.last('accepted').signed?.text).toBe(`${keys.agentId} 2`);
  const waits = newKeys();
  await connect(world, waits, { token: await world.token({ approval: true }), proof: { hostname: 'pc-2' } });
  expect(homes.at(-1)).toEqual([waits.agentId, null, 'Berlin']);
});

test.each([
  ['another name', { hostname: 'pc-2' }, '10.0.0.1', true],
  ['another boot and another address', { bootId: 'boot-2' }, '10.0.0.9', true],
  ['a first one of which an inventory came', {}, '10.0.0.1', false],
])(
  '[FL21] with %s it is another machine until the inventory says so',
  async (_what, proof, address, standsIn) => {
    const world = createWorld();
    await uninstalledEarly(world);
    if (!standsIn) world.cmdb.standIns.clear();
    world.cmdb.ciOf = () => 'ci_second';
    const keys = newKeys();
    const other = await connect(world, keys, { token: await world.token(), proof, info: { address } });
    other.samples(1);
    await settle();
    expect((await world.store.agent(keys.agentId))?.ciId).toBe('ci_second');
  },
);
