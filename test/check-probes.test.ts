/** Probes over real sockets: against servers that hang, reset, talk without end and show certificates that nobody trusts. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { lookup } from 'node:dns';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { probe, type ProbeResult } from '@muster/agent/checks/probe.ts';
import type { CheckReach } from '@muster/agent/checks/reach-names.ts';
import { authorities } from '@muster/agent/socket.ts';
import { selfSignedCertificate } from '@muster/server/tls.ts';
import { Check } from '@muster/shared/checks/check.ts';
import { DAY_MS } from '@muster/shared/time.ts';
import { afterEach, expect, test } from 'vitest';

const rhythm = { intervalMs: 60_000, timeoutMs: 5_000 };
const HTTP = { statusMin: 200, statusMax: 399, contains: null, followRedirects: false, verify: true };
/** Longer than the server's own certificates are valid. */
const DAYS_LONG_AGO = 8_000;

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

async function listening<One extends Server>(server: One): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  ends.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const web = (answer: RequestListener) => listening(createHttpServer(answer));

/** A certificate for 127.0.0.1 and localhost, and the file by which it is trusted. */
function certificate(agoDays: number): { key: string; cert: string; caFile: string } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const cert = selfSignedCertificate(privateKey, ['localhost', '127.0.0.1'], Date.now() - agoDays * DAY_MS);
  const folder = mkdtempSync(join(tmpdir(), 'muster-check-'));
  ends.push(() => rmSync(folder, { recursive: true }));
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, cert);
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), cert, caFile };
}

function run(
  check: unknown,
  {
    reach = 'loopback',
    ca = null,
    signal = AbortSignal.timeout(4_000),
  }: { reach?: CheckReach; ca?: string | null; signal?: AbortSignal } = {},
): Promise<ProbeResult> {
  const trust = () => createSecureContext({ ca: authorities(ca) });
  return probe(
    Check.parse(check),
    {
      reach,
      userAgent: 'muster-agent/test check',
      trust,
      resolve: (host, answered) => lookup(host, { all: true }, answered),
    },
    signal,
  );
}

const httpCheck = (
  port: number,
  more: Partial<Omit<typeof HTTP, 'contains'>> & { contains?: string | null; path?: string } = {},
) => {
  const { path = '/', ...rest } = more;
  return { kind: 'http', url: `http://127.0.0.1:${port}${path}`, ...HTTP, ...rest, ...rhythm };
};

test('[CK1] tcp: a port that takes connections, and one that nobody listens on', async () => {
  const server = createServer((socket) => socket.end());
  const port = await listening(server);
  expect(await run({ kind: 'tcp', host: '127.0.0.1', port, ...rhythm })).toEqual({ why: null });
  expect(await run({ kind: 'tcp', host: 'localhost', port, ...rhythm })).toEqual({ why: null });
  await new Promise((resolve) => server.close(resolve));
  const refused = await run({ kind: 'tcp', host: '127.0.0.1', port, ...rhythm });
  expect(refused.why).toContain('ECONNREFUSED');
});

test('[CK1] http: status, text across pieces, and redirects only where they are followed', async () => {
  const asked: string[] = [];
  const port = await web(({ url = '', method, headers }, answer) => {
    asked.push(`${method} ${url} ${headers['user-agent']}`);
    if (url === '/away') return void answer.writeHead(302, { location: '/there' }).end();
    if (url === '/round') return void answer.writeHead(302, { location: '/round' }).end();
    if (url === '/missing') return void answer.writeHead(404).end('no');
    answer.write('all is we');
    setImmediate(() => answer.end('ll here'));
  });
  expect(await run(httpCheck(port, { contains: 'is well' }))).toEqual({ why: null, httpStatus: 200 });
  expect(await run(httpCheck(port, { contains: 'is ill' }))).toMatchObject({
    why: expect.stringContaining('text'),
  });
  expect(await run(httpCheck(port, { path: '/missing' }))).toEqual({
    why: 'HTTP status 404, expected 200 to 399',
    httpStatus: 404,
  });
  expect(await run(httpCheck(port, { path: '/missing', statusMax: 404 }))).toEqual({
    why: null,
    httpStatus: 404,
  });
  expect(await run(httpCheck(port, { path: '/away' }))).toEqual({ why: null, httpStatus: 302 });
  expect(await run(httpCheck(port, { path: '/away', followRedirects: true, contains: 'well' }))).toEqual({
    why: null,
    httpStatus: 200,
  });
  expect((await run(httpCheck(port, { path: '/round', followRedirects: true }))).why).toContain(
    'more than 5 times',
  );
  expect(asked[0]).toBe('GET / muster-agent/test check');
});

test('[CK32] a redirect to a metadata address, to another scheme or to an address with a password is not followed', async () => {
  for (const location of [
    'http://169.254.169.254/latest/',
    'file:///etc/passwd',
    'http://a:b@example.org/',
  ]) {
    const port = await web((_, answer) => void answer.writeHead(301, { location }).end());
    const { why } = await run(httpCheck(port, { followRedirects: true }));
    expect(why).toMatch(/never checked|redirected to something/);
  }
});

