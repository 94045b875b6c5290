import type { AgentEvent } from '@muster/shared/wire/frame-bodies.ts';
import { encodeFrame } from '@muster/shared/wire/frames.ts';
import {
  CLOCK_AHEAD_MS_MAX,
  INFLATED_BYTES_MAX,
  UNACKED_BYTES_MAX,
  UNACKED_FRAMES_MAX,
  VALUES_PER_FRAME_MAX,
} from '@muster/shared/wire/limits.ts';
import { SamplesEncoder } from '@muster/shared/wire/samples.ts';
import { zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError } from '../errors.ts';
import {
  connect,
  createWorld,
  enrol,
  EPOCH,
  mortal,
  newKeys,
  settle,
  START_MS,
  STOPPING,
  type TestKeys,
  type TestSession,
  until,
  type World,
} from '../ws/testing.ts';
import { GAP_FRAMES_MAX, QUEUED_VALUES_MAX, STORAGE_FULL_RETRY_MS } from './agent-stream.ts';
import { ATTEMPTS_MAX } from './attempts.ts';
import { pointRows } from '../metrics/range-points.ts';

const OTHER_EPOCH = 'b'.repeat(16);
const DROPPED: AgentEvent = {
  type: 'dropped',
  atMs: START_MS,
  frames: 7,
  fromMs: START_MS - 9_000,
  toMs: START_MS - 2_000,
  why: 'spool-full',
};

/** Times and values of the processor that are stored. */
async function stored(world: World, keys: TestKeys): Promise<number[][]> {
  const ciId = world.cmdb.ciOf(keys.agentId);
  const query = {
    ciId,
    metric: 'cpu.utilisation',
    fromMs: START_MS - 86_400_000,
    toMs: START_MS + 86_400_000,
    points: 10_000,
  } as const;
  const { series } = await world.metrics.range(query, world.clock.now());
  return series.flatMap(({ points }) => pointRows(points));
}

async function handled(world: World, keys: TestKeys, seq: number): Promise<void> {
  const done = () => world.metrics.delivered(keys.agentId, EPOCH) >= seq;
  for (let i = 0; i < 2_000 && !done() && (await world.store.committedSeq(keys.agentId, EPOCH)) < seq; i++)
    await settle();
}

async function reconnected(
  world: World,
  keys: TestKeys,
  session: TestSession,
  lastSeq: number,
): Promise<TestSession> {
  session.connection.closed();
  await settle();
  return connect(world, keys, { proof: { lastSeq } });
}

test('[IG1] samples are stored and acknowledged once they are durable, several with one acknowledgement', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world);
  world.metrics.hold = true;
  for (const seq of [1, 2, 3]) session.samples(seq, START_MS + seq * 1_000, seq);
  await settle();
  world.metrics.release();
  await settle();
  expect(session.socket.messages('ack').map(({ seq }) => seq)).toEqual([3]);
  expect(await stored(world, keys)).toEqual([
    [START_MS + 1_000, 1],
    [START_MS + 2_000, 2],
    [START_MS + 3_000, 3],
  ]);
});

test('[IG1] nothing is acknowledged before it is durable', async () => {
  const world = createWorld();
  const { session } = await enrol(world);
  world.metrics.hold = true;
  session.samples(1);
  session.samples(2);
  await settle();
  expect(session.acked).toBeUndefined();
  expect(world.calls('samples')).toEqual([]);
});

test('[IG2] samples follow each other without waiting; an event waits for all before it, and all after it wait for it', async () => {
  const world = createWorld();
  const { session } = await enrol(world);
  session.inventory(1);
  await until(() => session.acked === 1);
  world.metrics.hold = true;
  session.samples(2);
  session.samples(3);
  session.events(4, [STOPPING]);
  session.samples(5);
  await settle();
  expect(world.metrics.asked).toEqual([2, 3]);
  expect(world.calls('event')).toEqual([]);
  world.metrics.release(1);
  await settle();
  expect(session.acked).toBe(2);
  world.metrics.release();
  await until(() => session.acked === 4);
  expect(world.metrics.asked).toEqual([2, 3, 5]);
  world.metrics.release();
  await settle();
  expect(session.acked).toBe(5);
  expect(world.sinkCalls.map(({ name }) => name)).toEqual([
    'connected',
    'samples',
    'samples',
    'event',
    'samples',
  ]);
});

