import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SERVER_ASKED } from '@muster/shared/release/taken-back.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Agent } from '@muster/shared/api/fleet.ts';
import type { Translate } from '../../i18n/catalogue.ts';
import { behindNewest, fleetStanding, versionsOf } from './versions.ts';
import { takenBackWords } from './words.ts';

const AGENT: Agent = {
  id: 'agt_1',
  ciId: null,
  hostname: 'srv-1',
  platform: 'linux x86_64',
  version: '1.0.0',
  state: 'active',
  connected: true,
  gone: null,
  connectedSince: null,
  lastSeenAt: null,
  enrolledAt: '2026-01-01T00:00:00.000Z',
  clockSkewMs: null,
  spoolUsedBytes: null,
  holdMs: null,
  droppedFrames: 0,
  missingFrames: 0,
  address: null,
  own: false,
  findings: [],
  release: null,
};
const RELEASE = { serial: 0, onTrial: false, takenBack: null, pinned: false };

function on(version: string, serial: number | null, more: Partial<Agent['release']> = {}): Agent {
  return { ...AGENT, version, release: serial === null ? null : { ...RELEASE, ...more, serial } };
}

test('[DB220] the newest release stands first, then what the line installed, then what takes no upgrades', () => {
  const rows = versionsOf([
    on('0.9.0', null),
    on('1.10.0', 0),
    on('1.2.0', 0),
    on('1.4.0', 12),
    on('1.3.0', 11),
    on('1.4.0', 12),
  ]);
  expect(rows.map(({ version, serial, agents }) => [version, serial, agents])).toEqual([
    ['1.4.0', 12, 2],
    ['1.3.0', 11, 1],
    ['1.10.0', 0, 1],
    ['1.2.0', 0, 1],
    ['0.9.0', null, 1],
  ]);
});

test('[DB220] a version says how many are pinned to it, on trial, and came back to it', () => {
  const [row] = versionsOf([
    on('1.3.0', 11, { pinned: true }),
    on('1.3.0', 11, { takenBack: { serial: 12, why: 'not heard within 5 minutes' } }),
    { ...on('1.3.0', 11, { onTrial: true }), connected: false },
  ]);
  expect(row).toMatchObject({ agents: 3, connected: 2, pinned: 1, onTrial: 1, takenBack: 1 });
});

test('[DB220] agents that were not let in, or are revoked, run nothing here', () => {
  expect(
    versionsOf([
      { ...on('1.0.0', 1), state: 'revoked' },
      { ...on('1.0.0', 1), state: 'pending' },
    ]),
  ).toEqual([]);
});

test('[DB220] every agent that was let in stands in exactly one row', () => {
  const any = fc.array(
    fc.tuple(
      fc.constantFrom('1.0.0', '1.1.0'),
      fc.constantFrom(null, 0, 1, 2),
      fc.constantFrom('active' as const, 'pending' as const, 'revoked' as const),
    ),
  );
  fc.assert(
    fc.property(any, (given) => {
      const agents = given.map(([version, serial, state]) => ({ ...on(version, serial), state }));
      const rows = versionsOf(agents);
      expect(rows.reduce((sum, row) => sum + row.agents, 0)).toBe(
        agents.filter(({ state }) => state === 'active').length,
      );
      expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
    }),
  );
});

test('[DB220] who is behind the newest release is told from who is pinned and who cannot', () => {
  const agents = [on('1.4.0', 12), on('1.3.0', 11), on('1.3.0', 11, { pinned: true }), on('0.9.0', null)];
  expect(behindNewest(agents, 12)).toEqual({ behind: 1, pinned: 1, unable: 1, agents: 4 });
  expect(behindNewest(agents, null)).toMatchObject({ behind: 0, pinned: 0 });
});

test('[DB220] agents that were uninstalled or replaced run nothing and are behind nothing', () => {
  const agents: Agent[] = [
    on('1.4.0', 12),
    { ...on('1.3.0', 11), gone: { why: 'uninstalled', at: '2026-01-02T00:00:00.000Z' } },
    { ...on('0.9.0', null), gone: { why: 'replaced', by: 'agt_1' } },
  ];
  expect(versionsOf(agents).map(({ version, agents: count }) => [version, count])).toEqual([['1.4.0', 1]]);
  expect(behindNewest(agents, 12)).toEqual({ behind: 0, pinned: 0, unable: 0, agents: 1 });
});

test('[DB347] an agent that was rolled back by an administrator did not go back by itself', () => {
  const left = (why: string) => on('1.4.0', 12, { takenBack: { serial: 13, why } });
  const [row] = versionsOf([left(SERVER_ASKED), left('it did not connect within 300 s'), on('1.4.0', 12)]);
  expect(row).toMatchObject({ agents: 3, takenBack: 1 });
});

test('[DB347] what the scripts say of a version is what the page knows', () => {
  const script = (path: string) =>
    readFileSync(join(import.meta.dirname, '../../../../agent/src/service', path), 'utf8');
  for (const path of ['linux/prepare.sh', 'windows/prepare.c']) {
    const said = script(path).match(/"it (?:did not connect|was started)[^"]*"/g) ?? [];
    const words = said.map((text) =>
      text
        .slice(1, -1)
        .replace('$(last_end)', '')
        .replaceAll(/%s|\$[a-z]+/g, '3'),
    );
    expect([path, words.length]).toEqual([path, 2]);
    for (const text of words)
      expect([path, text, takenBackWords(text, (() => 'known') as Translate)]).toEqual([path, text, 'known']);
  }
});

test('[DB351] where no agent takes upgrades that is said, not that none is behind', () => {
  const standing = (...agents: Agent[]) => fleetStanding(behindNewest(agents, 12));
  const pinned = on('1.3.0', 11, { pinned: true });
  expect(standing()).toBe('none');
  expect(standing(on('0.9.0', null))).toBe('unable');
  expect(standing(on('0.9.0', null), on('1.3.0', 11))).toBe('behind');
  expect(standing(on('0.9.0', null), pinned)).toBe('pinned');
  expect(standing(on('0.9.0', null), pinned, on('1.4.0', 12))).toBe('current');
});
