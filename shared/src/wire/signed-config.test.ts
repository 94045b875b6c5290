import { generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AgentConfig } from './server-messages.ts';
import { ConfigRefusal, configInput, configText, readSignedConfig, type Taken } from './signed-config.ts';

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

function read(config: { text: string; signature: string }, taken: Taken = { version: 0 }, agentId = AGENT) {
  return readSignedConfig(config, {
    agentId,
    taken,
    isSigned: (input, signature) => verify(null, input, publicKey, Buffer.from(signature, 'base64url')),
  });
}

test('[CF10] what the server signed for this agent is read as it was, the same version again too', () => {
  const one = signed(configText(AGENT, { version: 12, config: CONFIG }));
  expect(read(one)).toEqual({ version: 12, config: CONFIG });
  expect(read(one, { version: 12 })).toEqual({ version: 12, config: CONFIG });
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
  expect(() => read(signed(text), { version: 0 }, 'cd'.repeat(16))).toThrow('another agent');
  expect(() => read(signed(text), { version: 13 })).toThrow('version 12 is older than 13');
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

test('[CF16] within one version a lower serial is refused, and none where one was taken with; a higher version begins anew', () => {
  const text = (version: number, serial?: number) =>
    signed(configText(AGENT, { version, config: CONFIG, ...(serial === undefined ? {} : { serial }) }));
  expect(read(text(12, 5), { version: 12, serial: 5 }).serial).toBe(5);
  expect(read(text(12, 6), { version: 12, serial: 5 }).serial).toBe(6);
  expect(read(text(12, 1), { version: 12 }).serial).toBe(1);
  expect(() => read(text(12, 4), { version: 12, serial: 5 })).toThrow(
    'serial 4 of version 12 is older than 5',
  );
  expect(() => read(text(12), { version: 12, serial: 5 })).toThrow('has no serial');
  expect(read(text(13), { version: 12, serial: 5 }).version).toBe(13);
  expect(() => read(text(11, 9), { version: 12, serial: 5 })).toThrow('version 11 is older');
});

test('[CF16] whatever an attacker keeps and plays in whatever order, an agent never goes back to an earlier text', () => {
  fc.assert(
    fc.property(
      // Texts in the order in which a server signed them: the version rises now and then, the serial always.
      fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }),
      fc.array(fc.nat(11), { maxLength: 30 }),
      (rises, played) => {
        let version = 1;
        const texts = rises.map((rise, i) =>
          signed(configText(AGENT, { version: (version += rise ? 1 : 0), serial: i + 1, config: CONFIG })),
        );
        let taken: Taken = { version: 0 };
        for (const number of played) {
          const one = texts[number % texts.length];
          if (one === undefined) continue;
          try {
            const next = read(one, taken);
            expect(next.serial ?? 0).toBeGreaterThanOrEqual(taken.serial ?? 0);
            taken = next;
          } catch (error) {
            expect(error).toBeInstanceOf(ConfigRefusal);
          }
        }
      },
    ),
  );
});
