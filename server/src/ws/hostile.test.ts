import { zstdCompressSync } from 'node:zlib';
import { AgentToServer } from '@muster/shared/wire/agent-messages.ts';
import { REFUSALS, ServerToAgent } from '@muster/shared/wire/server-messages.ts';
import { encodeFrame, FRAME_TYPES } from '@muster/shared/wire/frames.ts';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import {
  connect,
  createWorld,
  enrol,
  newKeys,
  settle,
  START_MS,
  STOPPING,
  type TestKeys,
  type TestSession,
  TestSession as Session,
  until,
  type World,
} from './testing.ts';

/** Together more than 10,000. */
const BINARY_CASES = 6_000;
const MUTATED_CASES = 2_500;
const TEXT_CASES = 2_500;
const ORDER_CASES = 500;

/** One server for all cases: what one connection does must not reach another. */
let world: World;
let token: string;
beforeAll(async () => {
  world = createWorld();
  token = await world.token({ usesMax: 100_000 });
});

/** An accepted agent that has its CI and two frames stored. */
async function fresh(): Promise<{ keys: TestKeys; session: TestSession }> {
  const keys = newKeys();
  letAdmissionPass();
  const session = await connect(world, keys, { token });
  session.samples(1, START_MS);
  session.samples(2, START_MS + 1_000);
  await until(() => session.acked === 2);
  world.sinkCalls.length = 0;
  return { keys, session };
}

/** The same agent after its connection was ended: its first two frames are stored. */
async function again(keys: TestKeys): Promise<TestSession> {
  letAdmissionPass();
  const session = await connect(world, keys, { proof: { firstSeq: 3, lastSeq: 2 } });
  expect(session.connection.state).toBe('open');
  world.sinkCalls.length = 0;
  return session;
}

/** Thousands of handshakes in one second would be sent away politely. */
function letAdmissionPass(): void {
  world.clock.mono += 20;
}

async function stateOf({ agentId }: TestKeys): Promise<unknown> {
  const agent = await world.store.agent(agentId);
  const ciId = world.cmdb.ciOf(agentId);
  const latest = world.metrics.latest(ciId).map(({ atMs, value }) => [atMs, value]);
  return {
    agent: { ...agent, lastSeenAtMs: null },
    latest,
    delivered: world.metrics.delivered(agentId, agent?.epoch ?? ''),
    reports: world.cmdb.reports.length,
  };
}

/** Sends it and waits until the server has done with it. */
async function send(session: TestSession, bytes: Uint8Array): Promise<void> {
  const acks = session.socket.messages('ack').length;
  session.connection.binary(bytes);
  if (mayWait(bytes))
    await until(() => session.socket.closed !== null || session.socket.messages('ack').length > acks);
  await settle();
}

/** Closed with a code of the list and a reason; nothing stored, nothing told. */
async function expectRefusedWithoutEffect(
  keys: TestKeys,
  session: TestSession,
  before: unknown,
): Promise<void> {
  await until(() => session.socket.closed !== null);
  const refused = session.socket.last('refused');
  expect(ServerToAgent.safeParse(refused).success).toBe(true);
  expect(session.socket.closed).toEqual({ code: REFUSALS[refused.code].close, reason: refused.code });
  expect(refused.code).not.toBe('server-error');
  expect(refused.detail.length).toBeGreaterThan(0);
  await settle();
  expect(await stateOf(keys)).toEqual(before);
  expect(world.sinkCalls.filter(({ name }) => name !== 'disconnected')).toEqual([]);
}

/** Body that is garbage behind a valid head: the right type and the next seq. */
const garbageFrame = fc
  .record({
    type: fc.constantFrom('samples', 'inventory', 'events', 'live'),
    body: fc.uint8Array({ maxLength: 200 }),
  } as const)
  .map(({ type, body }) => encodeFrame(type, 3, body));
const zstdOfGarbage = fc
  .record({
    type: fc.constantFrom('inventory', 'events'),
    json: fc.json(),
    cut: fc.integer({ min: 0, max: 3 }),
  } as const)
  .map(({ type, json, cut }) => {
    const body = zstdCompressSync(Buffer.from(json));
    return encodeFrame(type, 3, body.subarray(0, body.length - cut));
  });
const anyBytes = fc.uint8Array({ maxLength: 300 });
const oversized = fc.constantFrom(1, 2, 3, 4).map((type) => {
  const bytes = new Uint8Array((1 << 20) + 1);
  bytes[0] = type;
  return bytes;
});

test(`[IG12] ${BINARY_CASES} binary messages made of chance: refused with a code, or taken for what they are; the server stays up`, async () => {
  let { keys, session } = await fresh();
  let before = await stateOf(keys);
  let refused = 0;
  const messages = fc.oneof(
    { weight: 6, arbitrary: garbageFrame },
    { weight: 3, arbitrary: zstdOfGarbage },
    { weight: 4, arbitrary: anyBytes },
    { weight: 1, arbitrary: oversized },
  );
  for (const bytes of fc.sample(messages, BINARY_CASES)) {
    await send(session, bytes);
    // By chance a message is of the right form (an empty body of samples, a known seq).
    if (session.socket.closed !== null) {
      refused++;
      await expectRefusedWithoutEffect(keys, session, before);
      session = await again(keys);
    } else ({ keys, session } = await fresh());
    before = await stateOf(keys);
  }
  expect(refused).toBeGreaterThan(BINARY_CASES * 0.8);
}, 120_000);

