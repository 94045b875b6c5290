/** The doctor's look at a real network: servers, proxies and certificates on loopback. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SettingsInput, settingsFrom } from '@muster/agent/config.ts';
import { networkPort } from '@muster/agent/doctor/network.ts';
import { openSelfSignedTls } from '@muster/server/tls.ts';
import { afterAll, afterEach, expect, test } from 'vitest';
import { listenFakeProxy, type ProxyBehaviour } from './proxy-fake.ts';
import { FakeServer, listenFakeServer } from './wire-server-fake.ts';

const root = mkdtempSync(join(tmpdir(), 'muster-wire-doctor-'));
const NAMES = ['localhost', '127.0.0.1'];
const tls = openSelfSignedTls(mkdtempSync(join(root, 'server-')), NAMES, Date.UTC(2026, 0, 1));
const other = openSelfSignedTls(mkdtempSync(join(root, 'other-')), NAMES, Date.UTC(2026, 0, 1));
const port = networkPort('test');
const closers: (() => Promise<unknown> | void)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
afterAll(() => rmSync(root, { recursive: true }));

async function server(input: SettingsInput = {}, behaviour: ProxyBehaviour | null = null) {
  const fake = new FakeServer();
  const { url, close } = await listenFakeServer(fake, tls);
  closers.push(close);
  const proxy = behaviour === null ? null : await listenFakeProxy(behaviour);
  if (proxy) closers.push(proxy.close);
  const way = proxy === null ? {} : { proxy: `http://agent:hidden@127.0.0.1:${proxy.port}` };
  return {
    fake,
    settings: settingsFrom({ server: url, serverKey: fake.key, tlsPin: tls.pin, ...way, ...input }),
  };
}

test('[AT5] of a certificate it tells whose it is, for which names, until when, and its key', async () => {
  const { settings } = await server();
  const { certificate, http } = await port.ask(settings);
  expect(certificate).toMatchObject({
    protocol: 'TLSv1.3',
    subject: 'localhost',
    issuer: 'localhost',
    names: ['DNS:localhost', 'IP Address:127.0.0.1'],
    pin: tls.pin,
    distrust: expect.stringContaining('SELF_SIGNED'),
  });
  expect(certificate?.toMs).toBeGreaterThan(Date.UTC(2026, 6, 1));
  expect(http).toMatchObject({ type: 'answer', dateMs: expect.any(Number) });
});

test('[AT5] [AT22] an authority of one’s own makes it trusted', async () => {
  const ca = join(root, 'ca.pem');
  writeFileSync(ca, tls.cert);
  const { settings } = await server({ tlsPin: undefined, ca });
  expect((await port.ask(settings)).certificate?.distrust).toBeNull();
});

test('[AT4] the greeting goes as far as the server’s proof, and the server learns of no agent', async () => {
  const { fake, settings } = await server();
  expect(await port.greet(settings, { trustedKey: fake.key, enrolledWith: null })).toEqual({
    type: 'proved',
    serverKey: fake.key,
  });
  expect(fake.agents.size).toBe(0);
});

test('[AT1] another server’s key is told', async () => {
  const { settings } = await server();
  expect(await port.greet(settings, { trustedKey: 'B'.repeat(43), enrolledWith: null })).toMatchObject({
    upgraded: true,
    code: 'server-key-mismatch',
  });
});

test('[AT111] the own server is known where only the configuration has another key', async () => {
  const { fake, settings } = await server();
  const known = { trustedKey: 'B'.repeat(43), enrolledWith: fake.key };
  expect(await port.greet(settings, known)).toMatchObject({
    code: 'server-key-changed',
    detail: expect.stringContaining(fake.key),
  });
});

test('[AT23] through a proxy that opens TLS it sees the certificate of that one, and its greeting fits no session', async () => {
  const behaviour = { type: 'intercepts', cert: other.cert, key: other.key } as const;
  const ca = join(root, 'other.pem');
  writeFileSync(ca, other.cert);
  const { fake, settings } = await server({ tlsPin: undefined, ca }, behaviour);
  expect((await port.ask(settings)).certificate?.pin).toBe(other.pin);
  expect(await port.greet(settings, { trustedKey: fake.key, enrolledWith: null })).toMatchObject({
    code: 'server-proof-invalid',
  });
});

test('[AT21] what a proxy says is told, without its password', async () => {
  const { settings } = await server({}, { type: 'asks', schemes: ['NTLM'] });
  const seen = await port.tunnel(settings);
  expect(seen).toMatchObject({
    type: 'failure',
    detail: expect.stringContaining('NTLM'),
    hint: expect.stringContaining('Basic'),
  });
  expect(JSON.stringify(seen)).not.toContain('hidden');
  const through = await server({}, { type: 'through' });
  expect(await port.tunnel(through.settings)).toEqual({ type: 'open' });
  expect(
    await port.greet(through.settings, { trustedKey: through.fake.key, enrolledWith: null }),
  ).toMatchObject({ type: 'proved' });
});

test('[AT6] a gateway that answers HTTP and knows no upgrade is told from a server that is away', async () => {
  const gateway = createServer((_, response) => response.writeHead(200, { via: '1.1 gate' }).end());
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise((resolve) => gateway.close(resolve)));
  const settings = settingsFrom({ server: `ws://127.0.0.1:${(gateway.address() as AddressInfo).port}` });
  expect((await port.ask(settings)).http).toMatchObject({ type: 'answer', status: 200, through: '1.1 gate' });
  expect(await port.greet(settings, { trustedKey: null, enrolledWith: null })).toMatchObject({
    upgraded: false,
    code: 'unreachable',
    detail: expect.stringContaining('HTTP status 200'),
  });
});

test('[AT1] a port that ends every connection, and one where nothing listens', async () => {
  const rude = createTcpServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => rude.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise((resolve) => rude.close(resolve)));
  const { port: number } = rude.address() as AddressInfo;
  const settings = settingsFrom({ server: `wss://127.0.0.1:${number}`, serverKey: 'A'.repeat(43) });
  expect(await port.ask(settings)).toMatchObject({ certificate: null, tls: { type: 'failure' } });
  expect(await port.connect('127.0.0.1', number)).toMatchObject({ type: 'connected' });
  expect(await port.connect('127.0.0.1', 9)).toMatchObject({ type: 'failure', code: 'ECONNREFUSED' });
  expect(await port.lookUp('127.0.0.1')).toMatchObject({ type: 'found', addresses: ['127.0.0.1'] });
});
