import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentConfig, SignedConfig } from '@muster/shared/wire/server-messages.ts';
import { configInput, configText, type VersionedConfig } from '@muster/shared/wire/signed-config.ts';
import { afterEach, expect, test } from 'vitest';
import {
  Configuration,
  CONFIGURATION_FILE,
  configurationFile,
  type ConfigurationPlace,
} from './configuration.ts';
import { rawPublicKey } from './handshake.ts';

const AGENT = 'ab'.repeat(16);
const CONFIG: AgentConfig = {
  intervalMs: 30_000,
  holdMs: 0,
  inventoryIntervalMs: 3_600_000,
  collectorsOff: [],
  wake: [],
  sectionsOff: ['users'],
};

type More = Pick<VersionedConfig, 'serial' | 'groups'>;

interface Server {
  readonly key: string;
  signed(version: number, config?: AgentConfig, agentId?: string, more?: More): SignedConfig;
}

function server(): Server {
  const { privateKey } = generateKeyPairSync('ed25519');
  return {
    key: Buffer.from(rawPublicKey(privateKey)).toString('base64url'),
    signed: (version, config = CONFIG, agentId = AGENT, more = {}) => {
      const text = configText(agentId, { version, ...more, config });
      return { text, signature: sign(null, configInput(text), privateKey).toString('base64url') };
    },
  };
}

const ours = server();
let nowMs = 1_000;
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function place(text: string | null = null): ConfigurationPlace & { text: string | null } {
  const held = {
    text,
    read: () => held.text,
    write: (next: string) => {
      held.text = next;
    },
  };
  return held;
}

function open(kept: ConfigurationPlace, serverKey: string | null = ours.key) {
  const log: string[] = [];
  const configuration = new Configuration({
    place: kept,
    agentId: AGENT,
    serverKey,
    nowMs: () => nowMs,
    log: (line) => log.push(line),
  });
  return { configuration, log };
}

test('[CF11] what was taken is kept, and holds from the next start on, before the server is reached', () => {
  const kept = place();
  const { configuration } = open(kept);
  expect(configuration.current).toBeNull();
  expect(configuration.take(ours.signed(12), ours.key)).toEqual({ type: 'taken', config: CONFIG });
  expect(open(kept).configuration.current).toMatchObject({ version: 12, config: CONFIG });
});

test('[CF11] it lies in a file that only the owner reads', () => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-config-'));
  folders.push(folder);
  const path = join(folder, CONFIGURATION_FILE);
  open(configurationFile(path)).configuration.take(ours.signed(3), ours.key);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(open(configurationFile(path)).configuration.current?.version).toBe(3);
});

test('[CF12] an older version is refused, also after a restart, and what was taken stays', () => {
  const kept = place();
  open(kept).configuration.take(ours.signed(12), ours.key);
  const { configuration, log } = open(kept);
  const before = kept.text;
  expect(configuration.take(ours.signed(11, { ...CONFIG, sectionsOff: [] }), ours.key)).toEqual({
    type: 'refused',
    why: 'version 11 is older than 12, which this agent has taken',
  });
  expect(log).toEqual([expect.stringContaining('version 11 is older')]);
  expect(configuration.current).toMatchObject({ version: 12, config: CONFIG });
  expect(kept.text).toBe(before);
});

test('[CF12] a changed text, another agent’s, and one that another server signed are refused', () => {
  const { configuration } = open(place());
  const one = ours.signed(1);
  const changed = { ...one, text: one.text.replace('30000', '10000') };
  expect(configuration.take(changed, ours.key).type).toBe('refused');
  expect(configuration.take(ours.signed(1, CONFIG, 'cd'.repeat(16)), ours.key).type).toBe('refused');
  expect(configuration.take(server().signed(1), ours.key).type).toBe('refused');
  expect(configuration.current).toBeNull();
});

test('[CF12] versions count for one server: another that the agent was given begins where it likes', () => {
  const kept = place();
  open(kept).configuration.take(ours.signed(12), ours.key);
  const other = server();
  const { configuration } = open(kept, other.key);
  expect(configuration.current).toBeNull();
  expect(configuration.take(other.signed(1), other.key).type).toBe('taken');
});

test.each([
  ['no JSON', () => 'nothing'],
  ['nothing in it', () => ''],
  ['changed', (text: string) => text.replace('30000', '99000')],
])('[CF11] a kept file that is %s is not used, with a word in the log', (_, change) => {
  const kept = place();
  open(kept).configuration.take(ours.signed(12), ours.key);
  kept.text = change(kept.text ?? '');
  const { configuration, log } = open(kept);
  expect(configuration.current).toBeNull();
  expect(log).toEqual([expect.stringContaining('is not used')]);
});

test('[CF11] on a full disk it holds all the same, until the next start', () => {
  const kept = place();
  const full = {
    ...kept,
    write: () => {
      throw new Error('ENOSPC');
    },
  };
  const { configuration, log } = open(full);
  expect(configuration.take(ours.signed(12), ours.key).type).toBe('taken');
  expect(configuration.current?.version).toBe(12);
  expect(log.join()).toContain('cannot be kept: ENOSPC');
});

test('[CF16] a text that was signed before within the same version is refused, also after a restart; one without a serial too', () => {
  const kept = place();
  const text = (serial: number) => ours.signed(12, CONFIG, AGENT, { serial });
  const { configuration } = open(kept);
  expect(configuration.take(ours.signed(12), ours.key).type).toBe('taken');
  expect(configuration.take(text(5), ours.key).type).toBe('taken');
  expect(configuration.take(text(7), ours.key).type).toBe('taken');
  const again = open(kept).configuration;
  for (const before of [text(5), ours.signed(12)])
    expect(again.take(before, ours.key)).toMatchObject({
      type: 'refused',
      why: expect.stringContaining('serial'),
    });
  expect(again.current?.serial).toBe(7);
  expect(again.take(text(7), ours.key).type).toBe('taken');
});

test('[AT12] it knows when it took what it works by, whose groups those are, and since when it takes nothing', () => {
  const kept = place();
  const { configuration } = open(kept);
  nowMs = 1_000;
  expect(configuration.status).toEqual({ version: null, takenAtMs: null, groups: null, refused: null });
  const one = ours.signed(12, CONFIG, AGENT, { groups: ['web', 'db'] });
  configuration.take(one, ours.key);
  nowMs = 2_000;
  configuration.take(one, ours.key);
  const status = { version: 12, takenAtMs: 1_000, groups: ['web', 'db'], refused: null };
  expect(configuration.status).toEqual(status);
  expect(open(kept).configuration.status).toEqual(status);
  configuration.take(ours.signed(11), ours.key);
  nowMs = 3_000;
  configuration.take(ours.signed(10), ours.key);
  expect(configuration.status).toEqual({
    ...status,
    refused: { sinceMs: 2_000, why: 'version 10 is older than 12, which this agent has taken' },
  });
  configuration.take(ours.signed(13), ours.key);
  expect(configuration.status).toEqual({ version: 13, takenAtMs: 3_000, groups: null, refused: null });
});
