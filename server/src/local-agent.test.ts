import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { agentIdOf, rawPublicKey } from './fleet/signature.ts';
import { isEnrolled, localAgentIdIn } from './local-agent.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-local-agent-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each([
  ['nothing yet', null, null, false],
  ['a key without an answer of the server', 'key', { enrolledWith: null }, false],
  ['a key and no identity (the start ended in between)', 'key', null, false],
  ['accepted by another server', 'key', { enrolledWith: 'other' }, false],
  ['accepted by this one', 'key', { enrolledWith: 'mine' }, true],
  ['accepted, but the key is gone', null, { enrolledWith: 'mine' }, false],
  ['a damaged identity', 'key', 'damaged', false],
])(
  '[OP1] the local agent gets a token unless this server has accepted it: %s',
  (_what, key, identity, is) => {
    if (key !== null) writeFileSync(join(folder, 'agent.key'), key);
    if (identity !== null)
      writeFileSync(
        join(folder, 'identity.json'),
        typeof identity === 'string' ? identity : JSON.stringify(identity),
      );
    expect(isEnrolled(folder, 'mine')).toBe(is);
  },
);

/** @returns the id by which its agent is known */
function writeKey(): string {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  writeFileSync(join(folder, 'agent.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return agentIdOf(rawPublicKey(publicKey));
}

test("[DB361] the server's own agent is known by its key, not by where it connects from", () => {
  const ownId = localAgentIdIn(folder);
  expect(ownId()).toBeNull();
  const id = writeKey();
  expect(ownId()).toBe(id);
  writeFileSync(join(folder, 'agent.key'), 'damaged');
  expect(ownId()).toBeNull();
  rmSync(join(folder, 'agent.key'));
  expect(ownId()).toBeNull();
});

test("[DB361] the key of the server's own agent is read again where its file has changed, and not before", () => {
  const file = join(folder, 'agent.key');
  const ownId = localAgentIdIn(folder);
  const first = writeKey();
  utimesSync(file, 1_000, 1_000);
  expect(ownId()).toBe(first);
  const second = writeKey();
  utimesSync(file, 1_000, 1_000);
  expect(ownId()).toBe(first);
  utimesSync(file, 1_000, 1_001);
  expect(ownId()).toBe(second);
});
