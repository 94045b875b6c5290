import { INVENTORY_SECTIONS } from '@muster/shared/wire/inventory-sections.ts';
import { ServerToAgent } from '@muster/shared/wire/server-messages.ts';
import { CONTROL_BYTES_MAX } from '@muster/shared/wire/limits.ts';
import { configText } from '@muster/shared/wire/signed-config.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AGENT_CONFIG_DEFAULT } from '../ws/agent-hub.ts';
import { type Content, fitted, oversizedWords, TOLD_BYTES_MAX, toldBytes } from './size.ts';

const directories = (count: number) => ({
  directories: Array.from({ length: count }, (_, i) => `/srv/"${i}"/${'ä'.repeat(500)}`),
});
const level = (instance: string) =>
  ({ metric: 'filesystem.utilisation', instance, op: 'above', level: 90.5 }) as const;

function content(change: Partial<Content['config']>): Content {
  return { config: { ...AGENT_CONFIG_DEFAULT, ...change }, groups: ['web', 'db'] };
}

/** The longest message that carries it. */
function message({ config, groups }: Content): string {
  const accepted: ServerToAgent = {
    type: 'accepted',
    agentId: 'ab'.repeat(16),
    lastSeq: Number.MAX_SAFE_INTEGER,
    serverTimeMs: 8.64e15,
    pendingApproval: false,
    config: AGENT_CONFIG_DEFAULT,
    signed: {
      text: configText('ab'.repeat(16), {
        version: Number.MAX_SAFE_INTEGER,
        serial: Number.MAX_SAFE_INTEGER,
        groups: [...groups],
        config,
      }),
      signature: 'A'.repeat(86),
    },
    inventory: Object.fromEntries(INVENTORY_SECTIONS.map((name) => [name, 'a'.repeat(64)])),
  };
  return JSON.stringify(accepted);
}

test('[CF7] what fits is told as it is', () => {
  const one = content({ fingerprints: directories(3), sectionsOff: ['users'] });
  expect(fitted(one)).toEqual({ content: one, leftOut: [] });
});

test('[CF7] whatever is said, the message is one that an agent takes, and all that is off stays off', () => {
  const text = fc.string({ unit: 'binary', maxLength: 250 });
  const names = fc.array(fc.stringMatching(/^[a-z.]{1,32}$/), { maxLength: 60 });
  fc.assert(
    fc.property(
      fc.array(text, { maxLength: 64 }),
      fc.array(text, { maxLength: 256 }),
      fc.nat(4),
      names,
      (folders, instances, longer, off) => {
        const one = content({
          fingerprints: { directories: folders.map((folder) => folder.repeat(1 + longer).slice(0, 1_024)) },
          wake: instances.map(level),
          holdMs: 20_000,
          economyHoldMs: 30_000,
          collectorsOff: off,
          sectionsOff: off,
          fieldsOff: off,
        });
        const { content: told, leftOut } = fitted(one);
        const sent = message(told);
        expect(Buffer.byteLength(sent)).toBeLessThanOrEqual(CONTROL_BYTES_MAX);
        expect(ServerToAgent.safeParse(JSON.parse(sent)).success).toBe(true);
        const { collectorsOff, sectionsOff, fieldsOff, intervalMs } = told.config;
        expect([collectorsOff, sectionsOff, fieldsOff, intervalMs]).toEqual([off, off, off, 10_000]);
        expect(leftOut.length === 0).toBe(toldBytes(one) <= TOLD_BYTES_MAX);
      },
    ),
    { numRuns: 60 },
  );
});

test('[CF7] the largest part goes first, and with its levels the holding', () => {
  const both = content({
    fingerprints: directories(64),
    wake: Array.from({ length: 256 }, (_, i) => level(`${i}`.repeat(20))),
    holdMs: 20_000,
    economyHoldMs: 30_000,
  });
  const first = fitted(both);
  expect(first.leftOut).toEqual(['fingerprints']);
  expect(first.content.config).toMatchObject({ holdMs: 20_000, economyHoldMs: 30_000 });
  const long = content({
    wake: Array.from({ length: 256 }, () => level('ä'.repeat(250))),
    holdMs: 20_000,
    economyHoldMs: 30_000,
  });
  expect(fitted(long)).toEqual({ content: content({}), leftOut: ['wake'] });
});

test('[CF7] it is said who would be told too much, by how much, what the largest parts are, and what to do', () => {
  const one = content({ fingerprints: directories(64), sectionsOff: ['users'] });
  const bytes = toldBytes(one);
  const words = oversizedWords({ machine: 'pc-17', content: one });
  expect(words).toContain(
    `What "pc-17" of "web", "db" would be told has ${bytes} bytes; an agent takes 61440`,
  );
  expect(words).toContain(`so ${bytes - 61_440} are too many. The largest parts: fingerprints (`);
  expect(words).toContain('Name less there');
  expect(oversizedWords({ machine: null, content: { ...one, groups: [] } })).toContain(
    'What a machine of no group',
  );
});
