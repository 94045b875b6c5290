/** The agent's socket over real TLS: pins, modes, and the exporter value that ties the handshake to the session. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SocketOptions } from '@muster/agent/socket.ts';
import { openSelfSignedTls } from '@muster/server/tls.ts';
import { afterAll, afterEach, expect, test } from 'vitest';
import { installedFlags } from './bench/footprint/service-command.ts';
import { FakeServer, listenFakeServer } from './wire-server-fake.ts';
import { attempt } from './wire-verdict.ts';

const folder = mkdtempSync(join(tmpdir(), 'muster-wire-tls-'));
const tls = openSelfSignedTls(folder, ['localhost', '127.0.0.1'], Date.UTC(2026, 0, 1));
const closers: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The first verdict over one connection: 'online', or why not. */
async function verdict(options: Partial<SocketOptions>, encrypted = true): Promise<string> {
  const server = new FakeServer();
  server.tokens.set('T', 1);
  const { url, close } = await listenFakeServer(server, encrypted ? tls : null);
  closers.push(close);
  const { problem, close: closeAgent } = await attempt(
    { url, tls: 'direct', tlsPin: tls.pin, ca: null, proxy: null, userAgent: 'test', ...options },
    server.key,
  );
  closers.push(closeAgent);
  return problem?.code ?? 'online';
}

test('[LK110] the pinned key of a self-signed certificate is enough', async () => {
  expect(await verdict({})).toBe('online');
});

test('[LK110] another key than the pinned one ends the connection before anything is sent', async () => {
  expect(await verdict({ tlsPin: `${'A'.repeat(43)}=` })).toBe('tls-key-mismatch');
});

test('[LK110] without a pin a certificate must be trusted by this machine', async () => {
  expect(await verdict({ tlsPin: null })).toBe('tls-invalid');
});

test('[LK111] an agent told of a proxy and a server that sees none do not agree, so TLS cannot be ended in between unnoticed', async () => {
  expect(await verdict({ tls: 'proxy' })).toBe('server-proof-invalid');
});

test('[LK112] no server, and a server that speaks no WebSocket here, are told apart from a broken proof', async () => {
  expect(await verdict({ url: 'wss://127.0.0.1:9/ws/agent' })).toBe('unreachable');
  const server = new FakeServer();
  const { url, close } = await listenFakeServer(server);
  closers.push(close);
  expect(await verdict({ url: url.replace('/ws/agent', '/elsewhere'), tls: 'none' }, false)).toBe(
    'unreachable',
  );
});

test('[AT22] an authority of your own is trusted besides those of the machine; a file that holds none is told', async () => {
  const ca = join(folder, 'own-ca.pem');
  writeFileSync(ca, tls.cert);
  expect(await verdict({ tlsPin: null, ca })).toBe('online');
  writeFileSync(ca, 'no certificate');
  expect(await verdict({ tlsPin: null, ca })).toBe('ca-unreadable');
  expect(await verdict({ tlsPin: null, ca: join(folder, 'missing.pem') })).toBe('ca-unreadable');
});

test('[FP13] started as the service starts it the agent trusts whom it trusts otherwise, with no list loaded ahead', () => {
  const listed = (...flags: string[]) =>
    execFileSync(
      process.execPath,
      [
        ...flags,
        '--input-type=module',
        '--eval',
        `const { authorities } = await import(${JSON.stringify(import.meta.resolve('@muster/agent/socket.ts'))});
         const { getCACertificates } = await import('node:tls');
         console.log(JSON.stringify([getCACertificates('default').length, authorities(null)]));`,
      ],
      { encoding: 'utf8', env: { PATH: process.env.PATH ?? '' } },
    );
  const [aheadByDefault, trusted] = JSON.parse(listed()) as [number, string[]];
  // Without WebAssembly Node reads no TypeScript.
  const flags = installedFlags().filter((flag) => flag !== '--lite-mode');
  const [ahead, trustedByService] = JSON.parse(listed(...flags)) as [number, string[]];
  expect([aheadByDefault > 100, ahead]).toEqual([true, 0]);
  expect(trustedByService).toEqual(trusted);
  expect(new Set(trusted).size).toBe(trusted.length);
});