test('[IG3] a duplicate is acknowledged again without effect', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world);
  session.samples(1);
  session.events(2, [DROPPED]);
  session.inventory(3);
  await until(() => session.acked === 3);
  const back = await reconnected(world, keys, session, 3);
  const calls = world.sinkCalls.length;
  back.samples(1, START_MS, 99);
  back.events(2, [DROPPED]);
  back.inventory(3);
  await settle();
  expect(back.acked).toBe(3);
  back.samples(3);
  await settle();
  expect(back.socket.messages('ack').map(({ seq }) => seq)).toEqual([3, 3]);
  expect(world.sinkCalls).toHaveLength(calls);
  expect(world.metrics.asked).toEqual([1]);
  expect((await world.store.agent(keys.agentId))?.droppedFrames).toBe(7);
  expect(await stored(world, keys)).toEqual([[START_MS, 50]]);
});

test('[IG3] a duplicate of what is under way is acknowledged with it, not before', async () => {
  const world = createWorld();
  const { session } = await enrol(world);
  world.metrics.hold = true;
  session.samples(1);
  session.samples(1);
  await settle();
  expect(session.acked).toBeUndefined();
  world.metrics.release();
  await settle();
  expect(session.acked).toBe(1);
  expect(world.metrics.asked).toEqual([1]);
});

test('[IG3] the decoder follows duplicates too: the next frame builds on them', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world);
  session.samples(1, START_MS, 10);
  await settle();
  const back = await reconnected(world, keys, session, 2);
  back.samples(1, START_MS, 10);
  back.samples(2, START_MS + 1_000, 12);
  await settle();
  expect(await stored(world, keys)).toEqual([
    [START_MS, 10],
    [START_MS + 1_000, 12],
  ]);
});

test('[IG4] a seq below one that this connection has sent breaks the protocol', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world);
  session.samples(1);
  session.samples(3, START_MS + 3);
  session.samples(2, START_MS + 2);
  await settle();
  expect(session.refusal).toBe('protocol');
  await handled(world, keys, 1);
  expect(world.metrics.asked).not.toContain(2);
});

test('[IG6] a gap is counted once, found, told to availability, and accepted', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world);
  session.samples(1, START_MS);
  session.samples(5, START_MS + 40_000);
  await until(() => session.acked === 5);
  expect(await world.store.agent(keys.agentId)).toMatchObject({
    missingFrames: 3,
    findings: [{ kind: 'frames-missing', detail: 'Frames 2 to 4 never arrived.' }],
  });
  expect(world.audit.filter(({ action }) => action === 'agent.finding')).toHaveLength(1);
  const [unknown] = world.calls('unknown');
  expect(unknown?.args[2]).toEqual({ why: 'gap', frames: 3, fromMs: START_MS, toMs: START_MS + 40_000 });
  expect(session.refusal).toBeUndefined();
});

test('[IG6] a gap that comes again after a crash is not counted again', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world);
  session.samples(1);
  await settle();
  world.metrics.failure = new Error('torn');
  session.samples(4);
  await until(() => session.refusal !== undefined);
  expect(session.refusal).toBe('server-error');
  expect((await world.store.agent(keys.agentId))?.missingFrames).toBe(2);
  world.metrics.failure = null;
  const back = await reconnected(world, keys, session, 4);
  back.samples(4);
  await until(() => back.acked === 4);
  expect((await world.store.agent(keys.agentId))?.missingFrames).toBe(2);
});

test('[IG6] a jump beyond reason breaks the protocol and counts nothing', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world);
  session.samples(GAP_FRAMES_MAX + 2);
  await settle();
  expect(session.refusal).toBe('protocol');
  expect((await world.store.agent(keys.agentId))?.missingFrames).toBe(0);
});

test('[IG6] an epoch that is new here may begin anywhere', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world, newKeys(), { proof: { firstSeq: 4_000, lastSeq: 4_010 } });
  session.samples(4_000);
  session.samples(4_001, START_MS + 1);
  await settle();
  expect(session.acked).toBe(4_001);
  expect((await world.store.agent(keys.agentId))?.missingFrames).toBe(0);
});

test('[IG6] what the agent says it dropped is counted, found and told to availability', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world);
  session.events(1, [DROPPED]);
  await until(() => session.acked === 1);
  expect(await world.store.agent(keys.agentId)).toMatchObject({
    droppedFrames: 7,
    findings: [{ kind: 'frames-dropped', detail: '7 frames (spool-full).' }],
  });
  expect(world.calls('unknown')[0]?.args[2]).toEqual({
    why: 'dropped',
    frames: 7,
    fromMs: START_MS - 9_000,
    toMs: START_MS - 2_000,
  });
});

