import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { agentProofInput } from '@muster/shared/wire/handshake.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { connect, createWorld, newKeys, settle, TestSession, type World } from '../ws/testing.ts';
import { serverKeyOf } from './server-key.ts';
import { rawPublicKey, signedBy, signedByInPool } from './signature.ts';

async function refusalOf(session: TestSession, proof: string): Promise<string | undefined> {
  session.connection.text(proof);
  await settle();
  return session.refusal;
}

/** Nobody was enrolled, and it stands in the audit log. */
async function expectNothingHappened(world: World, code: string): Promise<void> {
  expect((await world.store.agents({ limit: 10, cursor: undefined, state: undefined })).items).toEqual([]);
  expect(world.audit).toMatchObject([{ action: 'agent.refused', detail: { code } }]);
}

test('[FL2] the server proves its key over both messages as they were sent', async () => {
  const world = createWorld();
  const session = await connect(world, newKeys(), { token: await world.token() });
  const welcome = session.socket.last('welcome');
  expect(welcome.serverKey).toBe(world.fleet.serverKey.text);
  expect(session.socket.last('proof').signature).toHaveLength(86);
  expect(session.socket.messages('accepted')).toHaveLength(1);
});

test('[FL2] a replayed proof of an earlier connection is refused', async () => {
  const world = createWorld();
  const token = await world.token();
  const keys = newKeys();
  const recorded = new TestSession(world, keys, { token });
  recorded.sendHello();
  const proof = recorded.proofText();
  const replay = new TestSession(world, keys, { token });
  replay.connection.text(recorded.hello);
  expect(await refusalOf(replay, proof)).toBe('proof-invalid');
  await expectNothingHappened(world, 'proof-invalid');
});

test('[FL2] the server does not take its own proof for that of an agent', async () => {
  const world = createWorld();
  const token = await world.token();
  const session = new TestSession(world, newKeys(), { token });
  session.sendHello();
  const reflected = {
    ...(JSON.parse(session.proofText()) as object),
    agentKey: world.fleet.serverKey.text,
    agentId: serverAgentId(world),
    signature: session.socket.last('proof').signature,
  };
  expect(await refusalOf(session, JSON.stringify(reflected))).toBe('proof-invalid');
  await expectNothingHappened(world, 'proof-invalid');
});

test('[FL2] a proof made for another server that the agent trusts is refused', async () => {
  const world = createWorld();
  const other = createWorld();
  const token = await world.token();
  const session = new TestSession(world, newKeys(), { token });
  session.sendHello();
  // The man in the middle runs `other` and passes our hello on to it.
  const atOther = new TestSession(other, newKeys(), { token });
  atOther.connection.text(session.hello);
  const proof = session.proofText({ welcome: atOther.socket.texts[0] as string });
  expect(await refusalOf(session, proof)).toBe('proof-invalid');
  await expectNothingHappened(world, 'proof-invalid');
});

test('[FL2] a server that passes our welcome on under its own key gains nothing', async () => {
  const world = createWorld();
  const token = await world.token();
  const session = new TestSession(world, newKeys(), { token });
  session.sendHello();
  const key = serverKeyOf(generateKeyPairSync('ed25519').privateKey);
  const welcome = JSON.stringify({ ...session.socket.last('welcome'), serverKey: key.text });
  expect(await refusalOf(session, session.proofText({ welcome }))).toBe('proof-invalid');
});

test('[FL2] a proof relayed over another TLS connection is refused', async () => {
  const world = createWorld();
  const token = await world.token();
  const ours = randomBytes(32);
  const session = new TestSession(world, newKeys(), { token, info: { tlsExporter: ours } });
  session.sendHello();
  expect(await refusalOf(session, session.proofText({ exporter: randomBytes(32) }))).toBe('proof-invalid');
  const bare = new TestSession(world, newKeys(), { token, info: { tlsExporter: ours } });
  bare.sendHello();
  expect(await refusalOf(bare, bare.proofText({ exporter: null }))).toBe('proof-invalid');
  const honest = await connect(world, newKeys(), { token, info: { tlsExporter: ours } });
  expect(honest.socket.messages('accepted')).toHaveLength(1);
});

