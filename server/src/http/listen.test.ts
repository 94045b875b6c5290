import { generateKeyPairSync } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { endpoint } from '@muster/shared/api/endpoint.ts';
import { FRAME_BYTES_MAX } from '@muster/shared/wire/limits.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { selfSignedCertificate } from '../tls.ts';
import { type Listener, listen, type SocketCaller, tryAddress } from './listen.ts';
import { createTestWeb } from './testing.ts';

let made: Awaited<ReturnType<typeof createTestWeb>>;
let listener: Listener | null = null;
let callers: { kind: string; socket: WebSocket; caller: SocketCaller }[];
beforeEach(async () => {
  made = await createTestWeb();
  callers = [];
});
afterEach(async () => {
  await listener?.close();
  listener = null;
});

async function start(options: { tls?: { cert: string; key: string }; proxies?: number } = {}) {
  const accept = (kind: string) => (socket: WebSocket, caller: SocketCaller) => {
    callers.push({ kind, socket, caller });
    socket.on('message', (data) => socket.send(data));
    socket.on('error', () => socket.terminate());
  };
  listener = await listen({
    web: made.web,
    host: '127.0.0.1',
    port: 0,
    tls: options.tls ?? null,
    proxies: options.proxies ?? 0,
    publicHost: null,
    sockets: { agent: accept('agent'), live: accept('live') },
    log: () => undefined,
  });
  return listener.port;
}

/** 'open', or the status with which the upgrade was refused. */
function open(url: string, options: object = {}): Promise<{ socket: WebSocket; result: string }> {
  const socket = new WebSocket(url, { rejectUnauthorized: false, ...options });
  return new Promise((resolve) => {
    socket.on('open', () => resolve({ socket, result: 'open' }));
    socket.on('error', (error) => resolve({ socket, result: error.message }));
  });
}

test('[WS1] agents connect without signing in, the live view only with a session or token of this origin', async () => {
  const port = await start();
  const live = `ws://127.0.0.1:${port}/ws/live`;
  const authorization = `Bearer ${made.tokens.get('viewer')}`;
  expect((await open(`ws://127.0.0.1:${port}/ws/agent?x=1`)).result).toBe('open');
  expect((await open(live)).result).toContain('401');
  expect((await open(live, { headers: { authorization: 'Bearer mst_wrong' } })).result).toContain('401');
  expect((await open(live, { headers: { authorization } })).result).toBe('open');
  const sender = { authorization: `Bearer ${made.tokens.get('sender')}` };
  expect((await open(live, { headers: sender })).result).toContain('403');
  const cookie = 'muster_session=x';
  expect((await open(live, { headers: { cookie, origin: 'http://evil.test' } })).result).toContain('403');
  expect((await open(live, { headers: { cookie, origin: `http://127.0.0.1:${port}` } })).result).toContain(
    '401',
  );
  expect((await open(`ws://127.0.0.1:${port}/ws/other`)).result).toContain('404');
  expect(
    callers.map(({ kind, caller }) => [kind, caller.address, caller.tlsExporter, caller.actor?.name]),
  ).toEqual([
    ['agent', '127.0.0.1', null, undefined],
    ['live', '127.0.0.1', null, 'token:viewer'],
  ]);
  const token = (await made.store.listApiTokens({ limit: 10, after: null })).find(
    ({ name }) => name === 'viewer',
  );
  expect(await callers[1]?.caller.identifyAgain()).toMatchObject({ name: 'token:viewer' });
  await made.store.removeApiToken(token?.id ?? '');
  expect(await callers[1]?.caller.identifyAgain()).toBeNull();
});

test('[WS2] frames are not compressed, and one beyond the limit closes the socket with 1009', async () => {
  const port = await start();
  const { socket } = await open(`ws://127.0.0.1:${port}/ws/agent`);
  expect(socket.extensions).toBe('');
  const echoed = new Promise<number>((resolve) =>
    socket.once('message', (data: Buffer) => resolve(data.length)),
  );
  socket.send(Buffer.alloc(FRAME_BYTES_MAX));
  expect(await echoed).toBe(FRAME_BYTES_MAX);
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  socket.send(Buffer.alloc(FRAME_BYTES_MAX + 1));
  expect(await closed).toBe(1009);
});

test('[WS3] both ends of a TLS connection export the same key for the handshake; behind a proxy there is none', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const cert = selfSignedCertificate(privateKey, ['127.0.0.1'], Date.now());
  const tls = { cert, key };
  const port = await start({ tls });
  const { socket } = await open(`wss://127.0.0.1:${port}/ws/agent`);
  const inner = (socket as unknown as { _socket: TLSSocket })._socket;
  const ours = inner.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
  expect(Buffer.from(callers[0]?.caller.tlsExporter ?? []).equals(ours)).toBe(true);
  await listener?.close();
  const proxied = await start({ tls, proxies: 1 });
  await open(`wss://127.0.0.1:${proxied}/ws/agent`);
  expect(callers[1]?.caller.tlsExporter).toBeNull();
});

test('[WS4] the address of the connection reaches requests and sockets, or that which our proxy names', async () => {
  const LOOK = endpoint({
    id: 'look',
    method: 'GET',
    path: '/look',
    right: 'read',
    tag: 'test',
    summary: '',
  });
  for (const [proxies, expected] of [
    [0, '127.0.0.1'],
    [1, '9.9.9.9'],
  ] as const) {
    made = await createTestWeb({ proxies });
    const seen: string[] = [];
    made.web.routes.add(LOOK, async (_input, { address }) => {
      seen.push(address);
      return {};
    });
    const port = await start({ proxies });
    const headers = { 'x-forwarded-for': '9.9.9.9', authorization: `Bearer ${made.tokens.get('viewer')}` };
    await fetch(`http://127.0.0.1:${port}/api/v1/look`, { headers });
    await open(`ws://127.0.0.1:${port}/ws/agent`, { headers });
    expect([...seen, callers.at(-1)?.caller.address]).toEqual([expected, expected]);
    await listener?.close();
  }
  listener = null;
});

test('[WS5] stopping tells open sockets and ends although a request hangs', async () => {
  const port = await start();
  const { socket } = await open(`ws://127.0.0.1:${port}/ws/agent`);
  const code = new Promise<number>((resolve) => socket.once('close', resolve));
  const hanging = httpRequest({ port, host: '127.0.0.1', method: 'POST', path: '/api/v1/session' });
  hanging.on('error', () => undefined);
  hanging.setHeader('content-length', '10');
  hanging.flushHeaders();
  await listener?.close();
  listener = null;
  expect(await code).toBe(1001);
});

test('[OP7] a port that another program has is found before anything is made, and a free one stays free', async () => {
  const port = await start();
  await expect(tryAddress('127.0.0.1', port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await listener?.close();
  listener = null;
  await tryAddress('127.0.0.1', port);
  await tryAddress('127.0.0.1', port);
});
