import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { REFUSALS } from '@muster/shared/wire/server-messages.ts';
import { FRAME_BYTES_MAX } from '@muster/shared/wire/limits.ts';
import { afterEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { AGENT_WS_OPTIONS, LIVE_WS_OPTIONS } from './link.ts';
import { linkSocketOf, textFrame } from './link-socket.ts';
import { connect, createWorld, newKeys, TestSession, type World } from './testing.ts';

const servers: WebSocketServer[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    for (const client of server.clients) client.terminate();
    server.close();
  }
});

async function serve(world: World, kind: 'agent' | 'live'): Promise<string> {
  const options = kind === 'agent' ? AGENT_WS_OPTIONS : LIVE_WS_OPTIONS;
  const server = new WebSocketServer({ ...options, host: '127.0.0.1', port: 0 });
  servers.push(server);
  server.on('connection', (socket, { socket: line }) => {
    if (kind === 'agent') world.link.attachAgent(socket, { address: '127.0.0.1', tlsExporter: null, line });
    else world.link.attachLive(socket, { allowed: () => true });
  });
  await once(server, 'listening');
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The texts of a socket, one by one. */
function reader(socket: WebSocket): () => Promise<string> {
  const texts: string[] = [];
  const waiting: ((text: string) => void)[] = [];
  socket.on('message', (data: Buffer) => {
    const text = data.toString();
    const wake = waiting.shift();
    if (wake) wake(text);
    else texts.push(text);
  });
  return () => {
    const text = texts.shift();
    return text === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(text);
  };
}

async function enrolled(
  world: World,
): Promise<{ socket: WebSocket; read: () => Promise<string>; bytes: TestSession }> {
  const url = await serve(world, 'agent');
  const socket = new WebSocket(url);
  const read = reader(socket);
  await once(socket, 'open');
  // Only its bytes are used; its own connection is to nowhere.
  const bytes = new TestSession(world, newKeys(), { token: await world.token() });
  socket.send(bytes.hello);
  const welcome = await read();
  await read();
  socket.send(bytes.proofText({ welcome }));
  expect(JSON.parse(await read())).toMatchObject({ type: 'accepted' });
  return { socket, read, bytes };
}

test('[FL2] over a real socket: handshake, a frame, its acknowledgement', async () => {
  const world = createWorld();
  const { socket, read, bytes } = await enrolled(world);
  socket.send(bytes.samplesFrame(1, world.clock.now()));
  expect(JSON.parse(await read())).toEqual({ type: 'ack', seq: 1 });
  socket.close();
  await once(socket, 'close');
});

test('[FL11] a client answers the question of a second connection by itself', async () => {
  const world = createWorld();
  const url = await serve(world, 'agent');
  const keys = newKeys();
  const token = await world.token();
  const open = async () => {
    const socket = new WebSocket(url);
    const read = reader(socket);
    await once(socket, 'open');
    const bytes = new TestSession(world, keys, { token });
    socket.send(bytes.hello);
    const welcome = await read();
    await read();
    socket.send(bytes.proofText({ welcome }));
    return { socket, read };
  };
  const older = await open();
  expect(JSON.parse(await older.read())).toMatchObject({ type: 'accepted' });
  const newer = await open();
  const [code] = (await once(newer.socket, 'close')) as [number];
  expect(code).toBe(REFUSALS['cloned-identity'].close);
  expect(JSON.parse(await older.read())).toMatchObject({ type: 'refused', code: 'cloned-identity' });
});

test('[IG12] a frame somewhat too large is refused with its reason, a huge one by the socket itself', async () => {
  const world = createWorld();
  const first = await enrolled(world);
  first.socket.send(new Uint8Array(FRAME_BYTES_MAX + 1));
  expect(JSON.parse(await first.read())).toMatchObject({ type: 'refused', code: 'frame-too-large' });
  const second = await enrolled(world);
  second.socket.send(new Uint8Array(2 * FRAME_BYTES_MAX + 1));
  const [code] = (await once(second.socket, 'close')) as [number];
  expect(code).toBe(1009);
  expect(
    (await connect(world, newKeys(), { token: await world.token() })).socket.messages('accepted'),
  ).toHaveLength(1);
});

test('[LV1] over a real socket a browser hears the heartbeat', async () => {
  const world = createWorld();
  const socket = new WebSocket(await serve(world, 'live'));
  expect(JSON.parse(await reader(socket)())).toMatchObject({ type: 'heartbeat' });
  socket.close();
});

test('[LK140] a text of any length goes out as a frame that a WebSocket client reads', async () => {
  const texts = ['', 'a', 'ü'.repeat(62), 'x'.repeat(125), 'x'.repeat(126), '漢'.repeat(20_000), 'end'];
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  servers.push(server);
  server.on('connection', (socket, request) => {
    const link = linkSocketOf(socket, request.socket);
    for (const text of texts) link.send(text);
    socket.close(1000);
    link.send('too late');
  });
  await once(server, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const read: string[] = [];
  client.on('message', (data: Buffer) => read.push(data.toString()));
  await once(client, 'close');
  expect(read).toEqual(texts);
  expect(textFrame('x'.repeat(65_536))).toBeNull();
});
