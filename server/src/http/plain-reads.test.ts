import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { endpoint, IdParams } from '@muster/shared/api/endpoint.ts';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { issueApiToken } from '../access/access.ts';
import { AppError } from '../errors.ts';
import { COMPRESSED_BYTES_MIN } from './compress.ts';
import { type Listener, listen } from './listen.ts';
import { createTestWeb } from './testing.ts';

const read = { method: 'GET', right: 'read', tag: 'test', summary: '' } as const;
const ECHO = endpoint({
  ...read,
  id: 'echo',
  path: '/echo',
  query: z.object({
    n: z.coerce.number().int().default(7),
    text: z.string().optional(),
    of: z.array(z.string()).optional(),
  }),
  repeated: ['of'],
  response: z.unknown(),
});
const THING = endpoint({
  ...read,
  id: 'thing',
  path: '/things/:id/parts/:part',
  params: IdParams.extend({ part: z.string() }),
  response: z.unknown(),
});
const LONG = endpoint({ ...read, id: 'long', path: '/long', response: z.unknown() });
const SECRET = endpoint({
  ...read,
  id: 'secret',
  path: '/secret',
  right: 'users.write',
  response: z.unknown(),
});
const BROKEN = endpoint({ ...read, id: 'broken', path: '/broken', response: z.unknown() });

let listener: Listener | null = null;
const agent = new Agent({ keepAlive: true });
afterEach(async () => {
  await listener?.close();
  listener = null;
});

async function opened(overrides = {}) {
  const made = await createTestWeb(overrides);
  const { routes } = made.web;
  routes.add(ECHO, async ({ query }, { actor, address, signal }) => ({
    query,
    actor: actor.name,
    address,
    aborted: signal.aborted,
  }));
  routes.add(THING, async ({ params }) => params);
  routes.add(LONG, async () => ({ text: 'muster '.repeat(COMPRESSED_BYTES_MIN) }));
  routes.add(SECRET, async () => ({ secret: true }));
  routes.add(BROKEN, () => Promise.reject(new AppError('sign-in-locked', 'later', { retryAtMs: 0 })));
  const served: boolean[] = [];
  const serve = (...pair: Parameters<typeof made.web.serve>) => {
    served.push(made.web.serve(...pair));
    return served.at(-1) ?? false;
  };
  const none = () => undefined;
  listener = await listen({
    web: { ...made.web, serve },
    host: '127.0.0.1',
    port: 0,
    tls: null,
    proxies: 0,
    publicHost: null,
    sockets: { agent: none, live: none },
    log: none,
  });
  const { port } = listener;
  const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
      const options = { host: '127.0.0.1', port, path: `/api/v1${path}`, headers, agent, method };
      const call = request(options, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => {
          const { date: _date, ...rest } = response.headers;
          const bytes = Buffer.concat(parts);
          const body = (rest['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString();
          resolve({ status: response.statusCode ?? 0, headers: rest, body });
        });
      });
      call.on('error', reject);
      call.end();
    });
  const as = (role: 'viewer' | 'admin') => ({ authorization: `Bearer ${made.tokens.get(role) ?? ''}` });
  return { ...made, ask, as, served };
}

