/** Messages and handshakes of both directions, mutated: they end in what the catalogue of refusals and faults knows. */
import { generateKeyPairSync } from 'node:crypto';
import { Connection } from '@muster/agent/connection.ts';
import { AgentHandshake, agentKeys, LINK_FAULTS, LinkError } from '@muster/agent/handshake.ts';
import { memoryIdentity } from '@muster/agent/identity.ts';
import { Spool } from '@muster/agent/spool.ts';
import { FakeTime } from '@muster/agent/time-fake.ts';
import { parseControl, ServerHandshake } from '@muster/server/fleet/handshake.ts';
import { Refusal } from '@muster/server/fleet/refusal.ts';
import { serverKeyOf } from '@muster/server/fleet/server-key.ts';
import { signedBy } from '@muster/server/fleet/signature.ts';
import type { AgentToServer } from '@muster/shared/wire/agent-messages.ts';
import { REFUSALS, ServerToAgent } from '@muster/shared/wire/server-messages.ts';
import { expect, test } from 'vitest';
import { FakeNetwork } from '../wire-fake-socket.ts';
import { FAKE_CONFIG, FakeServer } from '../wire-server-fake.ts';
import { mutatedJson, run, TRIAL_MS_MAX } from './fuzz.ts';

const AT_MS = 1_700_000_000_000;
const BYTES_32 = 'A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg';
const FACTS = {
  agentVersion: '0.1.0',
  hostname: 'pc',
  platform: 'linux',
  bootId: 'b',
  epoch: '0'.repeat(16),
  firstSeq: 1,
  lastSeq: 0,
  sentAtMs: AT_MS,
} as const;

const BY_AGENT: readonly AgentToServer[] = [
  { type: 'hello', versions: [1, 1], purpose: 'enrol', nonce: BYTES_32, capabilities: ['hold', 'live'] },
  {
    type: 'proof',
    agentKey: BYTES_32,
    agentId: 'a'.repeat(32),
    signature: 'b'.repeat(86),
    token: 'T',
    ...FACTS,
  },
  {
    type: 'processes',
    atMs: AT_MS,
    items: [
      {
        pid: 1,
        name: 'init',
        user: 'root',
        cpuPercent: 1,
        residentBytes: 1,
        readBytesPerSecond: null,
        writtenBytesPerSecond: 1,
      },
    ],
  },
  { type: 'epoch', epoch: '0123456789abcdef' },
  { type: 'goodbye', reason: 'stop', atMs: AT_MS },
  {
    type: 'witnessed',
    requestId: 'w',
    answer: 'answers',
    by: 'tcp',
    refusal: null,
    gateway: 'unknown',
  },
];

const BY_SERVER: readonly ServerToAgent[] = [
  { type: 'welcome', version: 1, nonce: BYTES_32, serverKey: BYTES_32 },
  { type: 'proof', signature: 'b'.repeat(86) },
  {
    type: 'accepted',
    agentId: 'a'.repeat(32),
    lastSeq: 3,
    serverTimeMs: AT_MS,
    pendingApproval: false,
    config: FAKE_CONFIG,
    inventory: { os: 'c'.repeat(64) },
  },
  { type: 'ack', seq: 1 },
  { type: 'live', leaseMs: 30_000, intervalMs: 1_000 },
  { type: 'record', requestId: 'f' },
  { type: 'witness', requestId: 'w', address: '10.0.0.1' },
  {
    type: 'configure',
    config: { ...FAKE_CONFIG, wake: [{ metric: 'cpu.utilisation', instance: null, op: 'above', level: 90 }] },
  },
  { type: 'clock', serverTimeMs: AT_MS },
  { type: 'refused', code: 'busy', detail: 'd', hint: 'h', retryAfterMs: 5 },
];

test(
  '[LK125] mutated messages of an agent are known or refused as "protocol"',
  async () => {
    const { taken, refused } = await run<string>({
      name: 'message of an agent',
      inputs: 80_000,
      make: (random) => mutatedJson(BY_AGENT[random(BY_AGENT.length)], random),
      take: (text) => {
        try {
          parseControl(text);
          return true;
        } catch (error) {
          if (error instanceof Refusal && error.code === 'protocol') return false;
          throw error;
        }
      },
      show: (text) => text.slice(0, 2_000),
    });
    expect(taken).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(0);
  },
  TRIAL_MS_MAX,
);

const serverKey = serverKeyOf(generateKeyPairSync('ed25519').privateKey);
const keys = agentKeys(generateKeyPairSync('ed25519').privateKey);
const STEPS = ['hello', 'welcome', 'server proof', 'agent proof'] as const;

