/** The way to the server through an HTTP proxy, with real sockets: what goes through, and what each kind of proxy is told as. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Proxy, proxyWords } from '@muster/agent/proxy.ts';
import type { SocketOptions } from '@muster/agent/socket.ts';
import { openSelfSignedTls } from '@muster/server/tls.ts';
import { afterAll, afterEach, expect, test } from 'vitest';
import { listenFakeProxy, type ProxyBehaviour } from './proxy-fake.ts';
import { FakeServer, listenFakeServer } from './wire-server-fake.ts';
import { type Attempt, attempt } from './wire-verdict.ts';

const root = mkdtempSync(join(tmpdir(), 'muster-wire-proxy-'));
const tls = openSelfSignedTls(
  mkdtempSync(join(root, 'server-')),
  ['localhost', '127.0.0.1'],
  Date.UTC(2026, 0, 1),
);
const interceptor = openSelfSignedTls(
  mkdtempSync(join(root, 'interceptor-')),
  ['localhost', '127.0.0.1'],
  Date.UTC(2026, 0, 1),
);
const closers: (() => Promise<void> | void)[] = [];
const AUTHORIZATION = `Basic ${Buffer.from('agent:s3cret').toString('base64')}`;

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
afterAll(() => rmSync(root, { recursive: true }));

interface Way {
  readonly server: FakeServer;
  readonly targets: readonly string[];
  readonly address: string;
  readonly problem: Attempt['problem'];
}

async function through(
  behaviour: ProxyBehaviour,
  options: Partial<SocketOptions> = {},
  authorization: string | null = null,
  encrypted = true,
): Promise<Way> {
  const server = new FakeServer();
  server.tokens.set('T', 1);
  const { url, close } = await listenFakeServer(server, encrypted ? tls : null);
  const fake = await listenFakeProxy(behaviour);
  closers.push(close, fake.close);
  const proxy: Proxy = { host: '127.0.0.1', port: fake.port, authorization };
  const { problem, close: closeAgent } = await attempt(
    { url, tls: 'direct', tlsPin: tls.pin, ca: null, proxy, userAgent: 'test', ...options },
    server.key,
  );
  closers.push(closeAgent);
  return { server, targets: fake.targets, address: new URL(url).host, problem };
}

test('[AT20] through a proxy TLS still reaches the server itself: the handshake binds to it as it does without', async () => {
  const { server, targets, address, problem } = await through({ type: 'through' });
  expect(problem).toBeNull();
  expect(targets).toEqual([address]);
  expect(server.agents.size).toBe(1);
});

test('[AT20] plain text goes through a tunnel as well', async () => {
  const { problem } = await through({ type: 'through' }, { tls: 'none', tlsPin: null }, null, false);
  expect(problem).toBeNull();
});

test('[AT21] user and password are given where a proxy wants them, and no message holds them', async () => {
  const behaviour = { type: 'basic', authorization: AUTHORIZATION } as const;
  expect((await through(behaviour, {}, AUTHORIZATION)).problem).toBeNull();
  const without = await through(behaviour);
  expect(without.problem).toMatchObject({ code: 'proxy-credentials', retry: false });
  const wrong = Buffer.from('agent:wr0ng').toString('base64');
  const { problem } = await through(behaviour, {}, `Basic ${wrong}`);
  expect(problem).toMatchObject({
    code: 'proxy-credentials',
    detail: expect.stringContaining('does not take'),
  });
  expect(JSON.stringify(problem)).not.toMatch(new RegExp(`wr0ng|${wrong}`));
});

test('[AT21] a proxy that wants NTLM or Kerberos is refused in words', async () => {
  const { problem } = await through({ type: 'asks', schemes: ['Negotiate', 'NTLM'] });
  expect(problem).toMatchObject({
    code: 'proxy-scheme',
    detail: expect.stringContaining('Negotiate, NTLM'),
    hint: expect.stringContaining('Basic'),
    retry: false,
  });
});

test('[AT21] a proxy that refuses, one that cuts and one that is not there are told apart from the server', async () => {
  expect((await through({ type: 'refuses', status: 403 })).problem).toMatchObject({
    code: 'proxy-refused',
    detail: expect.stringMatching(/answered 403 x to CONNECT 127\.0\.0\.1:\d+/),
  });
  expect((await through({ type: 'cuts' })).problem?.code).toBe('proxy-unreachable');
  const proxy = { host: '127.0.0.1', port: 9, authorization: null };
  expect((await through({ type: 'through' }, { proxy })).problem).toMatchObject({
    code: 'proxy-unreachable',
    detail: expect.stringContaining(proxyWords(proxy)),
  });
});

test('[AT110] a proxy that did not reach the server is not told as one that forbids it', async () => {
  expect((await through({ type: 'refuses', status: 502 })).problem).toMatchObject({
    code: 'proxy-refused',
    detail: expect.stringMatching(/answered 502 x to CONNECT/),
    hint: expect.stringContaining('does not reach the server itself'),
  });
});

test('[AT20] a proxy that cuts in the middle of TLS ends the attempt at once', async () => {
  expect((await through({ type: 'cuts-after', bytes: 600 })).problem?.code).toBe('unreachable');
});

test('[AT23] a proxy that opens TLS is found by the pin, before anything is sent', async () => {
  const { server, problem } = await through({
    type: 'intercepts',
    cert: interceptor.cert,
    key: interceptor.key,
  });
  expect(problem?.code).toBe('tls-key-mismatch');
  expect(server.agents.size).toBe(0);
});

test('[AT23] also where its authority is trusted on the machine: the handshake is bound to the TLS session and tells it nothing', async () => {
  const ca = join(root, 'interceptor.pem');
  writeFileSync(ca, interceptor.cert);
  const { server, problem } = await through(
    { type: 'intercepts', cert: interceptor.cert, key: interceptor.key },
    { tlsPin: null, ca },
  );
  expect(problem).toMatchObject({ code: 'server-proof-invalid', retry: false });
  expect(server.agents.size).toBe(0);
});