/** What is answered to these bytes. */
function statusOf(raw: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(listener?.port ?? 0, '127.0.0.1', () => socket.write(raw));
    socket.once('data', (bytes) => {
      resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(bytes.toString())?.[1]));
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

test.each([
  ['an answer', '/echo?n=3&text=a+b%2Fc&text=second&of=1&of=2', 200],
  ['without a query', '/echo', 200],
  ['names in the path', '/things/ci_1/parts/p-2', 200],
  ['long', '/long', 200],
  ['input that does not fit', '/echo?n=x', 400],
  ['a right that is not there', '/secret', 403],
  ['a failure with a time', '/broken', 429],
])('[HT12] a plain read is answered alike on both ways: %s', async (_case, path, status) => {
  const { ask, as, served } = await opened();
  for (const encoding of ['identity', 'gzip']) {
    const headers = { ...as('viewer'), 'accept-encoding': encoding };
    const plainly = await ask(path, headers);
    // The first letter of the first step, written in another way.
    const encoded = path.replace(/^\/(.)/, (_, letter: string) => `/%${letter.charCodeAt(0).toString(16)}`);
    const otherwise = await ask(encoded, headers);
    expect(served.splice(0)).toEqual([true, false]);
    expect(plainly).toEqual(otherwise);
    expect(plainly.status).toBe(status);
    expect(plainly.headers).toMatchObject({ 'cache-control': 'no-store', 'x-frame-options': 'DENY' });
  }
});

test.each([
  ['another method', '/echo', 'HEAD', 200],
  ['an unknown path', '/nothing', 'GET', 404],
  ['letters to decode', '/things/a%20b/parts/c', 'GET', 200],
  ['steps back', '/things/../parts/c', 'GET', 404],
  ['a part behind #', '/echo#x', 'GET', 200],
  ['a slash at the end', '/echo/', 'GET', 404],
])('[HT12] what is not plain takes the other way: %s', async (_case, path, method, status) => {
  const { ask, as, served } = await opened();
  expect((await ask(path, as('viewer'), method)).status).toBe(status);
  expect(served).toEqual([false]);
});

test.each([
  ['two tokens', (token: string) => ['Authorization', token, 'Authorization', token], 401],
  ['a name of the server that is none', () => ['Host', 'a b'], 400],
  ['a port that is none', () => ['Host', 'muster:65536'], 400],
])('[HT12] a head that is not plain takes the other way: %s', async (_case, head, status) => {
  const { ask, as, served } = await opened();
  const { authorization } = as('viewer');
  const lines = head(authorization);
  const raw = [
    'GET /api/v1/echo HTTP/1.1',
    ...['Host', 'Authorization'].flatMap((name) =>
      lines.includes(name) ? [] : `${name}: ${name === 'Host' ? '127.0.0.1' : authorization}`,
    ),
    ...Array.from({ length: lines.length / 2 }, (_, i) => `${lines[2 * i]}: ${lines[2 * i + 1]}`),
    'Connection: close',
    '\r\n',
  ].join('\r\n');
  expect([await statusOf(raw), served]).toEqual([status, [false]]);
  expect((await ask('/echo', as('viewer'))).status).toBe(200);
});

test('[HT12] a token that is revoked, or over, opens nothing any more: at once, on the same connection', async () => {
  const { ask, as, store, clock } = await opened();
  expect((await ask('/echo')).status).toBe(401);
  expect((await ask('/echo', { authorization: 'Bearer mst_wrong' })).status).toBe(401);
  for (let i = 0; i < 3; i++) expect((await ask('/echo', as('viewer'))).status).toBe(200);
  const [token] = (await store.listApiTokens({ limit: 10, after: null })).filter(
    ({ name }) => name === 'viewer',
  );
  await store.removeApiToken(token?.id ?? '');
  const { status, headers } = await ask('/echo', as('viewer'));
  expect([status, headers['www-authenticate']]).toEqual([401, 'Bearer']);
  const until = { name: 'short', role: 'viewer', expiresAtMs: clock.now() } as const;
  const { token: over } = await issueApiToken(store, until, clock.now() - 1);
  expect((await ask('/echo', { authorization: `Bearer ${over}` })).status).toBe(401);
});

test('[HT7] a plain read is refused while the server is not ready', async () => {
  const { ask, as, served } = await opened({ notReady: () => 'The journal is read.' });
  expect((await ask('/echo', as('viewer'))).status).toBe(503);
  expect(served).toEqual([true]);
});

test('[ME78] who asks plainly and goes before the answer is noticed; who got it is not gone', async () => {
  const { ask, as, web } = await opened();
  const begun = Promise.withResolvers<AbortSignal>();
  const waits = endpoint({ ...read, id: 'waits', path: '/waits', response: z.unknown() });
  web.routes.add(waits, async (_input, { signal }) => {
    begun.resolve(signal);
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    throw signal.reason;
  });
  const call = ask('/waits', as('viewer'));
  const signal = await begun.promise;
  const gone = new Promise((resolve) => signal.addEventListener('abort', resolve));
  agent.destroy();
  await expect(call).rejects.toThrow();
  await gone;
  expect(signal.aborted).toBe(true);
  const heard: AbortSignal[] = [];
  const quick = endpoint({ ...read, id: 'quick', path: '/quick', response: z.unknown() });
  web.routes.add(quick, async (_input, context) => {
    heard.push(context.signal);
    return {};
  });
  expect((await ask('/quick', as('viewer'))).status).toBe(200);
  agent.destroy();
  await listener?.close();
  expect(heard.map(({ aborted }) => aborted)).toEqual([false]);
});