test(
  '[LK125] a handshake with one message changed on the way ends in a refusal or a fault; a changed first message always',
  async () => {
    const { refused } = await run<{ step: (typeof STEPS)[number]; change: (text: string) => string }>({
      name: 'handshake',
      inputs: 12_000,
      make: (random) => {
        const step = STEPS[random(STEPS.length)] as (typeof STEPS)[number];
        return { step, change: (text) => mutatedJson(JSON.parse(text), random) };
      },
      take: async ({ step, change }) => {
        let changed = false;
        const on = (now: (typeof STEPS)[number], text: string) => {
          if (now !== step) return text;
          const other = change(text);
          changed = other !== text;
          return other;
        };
        try {
          await shakeHands(on);
        } catch (error) {
          if (error instanceof Refusal || error instanceof LinkError) return false;
          throw error;
        }
        if (changed && (step === 'hello' || step === 'welcome'))
          throw new Error(`${step} was changed and nobody minded`);
        return true;
      },
      show: ({ step }) => step,
    });
    expect(refused).toBeGreaterThan(0);
  },
  TRIAL_MS_MAX,
);

async function shakeHands(on: (step: (typeof STEPS)[number], text: string) => string): Promise<void> {
  const agent = new AgentHandshake({
    keys,
    purpose: { type: 'enrol', token: 'T' },
    serverKey: serverKey.text,
    enrolledWith: null,
    exporter: null,
    nonce: new Uint8Array(32).fill(1),
    capabilities: ['live'],
    facts: () => FACTS,
  });
  const server = new ServerHandshake({
    key: serverKey,
    exporter: null,
    nonce: new Uint8Array(32).fill(2),
    isSigned: signedBy,
  });
  const hello = on('hello', agent.hello);
  const { welcome, proof } = server.hello(ofType(parseControl(hello), 'hello'), hello);
  tell(agent, on('welcome', welcome));
  const mine = on('agent proof', tell(agent, on('server proof', proof)));
  await server.proof(ofType(parseControl(mine), 'proof'));
}

/** As both ends do with a message that is out of turn. */
function ofType<T extends AgentToServer['type']>(message: AgentToServer, type: T) {
  if (message.type !== type) throw new Refusal('protocol', `"${message.type}" out of turn`);
  return message as Extract<AgentToServer, { type: T }>;
}

function tell(agent: AgentHandshake, text: string): string {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw new LinkError('protocol', 'a message that is not JSON', { cause });
  }
  const parsed = ServerToAgent.safeParse(data);
  if (!parsed.success) throw new LinkError('protocol', 'a message that is none of the protocol');
  const step = agent.receive(parsed.data, text);
  if (step.type === 'refused') throw new LinkError('protocol', step.refused.code);
  return step.type === 'send' ? step.text : '';
}

test(
  '[LK125] an agent that is told mutated messages stays connected or says why not, and goes on',
  async () => {
    const time = new FakeTime();
    const server = new FakeServer({ nowMs: time.nowMs });
    server.tokens.set('T', 1_000_000);
    const randomBytes = (count: number) => new Uint8Array(count).fill(7);
    const nothing = () => undefined;
    const connection = new Connection({
      open: new FakeNetwork(server, time).open,
      spool: new Spool({ path: ':memory:', nowMs: time.nowMs, randomBytes }),
      identity: memoryIdentity(),
      serverKey: server.key,
      firstSight: false,
      token: 'T',
      capabilities: ['hold', 'live', 'flight'],
      facts: FACTS,
      nowMs: time.nowMs,
      elapsedMs: time.elapsedMs,
      timers: time.timers,
      random: { unit: () => 0.5, bytes: randomBytes },
      on: {
        accepted: nothing,
        acknowledged: nothing,
        configured: nothing,
        live: nothing,
        record: nothing,
        witness: nothing,
        upgrade: nothing,
        rollBack: nothing,
        skew: nothing,
        restored: nothing,
        status: nothing,
      },
    });
    connection.start();
    const known = new Set<string>([...Object.keys(LINK_FAULTS), ...Object.keys(REFUSALS), 'closed']);
    const { taken, refused } = await run<string>({
      name: 'message to an agent',
      inputs: 20_000,
      make: (random) => mutatedJson(BY_SERVER[random(BY_SERVER.length)], random),
      take: (text) => {
        server.behaviour.tamper = (_, told) => told;
        const before = connection.status;
        if (before.state === 'waiting') time.advance(before.untilMs - time.nowMs());
        if (connection.status.state !== 'online') time.advance(100);
        expect(connection.status.state).toBe('online');
        server.behaviour.tamper = () => text;
        server.session.send({ type: 'clock', serverTimeMs: AT_MS });
        server.behaviour.tamper = (_, told) => told;
        time.advance(20);
        const { status } = connection;
        if (status.state !== 'waiting') return true;
        expect(known).toContain(status.problem.code);
        return false;
      },
      show: (text) => text.slice(0, 2_000),
    });
    connection.stop();
    expect(time.pending).toBe(0);
    expect(taken).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(0);
  },
  TRIAL_MS_MAX,
);