test(`[IG12] ${MUTATED_CASES} valid frames with bytes changed, cut off or added`, async () => {
  const mutation = fc.record({
    kind: fc.constantFrom('change', 'cut', 'add'),
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    byte: fc.integer({ min: 1, max: 255 }),
    frame: fc.constantFrom('samples', 'events'),
  } as const);
  let closed = 0;
  let { keys, session } = await fresh();
  for (const { kind, at, byte, frame } of fc.sample(mutation, MUTATED_CASES)) {
    const before = await stateOf(keys);
    const events = encodeFrame(
      'events',
      3,
      zstdCompressSync(Buffer.from(JSON.stringify({ events: [STOPPING] }))),
    );
    const valid = frame === 'samples' ? session.samplesFrame(3, START_MS + 2_000, 7) : events;
    await send(session, mutated(valid, kind, at, byte));
    if (session.socket.closed !== null) {
      closed++;
      await expectRefusedWithoutEffect(keys, session, before);
      session = await again(keys);
    } else ({ keys, session } = await fresh());
  }
  expect(closed).toBeGreaterThan(MUTATED_CASES * 0.5);
}, 120_000);

test(`[FL2] ${TEXT_CASES} text messages made of chance, before and after the handshake`, async () => {
  const known = fc.constantFrom(
    'hello',
    'proof',
    'processes',
    'epoch',
    'goodbye',
    'welcome',
    'ack',
    '__proto__',
  );
  const nearly = fc
    .record({ type: known, rest: fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 2 })) })
    .map(({ type, rest }) => JSON.stringify({ ...rest, type }));
  const texts = fc.oneof(
    fc.string({ maxLength: 100 }),
    fc.json({ maxDepth: 3 }),
    nearly,
    fc.constant('x'.repeat((64 << 10) + 1)),
  );
  const first = await fresh();
  const { keys } = first;
  let { session } = first;
  const cases = fc.sample(fc.tuple(texts, fc.boolean()), TEXT_CASES);
  for (const [text, greeted] of cases) {
    // What is of the right form has its own tests.
    if (isControl(text)) continue;
    if (greeted) {
      const before = await stateOf(keys);
      session.connection.text(text);
      await expectRefusedWithoutEffect(keys, session, before);
      session = await again(keys);
    } else {
      letAdmissionPass();
      const stranger = new Session(world, newKeys());
      stranger.connection.text(text);
      expect(['protocol', 'frame-too-large']).toContain(stranger.refusal);
    }
  }
}, 120_000);

test(`[IG4] ${ORDER_CASES} streams in any order: each seq has its effect once, or the connection ends`, async () => {
  const order = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 15 });
  for (const seqs of fc.sample(order, ORDER_CASES)) {
    letAdmissionPass();
    const { keys, session } = await enrol(world, newKeys(), { token });
    for (const seq of seqs) session.samples(seq, START_MS + seq * 1_000, seq);
    await settle();
    const backwards = seqs.findIndex((seq, i) => i > 0 && seq < (seqs[i - 1] as number));
    const taken = new Set(backwards < 0 ? seqs : seqs.slice(0, backwards));
    expect(session.refusal).toBe(backwards < 0 ? undefined : 'protocol');
    const query = {
      ciId: world.cmdb.ciOf(keys.agentId),
      metric: 'cpu.utilisation',
      fromMs: START_MS,
      toMs: START_MS + 60_000,
      points: 100,
    } as const;
    const { series } = await world.metrics.range(query, world.clock.now());
    const stored = series.flatMap(({ points }) => [...points.averages]);
    expect(new Set(stored).size).toBe(stored.length);
    for (const value of stored) expect(taken.has(value)).toBe(true);
    if (backwards >= 0) continue;
    expect(new Set(stored)).toEqual(taken);
    const missing = Math.max(...seqs) - taken.size;
    expect((await world.store.agent(keys.agentId))?.missingFrames).toBe(missing);
  }
}, 60_000);

test('[IG12] after all of it the server takes honest agents as before', async () => {
  letAdmissionPass();
  const { session } = await enrol(world, newKeys(), { token });
  session.samples(1);
  session.events(2, [STOPPING]);
  await until(() => session.acked === 2);
  expect(world.logs.filter(({ level }) => level === 'error')).toEqual([]);
});

/** Inventory and events are inflated in another thread. */
function mayWait(bytes: Uint8Array): boolean {
  return bytes[0] === FRAME_TYPES.inventory || bytes[0] === FRAME_TYPES.events;
}

function mutated(valid: Uint8Array, kind: 'change' | 'cut' | 'add', at: number, byte: number): Uint8Array {
  const place = Math.floor(at * valid.length);
  if (kind === 'cut') return valid.slice(0, place);
  if (kind === 'add') return Uint8Array.of(...valid.subarray(0, place), byte, ...valid.subarray(place));
  const changed = valid.slice();
  changed[place] = (changed[place] as number) ^ byte;
  return changed;
}

function isControl(text: string): boolean {
  try {
    return AgentToServer.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}