test('[IG5] a new epoch begins after all of the old one is durable, and is acknowledged in its own numbers', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world);
  session.inventory(1);
  await until(() => session.acked === 1);
  world.metrics.hold = true;
  session.samples(2, START_MS + 2);
  session.send({ type: 'epoch', epoch: OTHER_EPOCH });
  session.samples(1, START_MS + 3);
  await settle();
  expect(world.metrics.asked).toEqual([2]);
  world.metrics.release();
  await settle();
  world.metrics.release();
  await settle();
  expect(session.socket.messages('ack').map(({ seq }) => seq)).toEqual([1, 1]);
  expect(await world.store.agent(keys.agentId)).toMatchObject({ epoch: OTHER_EPOCH, missingFrames: 0 });
  expect(await world.store.committedSeq(keys.agentId, EPOCH)).toBe(2);
  expect(await stored(world, keys)).toHaveLength(2);
});

test.each([EPOCH, OTHER_EPOCH])(
  '[IG5] an epoch %s that was used before breaks the protocol',
  async (epoch) => {
    const world = createWorld();
    const { keys, session } = await enrol(world, newKeys(), { proof: { epoch: OTHER_EPOCH } });
    const back = await reconnected(world, keys, session, 0);
    back.send({ type: 'epoch', epoch });
    await settle();
    expect(back.refusal).toBe('protocol');
  },
);

test('[IG7] samples of an unknown CI make a placeholder; the inventory decides', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world);
  session.samples(1);
  await settle();
  expect(world.cmdb.placeholders).toBe(1);
  expect((await world.store.agent(keys.agentId))?.ciId).toBe(world.cmdb.ciOf(keys.agentId));
  world.cmdb.ciOf = () => 'ci_real';
  session.inventory(2);
  await until(() => session.acked === 2);
  session.samples(3, START_MS + 10);
  await settle();
  expect((await world.store.agent(keys.agentId))?.ciId).toBe('ci_real');
  expect(world.metrics.latest('ci_real')).toHaveLength(1);
  expect(world.calls('disconnected')[0]?.args[2]).toMatchObject({ how: 'moved' });
  expect(world.calls('connected').map(({ args }) => args[0])).toEqual([
    expect.stringMatching(/^ci_[0-9a-f]{32}$/),
    'ci_real',
  ]);
});

test('[IG7] with the inventory first there is no placeholder, and its hashes are told at the next connection', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world);
  const hash = 'c'.repeat(64);
  session.inventory(1, { os: { hash, complete: true, data: {} }, users: { hash, complete: true, data: {} } });
  session.samples(2);
  await until(() => session.acked === 2);
  expect(world.cmdb.placeholders).toBe(0);
  expect(world.cmdb.reports).toEqual([{ reporterCiId: null, sections: ['os', 'users'] }]);
  const back = await reconnected(world, keys, session, 2);
  expect(back.socket.last('accepted').inventory).toEqual({ os: hash, users: hash });
});

test('[IG7] a section that this version does not know is passed over; the others count', async () => {
  const world = createWorld();
  const { session } = await enrol(world);
  const told = { hash: 'c'.repeat(64), complete: true, data: {} };
  const sections = { os: told, holograms: { hash: 1 } };
  session.connection.binary(
    encodeFrame('inventory', 1, zstdCompressSync(Buffer.from(JSON.stringify({ atMs: START_MS, sections })))),
  );
  await until(() => session.acked === 1);
  expect(world.cmdb.reports).toEqual([{ reporterCiId: null, sections: ['os'] }]);
});

test('[IG7] a refused section is a finding, and its hash is not kept', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world);
  world.cmdb.refused = ['users'];
  const hash = 'c'.repeat(64);
  session.inventory(1, { os: { hash, complete: true, data: {} }, users: { hash, complete: true, data: {} } });
  await until(() => session.acked === 1);
  expect(await world.store.agent(keys.agentId)).toMatchObject({
    inventory: { os: hash },
    findings: [{ kind: 'inventory-refused' }],
  });
  expect((await world.store.agent(keys.agentId))?.inventory).not.toHaveProperty('users');
});

