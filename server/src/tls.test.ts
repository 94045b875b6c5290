import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSelfSignedTls, readTls, selfSignedCertificate } from './tls.ts';

const NOW = Date.parse('2026-11-21T00:00:00Z');
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-tls-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('[AC30] the self-signed certificate names hosts and addresses, is its own issuer and verifies', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const certificate = new X509Certificate(
    selfSignedCertificate(privateKey, ['muster.example', '10.0.0.7', 'fd00::12'], NOW),
  );
  expect(certificate.verify(publicKey)).toBe(true);
  expect(certificate.checkIssued(certificate)).toBe(true);
  expect(certificate.checkHost('muster.example')).toBe('muster.example');
  expect(certificate.checkIP('10.0.0.7')).toBe('10.0.0.7');
  expect(certificate.checkIP('fd00::12')).toBeDefined();
  expect(certificate.validFromDate.getTime()).toBeLessThan(NOW);
});

test('[AC30] a TLS client accepts it as its own authority, under its names', async () => {
  const tls = openSelfSignedTls(folder, ['localhost', '127.0.0.1'], Date.now());
  const server = createServer({ key: tls.key, cert: tls.cert }, (socket) => socket.end('hello'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const text = await new Promise<string>((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca: tls.cert, servername: 'localhost' });
    socket.on('data', (data) => resolve(String(data)));
    socket.on('error', reject);
  });
  server.close();
  expect(text).toBe('hello');
});

test('[AC31] key and certificate are made once, kept private, and the pin is that of the key', () => {
  const first = openSelfSignedTls(folder, ['localhost'], NOW);
  const second = openSelfSignedTls(folder, ['other'], NOW);
  expect(second).toEqual(first);
  expect(statSync(join(folder, 'tls.key')).mode & 0o777).toBe(0o600);
  const spki = new X509Certificate(first.cert).publicKey.export({ type: 'spki', format: 'der' });
  expect(first.pin).toBe(createHash('sha256').update(spki).digest('base64'));
});

test('[AC31] a missing file, a broken one and a foreign key are named', () => {
  openSelfSignedTls(folder, ['localhost'], NOW);
  const cert = join(folder, 'tls.crt');
  expect(() => readTls(join(folder, 'none'), cert)).toThrow(/MUSTER_TLS_CERT.*none/);
  writeFileSync(join(folder, 'broken'), 'x');
  expect(() => readTls(cert, join(folder, 'broken'))).toThrow(/broken does not hold/);
  writeFileSync(
    join(folder, 'foreign'),
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
  );
  expect(() => readTls(cert, join(folder, 'foreign'))).toThrow(/is not the one of the certificate/);
});

test.skipIf(!existsSync('/usr/bin/openssl'))('[AC30] openssl reads it without complaint', () => {
  openSelfSignedTls(folder, ['muster.example', '10.0.0.7'], NOW);
  const text = execFileSync('openssl', ['x509', '-in', join(folder, 'tls.crt'), '-noout', '-text'], {
    encoding: 'utf8',
  });
  expect(text).toContain('DNS:muster.example, IP Address:10.0.0.7');
  expect(
    execFileSync('openssl', ['verify', '-CAfile', join(folder, 'tls.crt'), join(folder, 'tls.crt')], {
      encoding: 'utf8',
    }),
  ).toContain('OK');
});