test('[FL3] a version range changed on the way is noticed', async () => {
  const world = createWorld();
  const session = new TestSession(world, newKeys(), { token: await world.token(), versions: [1, 2] });
  session.connection.text(session.hello.replace('"versions":[1,2]', '"versions":[1,1]'));
  expect(await refusalOf(session, session.proofText())).toBe('proof-invalid');
  await expectNothingHappened(world, 'proof-invalid');
});

test('[FL2] one changed byte of hello or welcome spoils the proof, also where it means the same', async () => {
  const world = createWorld();
  const token = await world.token();
  const spaced = new TestSession(world, newKeys(), { token });
  spaced.connection.text(spaced.hello.replace('{', '{ '));
  expect(await refusalOf(spaced, spaced.proofText())).toBe('proof-invalid');
  const nonce = new TestSession(world, newKeys(), { token });
  nonce.sendHello();
  const welcome = JSON.stringify({
    ...nonce.socket.last('welcome'),
    nonce: randomBytes(32).toString('base64url'),
  });
  expect(await refusalOf(nonce, nonce.proofText({ welcome }))).toBe('proof-invalid');
});

test('[FL2] id, key and signature must belong together', async () => {
  const world = createWorld();
  const token = await world.token();
  const thief = newKeys();
  const owner = newKeys();
  const fields = [
    { agentId: owner.agentId },
    { agentKey: Buffer.from(owner.publicKey).toString('base64url') },
    { agentKey: Buffer.from(owner.publicKey).toString('base64url'), agentId: owner.agentId },
    { signature: sign(null, agentProofInput(randomBytes(32)), thief.privateKey).toString('base64url') },
    { signature: 'A'.repeat(86) },
  ];
  for (const proof of fields)
    expect((await connect(world, thief, { token, proof })).refusal).toBe('proof-invalid');
  expect((await world.store.agents({ limit: 10, cursor: undefined, state: undefined })).items).toEqual([]);
});

test('[FL2] no key and no signature made of chance is taken, on whichever thread', async () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  await fc.assert(
    fc.asyncProperty(
      bytes(32),
      bytes(32),
      bytes(64),
      async (key, data, signature) =>
        !signedBy(key, data, signature) && !(await signedByInPool(key, data, signature)),
    ),
    { numRuns: 300 },
  );
  expect(signedBy(bytesOf(5), bytesOf(5), bytesOf(5))).toBe(false);
  expect(await signedByInPool(bytesOf(5), bytesOf(5), bytesOf(5))).toBe(false);
});

test('[FL2] what the owner of a key signed is taken, on whichever thread', async () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const [data, key] = [bytesOf(32), rawPublicKey(privateKey)];
  const signature = sign(null, data, privateKey);
  expect(signedBy(key, data, signature)).toBe(true);
  expect(await signedByInPool(key, data, signature)).toBe(true);
  expect(await signedByInPool(key, bytesOf(31), signature)).toBe(false);
});

test('[FL1] a purpose of "enrol" without a token breaks the protocol', async () => {
  const world = createWorld();
  const session = new TestSession(world, newKeys(), { token: 'x' });
  session.sendHello();
  const { token: _, ...proof } = JSON.parse(session.proofText()) as Record<string, unknown>;
  expect(await refusalOf(session, JSON.stringify(proof))).toBe('protocol');
});

test('[FL2] a second hello or proof breaks the protocol', async () => {
  const world = createWorld();
  const session = await connect(world, newKeys(), { token: await world.token() });
  session.sendHello();
  expect(session.refusal).toBe('protocol');
});

function serverAgentId(world: World): string {
  return createHash('sha256').update(world.fleet.serverKey.publicKey).digest('hex').slice(0, 32);
}

function bytesOf(length: number): Uint8Array {
  return new Uint8Array(length).fill(7);
}
