import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ServerToAgent } from '@muster/shared/wire/server-messages.ts';
import { agentProofInput, serverProofInput, transcriptInput } from '@muster/shared/wire/handshake.ts';
import { expect, test } from 'vitest';
import { FakeServer, type FakeWire } from '../../test/wire-server-fake.ts';
import { AgentHandshake, agentKeys, type HandshakeInput, LinkError } from './handshake.ts';

const newKey = (): KeyObject => generateKeyPairSync('ed25519').privateKey;
const keys = agentKeys(newKey());

function handshake(serverKey: string | null, more: Partial<HandshakeInput> = {}): AgentHandshake {
  return new AgentHandshake({
    keys,
    purpose: { type: 'enrol', token: 'T' },
    serverKey,
    enrolledWith: null,
    exporter: null,
    nonce: randomBytes(32),
    capabilities: ['live'],
    facts: () => ({
      agentVersion: '0.1.0',
      hostname: 'pc',
      platform: 'linux',
      bootId: 'b',
      epoch: '0'.repeat(16),
      firstSeq: 1,
      lastSeq: 0,
      sentAtMs: 1,
    }),
    ...more,
  });
}

/** A server with everything it says written down. */
function server(privateKey = newKey(), exporter: Uint8Array | null = null) {
  const fake = new FakeServer({}, privateKey);
  fake.tokens.set('T', 5);
  const texts: string[] = [];
  const closes: number[] = [];
  const wire: FakeWire = { text: (text) => texts.push(text), close: (code) => closes.push(code) };
  return { fake, texts, closes, session: fake.accept(wire, exporter) };
}

function feed(agent: AgentHandshake, text: string) {
  return agent.receive(JSON.parse(text) as ServerToAgent, text);
}

function faultOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof LinkError) return error.code;
    throw error;
  }
  return 'none';
}

test('[LK70] agent and server prove themselves to one another', () => {
  const { fake, session, texts } = server();
  const agent = handshake(fake.key);
  session.receive(agent.hello);
  expect(feed(agent, String(texts[0]))).toEqual({ type: 'wait' });
  const step = feed(agent, String(texts[1]));
  if (step.type !== 'send') throw new Error('a proof was expected');
  session.receive(step.text);
  expect(feed(agent, String(texts[2]))).toMatchObject({ type: 'accepted', serverKey: fake.key });
  expect(fake.agent.id).toBe(keys.agentId);
});

test('[LK70] the agent makes the signatures of the golden vectors', () => {
  const vector = JSON.parse(
    readFileSync(new URL('../../shared/src/wire/testcases/handshake.json', import.meta.url), 'utf8'),
  ) as Record<'agentSeed' | 'agentId' | 'agentSigned' | 'agentSignature', string>;
  const key = privateKeyOf(Buffer.from(vector.agentSeed, 'hex'));
  expect(agentKeys(key).agentId).toBe(vector.agentId);
  expect(sign(null, Buffer.from(vector.agentSigned, 'hex'), key).toString('base64url')).toBe(
    vector.agentSignature,
  );
});

test('[LK71] a server with another key than the pinned one is told nothing, its signature good or not', () => {
  const { session, texts } = server();
  const agent = handshake(new FakeServer().key);
  session.receive(agent.hello);
  expect(faultOf(() => feed(agent, String(texts[0])))).toBe('server-key-mismatch');
});

test('[LK72] a server that shows the pinned key without holding it is told nothing', () => {
  const { fake, session, texts } = server();
  fake.behaviour.signWith = newKey();
  const agent = handshake(fake.key);
  session.receive(agent.hello);
  feed(agent, String(texts[0]));
  expect(faultOf(() => feed(agent, String(texts[1])))).toBe('server-proof-invalid');
});

test.each(['nonce', 'version', 'extra field', 'white space'])(
  '[LK73] a welcome changed on the way (%s) fits no signature',
  (what) => {
    const { fake, session, texts } = server();
    const agent = handshake(fake.key);
    session.receive(agent.hello);
    const welcome = JSON.parse(String(texts[0])) as Record<string, unknown>;
    const changed: Record<string, string> = {
      nonce: JSON.stringify({ ...welcome, nonce: Buffer.alloc(32).toString('base64url') }),
      version: JSON.stringify({
        type: 'welcome',
        nonce: welcome.nonce,
        version: 1,
        serverKey: welcome.serverKey,
      }),
      'extra field': JSON.stringify({ ...welcome, capabilities: [] }),
      'white space': JSON.stringify(welcome, null, 1),
    };
    feed(agent, String(changed[what]));
    expect(faultOf(() => feed(agent, String(texts[1])))).toBe('server-proof-invalid');
  },
);

test('[LK73] a hello changed on the way (fewer versions, other capabilities) fits no signature', () => {
  const { fake, session, texts } = server();
  const agent = handshake(fake.key);
  session.receive(agent.hello.replace('["live"]', '[]'));
  feed(agent, String(texts[0]));
  expect(faultOf(() => feed(agent, String(texts[1])))).toBe('server-proof-invalid');
});

test('[LK74] a recorded answer of the server does for no second connection', () => {
  const { fake, session, texts } = server();
  const first = handshake(fake.key);
  session.receive(first.hello);
  const second = handshake(fake.key);
  feed(second, String(texts[0]));
  expect(faultOf(() => feed(second, String(texts[1])))).toBe('server-proof-invalid');
});