test('[IG8] a crash between effect and mark brings the frame again, to the same effect', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world);
  const whole = { ...world.store };
  world.store.commitDelivery = () => Promise.reject(new Error('power'));
  session.events(1, [DROPPED]);
  await until(() => session.refusal === 'server-error');
  Object.assign(world.store, whole);
  expect((await world.store.agent(keys.agentId))?.droppedFrames).toBe(0);
  const back = await reconnected(world, keys, session, 1);
  expect(back.socket.last('accepted').lastSeq).toBe(0);
  back.events(1, [DROPPED]);
  await until(() => back.acked === 1);
  const keysOfEvents = world.calls('event').map(({ args }) => args[1]);
  expect(keysOfEvents).toEqual(
    [0, 0].map((index) => ({ agentId: keys.agentId, epoch: EPOCH, seq: 1, index })),
  );
  expect((await world.store.agent(keys.agentId))?.droppedFrames).toBe(7);
});

test('[IG8] a frame that fails again and again is passed by with a finding, so that the rest can follow', async () => {
  const world = createWorld();
  const keys = newKeys();
  world.eventFailure = new Error('bad flight');
  let { session } = await enrol(world, keys);
  for (let attempt = 1; attempt < ATTEMPTS_MAX; attempt++) {
    session.events(1, [STOPPING]);
    await until(() => session.refusal === 'server-error');
    session = await reconnected(world, keys, session, 1);
  }
  session.events(1, [STOPPING]);
  session.samples(2);
  await until(() => session.acked === 2);
  expect((await world.store.agent(keys.agentId))?.findings).toMatchObject([
    { kind: 'event-failed', detail: expect.stringContaining('bad flight') },
  ]);
});

test('[IG8] a full disk is waited out: nothing is passed by', async () => {
  const world = createWorld();
  const keys = newKeys();
  let { session } = await enrol(world, keys);
  world.cmdb.failure = new AppError('storage-full', 'no space');
  for (let attempt = 0; attempt < ATTEMPTS_MAX + 2; attempt++) {
    session.inventory(1);
    await until(() => session.refusal !== undefined);
    expect(session.socket.last('refused')).toMatchObject({
      code: 'busy',
      retryAfterMs: STORAGE_FULL_RETRY_MS,
    });
    session = await reconnected(world, keys, session, 1);
  }
  world.cmdb.failure = null;
  session.inventory(1);
  await until(() => session.acked === 1);
  expect((await world.store.agent(keys.agentId))?.findings).toEqual([]);
});

test('[IG8] samples that the engine refuses while it takes later ones are a gap, not a silent loss', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world);
  session.inventory(1);
  await until(() => session.acked === 1);
  world.metrics.hold = true;
  world.metrics.failure = new AppError('storage-full', 'no space');
  session.samples(2);
  world.metrics.failure = null;
  session.samples(3, START_MS + 1);
  await settle();
  world.metrics.release();
  await settle();
  expect(session.refusal).toBe('busy');
  expect(session.acked).toBe(1);
  expect(await world.store.agent(keys.agentId)).toMatchObject({
    missingFrames: 1,
    findings: [{ detail: 'Frames 2 to 2 never arrived.' }],
  });
});

test.each([
  [1_900, 0],
  [-1_900, 0],
  [5_000, 5_000],
  [-5_000, -5_000],
  [3 * 86_400_000, 3 * 86_400_000],
])('[IG9] with a clock %i ms behind ours, times are shifted by %i ms', async (behindMs, shiftMs) => {
  const world = createWorld();
  const agentNow = START_MS - behindMs;
  const { keys, session } = await enrol(world, newKeys(), { proof: { sentAtMs: agentNow } });
  session.samples(1, agentNow - 1_000);
  session.events(2, [{ ...STOPPING, atMs: agentNow }]);
  await until(() => session.acked === 2);
  expect((await stored(world, keys))[0]?.[0]).toBe(agentNow - 1_000 + shiftMs);
  expect(world.calls('event')[0]?.args[2]).toMatchObject({ atMs: agentNow + shiftMs });
  expect((await world.store.agent(keys.agentId))?.clockSkewMs).toBe(behindMs);
});

