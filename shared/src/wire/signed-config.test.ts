import { generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AgentConfig } from './control.ts';
import { ConfigRefusal, configInput, configText, readSignedConfig } from './signed-config.ts';

const AGENT = 'ab'.repeat(16);
const CONFIG: AgentConfig = {
  intervalMs: 30_000,
  holdMs: 0,
  inventoryIntervalMs: 3_600_000,
  collectorsOff: ['temperature'],
  wake: [],
  sectionsOff: ['users'],
};
const { publicKey, privateKey } = generateKeyPairSync('ed25519');

function signed(text: string, key: KeyObject = privateKey, input = configInput(text)) {
  return { text, signature: sign(null, input, key).toString('base64url') };
}

function read(config: { text: string; signature: string }, versionMin = 0, agentId = AGENT) {
  return readSignedConfig(config, {
    agentId,
    versionMin,
    isSigned: (input, signature) => verify(null, input, publicKey, Buffer.from(signature, 'base64url')),
  });
}

test('[CF10] what the server signed for this agent is read as it was, the same version again too', () => {
  const one = signed(configText(AGENT, { version: 12, config: CONFIG }));
  expect(read(one)).toEqual({ version: 12, config: CONFIG });
  expect(read(one, 12)).toEqual({ version: 12, config: CONFIG });
});

test('[CF10] a text of which one letter is another is refused, wherever it stands', () => {
  const one = signed(configText(AGENT, { version: 12, config: CONFIG }));
  fc.assert(
    fc.property(fc.nat(one.text.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, letter) => {
      fc.pre(one.text[at] !== letter);
      const text = one.text.slice(0, at) + letter + one.text.slice(at + 1);
      expect(() => read({ ...one, text })).toThrow(ConfigRefusal);
    }),
  );
});

test('[CF10] refused: another key, a signature of something else, another agent, an older version', () => {
  const text = configText(AGENT, { version: 12, config: CONFIG });
  expect(() => read(signed(text, generateKeyPairSync('ed25519').privateKey))).toThrow('signature');
  const release = Buffer.concat([Buffer.from('muster/1 release\0'), Buffer.from(text)]);
  expect(() => read(signed(text, privateKey, release))).toThrow('signature');
  expect(() => read(signed(text, privateKey, Buffer.from(text)))).toThrow('signature');
  expect(() => read(signed(text), 0, 'cd'.repeat(16))).toThrow('another agent');
  expect(() => read(signed(text), 13)).toThrow('version 12 is older than 13');
});

test.each([
  ['no JSON', '{'],
  ['another format', configText(AGENT, { version: 1, config: CONFIG }).replace('config/1', 'config/2')],
  ['no version', JSON.stringify({ format: 'muster-config/1', agentId: AGENT, config: CONFIG })],
  ['an interval below a second', configText(AGENT, { version: 1, config: { ...CONFIG, intervalMs: 1 } })],
])('[CF10] refused though signed: %s', (_, text) => {
  expect(() => read(signed(text))).toThrow(ConfigRefusal);
});

test('[CF13] what the schema has no word for is not there after reading: nothing can be run by it', () => {
  const config = {
    ...CONFIG,
    run: ['rm', '-rf', '/'],
    command: 'id',
    fingerprints: { directories: [], exec: 'id' },
  };
  const text = JSON.stringify({
    format: 'muster-config/1',
    agentId: AGENT,
    version: 1,
    config,
    script: 'id',
  });
  expect(read(signed(text))).toEqual({
    version: 1,
    config: { ...CONFIG, fingerprints: { directories: [] } },
  });
});
