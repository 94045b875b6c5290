import { expect, test } from 'vitest';
import { ConfigError, readConfig } from './config.ts';

test('[AC32] with nothing set: loopback, port 8420, plain text, ./data, a local agent', () => {
  expect(readConfig({})).toMatchObject({
    host: '127.0.0.1',
    port: 8420,
    transport: { type: 'plain', insecure: false },
    localAgent: true,
    adminPassword: null,
    publicUrl: null,
    holdMsMax: 0,
    economyHoldMsMax: 30_000,
    metricsBytesMax: null,
  });
  expect(readConfig({ MUSTER_HOLD_SECONDS: '20' }).holdMsMax).toBe(20_000);
  expect(readConfig({ MUSTER_ECONOMY_HOLD_SECONDS: '0' }).economyHoldMsMax).toBe(0);
});

test.each([
  [{ MUSTER_HOST: '0.0.0.0' }, { type: 'self-signed' }],
  [
    { MUSTER_HOST: '0.0.0.0', MUSTER_INSECURE: '1' },
    { type: 'plain', insecure: true },
  ],
  [{ MUSTER_HOST: '127.0.0.2' }, { type: 'plain', insecure: false }],
  [
    { MUSTER_HOST: '0.0.0.0', MUSTER_TLS_CERT: 'c', MUSTER_TLS_KEY: 'k' },
    { type: 'files', certFile: 'c', keyFile: 'k' },
  ],
])('[AC32] %j listens by %j', (environment, transport) => {
  expect(readConfig(environment).transport).toEqual(transport);
});

const ORIGIN_ONLY =
  'must be scheme, host and port alone, such as https://muster.example.org: the server answers at the root of its address, not below a path.';

test.each([
  [{ MUSTER_HOLD_SECONDS: '31' }, 'MUSTER_HOLD_SECONDS is "31" and must be from 0 to 30.'],
  [{ MUSTER_PORT: 'http' }, 'MUSTER_PORT is "http" and must be a number.'],
  [{ MUSTER_PORT: '70000' }, 'MUSTER_PORT is "70000" and must be from 0 to 65535.'],
  [{ MUSTER_HOST: 'everywhere' }, 'MUSTER_HOST is "everywhere" and must be an IP address or localhost.'],
  [
    { MUSTER_ADMIN_PASSWORD: 'short' },
    'MUSTER_ADMIN_PASSWORD must have at least 10 characters; set a longer one, or leave it out and the first start shows a password that it made.',
  ],
  [
    { MUSTER_PUBLIC_URL: 'https://example.org/muster' },
    `MUSTER_PUBLIC_URL is "https://example.org/muster" and ${ORIGIN_ONLY}`,
  ],
  [
    { MUSTER_PUBLIC_URL: 'https://example.org/?x' },
    `MUSTER_PUBLIC_URL is "https://example.org/?x" and ${ORIGIN_ONLY}`,
  ],
  [{ MUSTER_PUBLIC_URL: 'https://anna:secret@example.org' }, `MUSTER_PUBLIC_URL ${ORIGIN_ONLY}`],
  [{ MUSTER_TLS_CERT: 'c' }, 'MUSTER_TLS_KEY is missing: certificate and key go together.'],
  [{ MUSTER_INSECURE: 'yes' }, 'MUSTER_INSECURE is "yes" and must be 0 or 1.'],
])('[AC33] %j is refused by name, and a password is never shown', (environment, message) => {
  expect(() => readConfig(environment)).toThrow(new ConfigError(message));
});

test('[AC33] an empty variable counts as not set', () => {
  expect(readConfig({ MUSTER_PORT: '', MUSTER_ADMIN_PASSWORD: '' })).toMatchObject({
    port: 8420,
    adminPassword: null,
  });
});