test('[IG9] samples from more than 24 h ahead are refused; in the end the frame is taken without them', async () => {
  const world = createWorld();
  const keys = newKeys();
  let { session } = await enrol(world, keys);
  const aheadMs = START_MS + CLOCK_AHEAD_MS_MAX + 1;
  for (let attempt = 1; attempt < ATTEMPTS_MAX; attempt++) {
    session.samples(1, aheadMs);
    await settle();
    expect(session.socket.closed).toEqual({ code: 4425, reason: 'clock-ahead' });
    session = await reconnected(world, keys, session, 1);
  }
  session.samples(1, aheadMs);
  session.samples(2, START_MS);
  await until(() => session.acked === 2);
  expect((await stored(world, keys)).map(([atMs]) => atMs)).toEqual([START_MS]);
  expect((await world.store.agent(keys.agentId))?.findings).toMatchObject([{ kind: 'clock-ahead' }]);
});

test('[IG10] series that the catalogue does not know are left out, with one line in the log', async () => {
  const world = createWorld();
  const { keys, session } = await enrol(world);
  const series = ['cpu.utilisation', 'cpu.unheard', 'also.unheard'].map((metric) =>
    session.encoder.declare({ metric, instance: '', kind: 'gauge', decimals: 0 }),
  );
  const counter = session.encoder.declare({
    metric: 'memory.used',
    instance: '',
    kind: 'counter',
    decimals: 0,
  });
  const instance = session.encoder.declare({
    metric: 'memory.total',
    instance: 'x',
    kind: 'gauge',
    decimals: 0,
  });
  const control = session.encoder.declare({
    metric: 'filesystem.used',
    instance: '/a\nb',
    kind: 'gauge',
    decimals: 0,
  });
  const all = [...series, counter, instance, control];
  const body = session.encoder.encode([{ atMs: START_MS, series: all, values: all.map(() => 1) }]);
  session.connection.binary(encodeFrame('samples', 1, body));
  session.samples(2, START_MS + 1);
  await settle();
  expect(session.acked).toBe(2);
  expect(world.metrics.latest(world.cmdb.ciOf(keys.agentId)).map(({ identity }) => identity.metric)).toEqual([
    'cpu.utilisation',
  ]);
  expect(world.logs.filter(({ level }) => level === 'warn')).toMatchObject([
    { detail: { first: 'cpu.unheard', count: 5 } },
  ]);
});

test('[IG11] more than the allowed frames waiting ends the connection', async () => {
  const world = createWorld();
  const { session } = await enrol(world);
  session.inventory(1);
  await until(() => session.acked === 1);
  world.metrics.hold = true;
  for (let seq = 2; seq < UNACKED_FRAMES_MAX + 2; seq++) session.samples(seq, START_MS + seq);
  await settle();
  expect(session.refusal).toBeUndefined();
  session.samples(UNACKED_FRAMES_MAX + 2, START_MS + UNACKED_FRAMES_MAX + 2);
  session.samples(UNACKED_FRAMES_MAX + 3, START_MS + UNACKED_FRAMES_MAX + 3);
  expect(session.refusal).toBe('limit-exceeded');
});

test('[IG11] more than the allowed bytes waiting ends the connection', async () => {
  const world = createWorld();
  const { session } = await enrol(world);
  session.inventory(1);
  await until(() => session.acked === 1);
  world.metrics.hold = true;
  session.samples(2);
  const body = new Uint8Array((1 << 20) - 16);
  for (let seq = 3; seq < 8; seq++) session.connection.binary(encodeFrame('events', seq, body));
  expect(session.refusal).toBeUndefined();
  session.connection.binary(encodeFrame('events', 8, body));
  expect(session.refusal).toBe('limit-exceeded');
});

test('[IG11] more than the allowed values waiting ends the connection, however few bytes they took', async () => {
  const world = createWorld();
  const { session } = await enrol(world);
  session.inventory(1);
  await until(() => session.acked === 1);
  world.metrics.hold = true;
  const encoder = new SamplesEncoder();
  const series = Array.from({ length: 20_000 }, (_, i) =>
    encoder.declare({ metric: 'network.received', instance: `e${i}`, kind: 'counter', decimals: 0 }),
  );
  const values = series.map(() => 0);
  let bytes = 0;
  const send = (seq: number, ticks: number) => {
    const held = Array.from({ length: ticks }, (_, i) => ({
      atMs: START_MS + seq * 100 + i,
      series,
      values,
    }));
    const frame = encodeFrame('samples', seq, encoder.encode(held));
    if (seq > 2) bytes += frame.length;
    session.connection.binary(frame);
  };
  send(2, 0);
  const perFrame = Math.floor(VALUES_PER_FRAME_MAX / series.length);
  let seq = 3;
  for (let sent = 0; sent + perFrame * series.length <= QUEUED_VALUES_MAX; sent += perFrame * series.length)
    send(seq++, perFrame);
  await settle();
  expect(session.refusal).toBeUndefined();
  send(seq, perFrame);
  expect(session.refusal).toBe('limit-exceeded');
  expect(bytes).toBeLessThan(UNACKED_BYTES_MAX / 10);
});

