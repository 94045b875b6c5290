import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import './schemas.ts';
import { isLoopback, readSettingsInput, SettingsError, settingsFrom, settingsFromFlags } from './config.ts';

const root = mkdtempSync(join(tmpdir(), 'muster-config-'));
afterAll(() => rmSync(root, { recursive: true }));

test.each([
  ['ws://127.0.0.1:8420', 'ws://127.0.0.1:8420/ws/agent', 'none'],
  ['http://localhost:8420/', 'ws://localhost:8420/ws/agent', 'none'],
  ['https://muster.example', 'wss://muster.example/ws/agent', 'direct'],
  ['muster.example:8420', 'wss://muster.example:8420/ws/agent', 'direct'],
  ['wss://gate.example/muster/ws/agent', 'wss://gate.example/muster/ws/agent', 'direct'],
])('[LK85] %s becomes %s', (server, url, tls) => {
  expect(settingsFrom({ server })).toMatchObject({ url, tls });
});

test.each([
  ['no address', {}],
  ['an address of another kind', { server: 'ftp://muster.example' }],
  ['plain text to another machine', { server: 'ws://muster.example' }],
  ['TLS on a plain address', { server: 'ws://127.0.0.1', tls: 'direct' as const }],
  ['no TLS on an encrypted address', { server: 'wss://muster.example', tls: 'none' as const }],
  ['a pin without TLS', { server: 'ws://127.0.0.1', tlsPin: `${'A'.repeat(43)}=` }],
  ['a pin that is none', { server: 'wss://muster.example', tlsPin: 'sha256//short' }],
])('[LK86] %s is an error that says what to do', (_, input) => {
  expect(() => settingsFrom(input)).toThrow(SettingsError);
});

test('[AT113] what is refused is told with the key of the configuration that it is about', () => {
  expect(() => settingsFrom({ server: 'ws://muster.example' })).toThrow(/"insecure": true/);
  expect(() => settingsFrom({})).toThrow(/"server"/);
});

test('[AT113] a key that nobody knows is named after the file, with one colon between them', () => {
  const path = join(root, 'slip.json');
  writeFileSync(path, '{ "servr": "wss://muster.example" }');
  expect(() => readSettingsInput({}, path)).toThrow(`${path}: Unrecognized key: "servr"`);
  writeFileSync(path, '{ "tls": "maybe" }');
  expect(() => readSettingsInput({}, path)).toThrow(`${path}: tls: `);
});

test('[LK86] plain text to another machine must be allowed in words', () => {
  expect(settingsFrom({ server: 'ws://muster.example', insecure: true }).url).toBe(
    'ws://muster.example/ws/agent',
  );
});

test('[LK87] trust at first sight is for a server on this machine only', () => {
  for (const host of ['localhost', '127.0.0.1', '127.3.2.1', '[::1]']) expect(isLoopback(host)).toBe(true);
  for (const host of ['128.0.0.1', 'localhost.example', '10.0.0.1', '[::2]', 'a127.0.0.1'])
    expect(isLoopback(host)).toBe(false);
  expect(settingsFrom({ server: 'ws://127.0.0.1' }).firstSight).toBe(true);
  expect(settingsFrom({ server: 'wss://muster.example' }).firstSight).toBe(false);
});

test('[LK88] the command line goes before the file', () => {
  const dataDir = join(root, 'a');
  const path = join(root, 'agent.json');
  writeFileSync(path, JSON.stringify({ server: 'wss://one.example', token: 'from-file', dataDir }));
  const { input, dataDir: chosen } = readSettingsInput(
    settingsFromFlags({ server: 'wss://two.example' }),
    path,
  );
  expect(input).toMatchObject({ server: 'wss://two.example', token: 'from-file' });
  expect(chosen).toBe(dataDir);
});

test.each([
  ['{', /bad\.json is not JSON, line 1, column 2/],
  [
    '{"server":"wss://m.example",\n"serverKey":"abc="}',
    /serverKey has 4 characters and holds "=";.*Add a machine/,
  ],
  ['{"sever":"x"}', /sever/],
  ['{"tls":"maybe"}', /tls/],
])('[LK88] a file that says %s is an error that names it', (text, message) => {
  const path = join(root, 'bad.json');
  writeFileSync(path, text);
  expect(() => readSettingsInput({}, path)).toThrow(message);
});

test('[LK88] a file that was asked for must be there, the usual one need not', () => {
  expect(() => readSettingsInput({}, join(root, 'missing.json'))).toThrow(SettingsError);
  expect(readSettingsInput({ dataDir: join(root, 'none') }, null).dataDir).toBe(join(root, 'none'));
});

test('[WN1] looking for neighbours is off unless it is switched on', () => {
  expect(settingsFrom({ server: 'ws://127.0.0.1' }).witness).toBe(false);
  expect(settingsFrom({ server: 'ws://127.0.0.1', witness: true }).witness).toBe(true);
  expect(settingsFromFlags({ witness: true })).toMatchObject({ witness: true });
});

test('[CK31] checks reach other machines unless the owner of the machine says otherwise', () => {
  const server = 'wss://muster.example';
  expect(settingsFrom({ server }).checks).toBe('network');
  expect(settingsFrom({ server, checks: 'off' }).checks).toBe('off');
  expect(settingsFromFlags({ checks: 'loopback' }).checks).toBe('loopback');
  expect(() => settingsFromFlags({ checks: 'everything' })).toThrow(SettingsError);
});