test('[CK32] [AT124] without the owner’s word nothing is connected on this machine, by address or by name', async () => {
  let connections = 0;
  const port = await listening(createServer(() => connections++));
  for (const host of ['127.0.0.1', 'localhost', '::1'])
    expect(await run({ kind: 'tcp', host, port, ...rhythm }, { reach: 'network' })).toEqual({
      why: expect.stringContaining('is not allowed here'),
      refused: true,
    });
  expect((await run(httpCheck(port), { reach: 'network' })).why).toContain('is not allowed here');
  expect(
    (await run({ kind: 'tls', host: 'localhost', port, verify: true, ...rhythm }, { reach: 'network' })).why,
  ).toContain('is not allowed here');
  expect(connections).toBe(0);
});

test('[CK12] a server that never answers costs a socket until the signal, and no longer', async () => {
  const closed: Promise<void>[] = [];
  const port = await listening(
    createServer((socket) => {
      socket.resume();
      closed.push(new Promise((resolve) => socket.once('close', () => resolve())));
    }),
  );
  for (const check of [httpCheck(port), { kind: 'tls', host: '127.0.0.1', port, verify: true, ...rhythm }]) {
    const abort = new AbortController();
    const running = run(check, { signal: abort.signal });
    while (closed.length === 0) await new Promise(setImmediate);
    abort.abort();
    expect((await running).why).not.toBeNull();
    await closed.pop();
  }
});

test('[CK12] a reset, an end without an answer and something that is no HTTP are failures in words', async () => {
  const answers: ((socket: Socket) => void)[] = [
    (socket) => socket.once('data', () => socket.resetAndDestroy()),
    (socket) => socket.once('data', () => socket.end()),
    (socket) => socket.end('SSH-2.0-OpenSSH\r\n'),
  ];
  for (const answer of answers) {
    const port = await listening(createServer(answer));
    const { why } = await run(httpCheck(port));
    expect(why).toMatch(/ECONNRESET|hang up|closed|Parse Error/);
  }
});

test('[CK12] of a body without end no more than the limit is read, and headers without end are refused', async () => {
  let sentBytes = 0;
  const piece = Buffer.alloc(64 << 10, 'x');
  const port = await web((_, answer) => {
    const pour = () => {
      while (!answer.destroyed && answer.write(piece)) sentBytes += piece.length;
    };
    answer.on('drain', pour);
    pour();
  });
  expect((await run(httpCheck(port, { contains: 'needle' }))).why).toContain('256 KiB');
  expect(sentBytes).toBeLessThan(16 << 20);
  const talker = await listening(
    createServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const pour = () => {
        while (!socket.destroyed && socket.write(`x: ${'y'.repeat(1_000)}\r\n`)) continue;
      };
      socket.on('drain', pour);
      pour();
    }),
  );
  expect((await run(httpCheck(talker))).why).toMatch(/overflow/i);
});

test('[CK20] the end of a certificate is told whether it is trusted or not; expired, foreign or of another name it fails', async () => {
  const good = certificate(0);
  const port = await listening(createHttpsServer(good, (_, answer) => void answer.end('secret')));
  const check = { kind: 'tls', host: '127.0.0.1', port, verify: true, ...rhythm };
  const trusted = await run(check, { ca: good.caFile });
  expect(trusted.why).toBeNull();
  expect(trusted.certificateEndsAtMs).toBeGreaterThan(Date.now() + DAY_MS);
  const foreign = await run(check);
  expect(foreign.why).toContain('not trusted');
  expect(foreign.certificateEndsAtMs).toBe(trusted.certificateEndsAtMs);
  expect((await run({ ...check, verify: false })).why).toBeNull();

  const old = certificate(DAYS_LONG_AGO);
  const oldPort = await listening(createHttpsServer(old, (_, answer) => void answer.end()));
  const expired = await run({ ...check, port: oldPort }, { ca: old.caFile });
  expect(expired.why).toContain('not trusted');
  expect(expired.certificateEndsAtMs).toBeLessThan(Date.now());
});

test('[CK1] https: nothing is asked of whom the check does not trust; a plain server is no TLS', async () => {
  const asked: string[] = [];
  const own = certificate(0);
  const port = await listening(
    createHttpsServer(own, ({ url = '' }, answer) => {
      asked.push(url);
      answer.end('hello');
    }),
  );
  const check = {
    ...httpCheck(port, { path: '/page', contains: 'hello' }),
    url: `https://localhost:${port}/page`,
  };
  expect((await run(check)).why).toContain('not trusted');
  expect(asked).toEqual([]);
  expect(await run(check, { ca: own.caFile })).toMatchObject({ why: null, httpStatus: 200 });
  expect(await run({ ...check, verify: false })).toMatchObject({ why: null, httpStatus: 200 });
  expect(asked).toEqual(['/page', '/page']);
  const plain = await web((_, answer) => void answer.end());
  expect(
    (await run({ kind: 'tls', host: '127.0.0.1', port: plain, verify: false, ...rhythm })).why,
  ).not.toBeNull();
});

test('[CK1] dns: a name that cannot be is a failure, and nothing outlives the signal', async () => {
  const abort = new AbortController();
  const running = run(
    { kind: 'dns', name: 'muster-check.invalid', type: 'A', expected: null, ...rhythm },
    { signal: abort.signal },
  );
  setImmediate(() => abort.abort());
  expect((await running).why).not.toBeNull();
});