test.each([
  ['frame-too-large', new Uint8Array((1 << 20) + 1).fill(1)],
  ['frame-too-large', encodeFrame('events', 1, zstdCompressSync(Buffer.alloc(INFLATED_BYTES_MAX + 1)))],
  ['frame-invalid', encodeFrame('events', 1, zstdCompressSync(Buffer.from('{"events":[]}')))],
  ['frame-invalid', encodeFrame('events', 1, zstdCompressSync(Buffer.from('[')))],
  [
    'frame-invalid',
    encodeFrame('inventory', 1, zstdCompressSync(Buffer.from('{"atMs":1,"sections":{"users":{}}}'))),
  ],
  ['frame-invalid', encodeFrame('inventory', 1, Buffer.from('not zstd'))],
  ['frame-invalid', encodeFrame('inventory', 1, new Uint8Array(0))],
  ['frame-invalid', new Uint8Array([9, 1, 0])],
  ['frame-invalid', new Uint8Array([1, 0, 0, 0])],
  ['frame-invalid', new Uint8Array(0)],
] as const)('[IG12] %s: closed with code and reason, nothing changed (%#)', async (code, bytes) => {
  const world = createWorld();
  const { keys, session } = await enrol(world);
  const before = await world.store.agent(keys.agentId);
  session.connection.binary(bytes);
  await until(() => session.refusal !== undefined);
  expect(session.refusal).toBe(code);
  expect(session.socket.closed?.reason).toBe(code);
  expect(await world.store.agent(keys.agentId)).toEqual({ ...before, lastSeenAtMs: START_MS });
  expect(world.metrics.asked).toEqual([]);
  expect(world.sinkCalls).toEqual([]);
  expect(world.audit.at(-1)).toMatchObject({ action: 'agent.refused', detail: { code } });
});

test('[IG1] whatever is cut off when, every frame has its effect exactly once', async () => {
  const step = fc.record({
    kind: fc.constantFrom('samples', 'samples', 'samples', 'events', 'inventory'),
    cut: fc.boolean(),
    restart: fc.boolean(),
    lostAck: fc.integer({ min: 0, max: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const lasting = createWorld();
      let life = mortal(lasting.store, lasting.metrics);
      let world = createWorld({ ...lasting, ...life.parts });
      const worlds = [world];
      const keys = newKeys();
      let { session } = await enrol(world, keys);
      let known = 0;
      const produced = steps.map(({ kind }, i) => ({ kind, seq: i + 1, atMs: START_MS + i * 1_000 }));
      const send = ({ kind, seq, atMs }: (typeof produced)[number]) => {
        if (kind === 'samples') session.samples(seq, atMs, seq);
        else if (kind === 'events') session.events(seq, [{ ...DROPPED, frames: 1, atMs }]);
        else session.inventory(seq);
      };
      for (const [i, { cut, restart, lostAck }] of steps.entries()) {
        send(produced[i] as (typeof produced)[number]);
        if (!cut) continue;
        for (let turn = 0; turn < lostAck; turn++) await settle();
        if (restart) {
          life.kill();
          life = mortal(lasting.store, lasting.metrics);
          world = createWorld({ ...lasting, ...life.parts });
          worlds.push(world);
        } else session.connection.closed();
        session = await connect(world, keys, { proof: { lastSeq: i + 1 } });
        await until(() => session.socket.messages('accepted').length > 0);
        known = session.socket.last('accepted').lastSeq;
        for (const one of produced.slice(known, i + 1)) send(one);
      }
      const last = produced.length;
      await until(() => session.acked === last || known === last);
      const samples = produced.filter(({ kind }) => kind === 'samples');
      expect(await stored(world, keys)).toEqual(samples.map(({ atMs, seq }) => [atMs, seq]));
      const events = produced.filter(({ kind }) => kind === 'events');
      expect(await world.store.agent(keys.agentId)).toMatchObject({
        droppedFrames: events.length,
        missingFrames: 0,
      });
      const heard = worlds.flatMap((one) => one.calls('event').map(({ args }) => JSON.stringify(args[1])));
      expect(new Set(heard).size).toBe(events.length);
    }),
    { numRuns: 60 },
  );
});
