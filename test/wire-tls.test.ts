/** The agent's socket over real TLS: pins, modes, and the exporter value that ties the handshake to the session. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { Connection, type LinkStatus } from '@muster/agent/connection.ts';
import { memoryIdentity } from '@muster/agent/identity.ts';
import { type SocketOptions, webSocketOpener } from '@muster/agent/socket.ts';
import { Spool } from '@muster/agent/spool.ts';
import { systemTimers } from '@muster/agent/timers.ts';
import { openSelfSignedTls } from '@muster/server/tls.ts';
import { afterAll, afterEach, expect, test } from 'vitest';
import { FakeServer, listenFakeServer } from './wire-server-fake.ts';

const folder = mkdtempSync(join(tmpdir(), 'muster-wire-tls-'));
const tls = openSelfSignedTls(folder, ['localhost'], Date.UTC(2026, 0, 1));
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
  return new Promise((resolve) => {
    const spool = new Spool({ path: ':memory:', nowMs: () => 1, randomBytes });
    const connection = new Connection({
      open: webSocketOpener({ url, tls: 'direct', tlsPin: tls.pin, userAgent: 'test', ...options }),
      spool,
      identity: memoryIdentity(),
      serverKey: server.key,
      firstSight: false,
      token: 'T',
      capabilities: [],
      facts: { agentVersion: '0', hostname: 'h', platform: 'linux', bootId: 'b' },
      nowMs: () => 1,
      elapsedMs: () => 1,
      timers: systemTimers,
      random: { unit: () => 0.5, bytes: (count) => randomBytes(count) },
      on: {
        accepted: () => undefined,
        acknowledged: () => undefined,
        configured: () => undefined,
        live: () => undefined,
        record: () => undefined,
        witness: () => undefined,
      upgrade: () => undefined,
      rollBack: () => undefined,
        skew: () => undefined,
        restored: () => undefined,
        status: (status: LinkStatus) => {
          if (status.state === 'online') resolve('online');
          if (status.state === 'waiting') resolve(status.problem.code);
        },
      },
    });
    closers.push(() => {
      connection.stop();
      spool.close();
    });
    connection.start();
  });
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