test('[LK74] a recorded proof of the agent does for no second connection', () => {
  const { fake, session, texts } = server();
  const agent = handshake(fake.key);
  session.receive(agent.hello);
  feed(agent, String(texts[0]));
  const step = feed(agent, String(texts[1]));
  if (step.type !== 'send') throw new Error('a proof was expected');
  const closes: number[] = [];
  const again = fake.accept({ text: () => undefined, close: (code) => closes.push(code) });
  again.receive(agent.hello);
  again.receive(step.text);
  expect(closes).toEqual([4401]);
  expect(fake.agents.size).toBe(0);
});

test("[LK75] the agent's own messages, reflected, are no answer", () => {
  const { fake, session, texts } = server();
  const agent = handshake(fake.key);
  session.receive(agent.hello);
  expect(faultOf(() => feed(agent, agent.hello))).toBe('protocol');
  // A signature by the right key, but over the agent's label.
  const other = handshake(fake.key);
  const welcome = JSON.stringify({
    type: 'welcome',
    version: 1,
    nonce: Buffer.alloc(32).toString('base64url'),
    serverKey: fake.key,
  });
  const transcript = createHash('sha256')
    .update(transcriptInput(other.hello, welcome, null))
    .digest();
  feed(other, welcome);
  const signature = sign(null, agentProofInput(transcript), fake.privateKey).toString('base64url');
  expect(faultOf(() => feed(other, JSON.stringify({ type: 'proof', signature })))).toBe(
    'server-proof-invalid',
  );
  expect(texts).toHaveLength(2);
});

test('[LK76] a server that the agent also trusts cannot pass on its proof to another server', () => {
  const victim = server();
  const evil = server();
  // The evil server opens a connection to the victim and hands the messages on, its own key in the welcome.
  const agent = handshake(evil.fake.key);
  victim.session.receive(agent.hello);
  const welcome = JSON.stringify({
    ...(JSON.parse(String(victim.texts[0])) as object),
    serverKey: evil.fake.key,
  });
  const transcript = createHash('sha256')
    .update(transcriptInput(agent.hello, welcome, null))
    .digest();
  const signature = sign(null, serverProofInput(transcript), evil.fake.privateKey).toString('base64url');
  feed(agent, welcome);
  const step = feed(agent, JSON.stringify({ type: 'proof', signature }));
  if (step.type !== 'send') throw new Error('a proof was expected');
  victim.session.receive(step.text);
  expect(victim.closes).toEqual([4401]);
  expect(victim.fake.agents.size).toBe(0);
});

test('[LK77] over TLS the proof holds for one TLS session only', () => {
  const outer = randomBytes(32);
  const inner = randomBytes(32);
  const relayed = server(newKey(), inner);
  const agent = handshake(relayed.fake.key, { exporter: outer });
  relayed.session.receive(agent.hello);
  feed(agent, String(relayed.texts[0]));
  expect(faultOf(() => feed(agent, String(relayed.texts[1])))).toBe('server-proof-invalid');

  const direct = server(newKey(), outer);
  const other = handshake(direct.fake.key, { exporter: outer });
  direct.session.receive(other.hello);
  feed(other, String(direct.texts[0]));
  expect(feed(other, String(direct.texts[1])).type).toBe('send');
});

test('[LK78] a version that was not offered is refused', () => {
  const { fake } = server();
  const agent = handshake(fake.key);
  const welcome = JSON.stringify({
    type: 'welcome',
    version: 2,
    nonce: Buffer.alloc(32).toString('base64url'),
    serverKey: fake.key,
  });
  expect(faultOf(() => feed(agent, welcome))).toBe('version-unsupported');
});

test('[LK79] messages out of turn end the handshake', () => {
  const { fake } = server();
  const accepted = { type: 'ack', seq: 1 } as const;
  expect(faultOf(() => handshake(fake.key).receive(accepted, JSON.stringify(accepted)))).toBe('protocol');
  const proof = { type: 'proof', signature: 'A'.repeat(86) } as const;
  expect(faultOf(() => handshake(fake.key).receive(proof, JSON.stringify(proof)))).toBe('protocol');
});

test('[LK79] being accepted under another id is no acceptance', () => {
  const { fake, session, texts } = server();
  const agent = handshake(fake.key);
  session.receive(agent.hello);
  feed(agent, String(texts[0]));
  const step = feed(agent, String(texts[1]));
  if (step.type !== 'send') throw new Error('a proof was expected');
  session.receive(step.text);
  expect(faultOf(() => feed(agent, String(texts[2]).replace(keys.agentId, '0'.repeat(32))))).toBe('protocol');
});

test('[LK71] a key that is no key is refused like a wrong signature', () => {
  const agent = handshake(null);
  const welcome = JSON.stringify({
    type: 'welcome',
    version: 1,
    nonce: 'A'.repeat(43),
    serverKey: '_'.repeat(43),
  });
  feed(agent, welcome);
  expect(faultOf(() => feed(agent, JSON.stringify({ type: 'proof', signature: 'A'.repeat(86) })))).toBe(
    'server-proof-invalid',
  );
});

/** RFC 8410: the head of a PKCS 8 Ed25519 key; the seed follows. */
function privateKeyOf(seed: Uint8Array): KeyObject {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}
