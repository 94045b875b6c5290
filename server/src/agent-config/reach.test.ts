import type { Member } from '@muster/shared/agent-config/membership.ts';
import type { ConfigGroup, ConfigGroups } from '@muster/shared/api/agent-config.ts';
import { expect, test } from 'vitest';
import { reachOf } from './reach.ts';

const DEFAULTS = { intervalMs: 10_000, inventoryIntervalMs: 14_400_000 };
const machine = (tags: string[], site: string | null = null): Member => ({ class: 'Server', tags, site });
const MACHINES = [machine(['db']), machine(['db']), machine(['web'], 'Bonn'), machine([])];
const group = (name: string, tags: string[], settings: ConfigGroup['settings']): ConfigGroup => ({
  name,
  of: { tags, classes: [], sites: [] },
  settings,
});
const of = (everybody: ConfigGroups['everybody'], ...groups: ConfigGroup[]): ConfigGroups => ({
  everybody,
  groups,
});
const changed = (present: ConfigGroups, next: ConfigGroups) =>
  reachOf(MACHINES, present, next, DEFAULTS).changed;

test('[CF52] of each group it is said how many machines it has, also of one that nobody is of', () => {
  const next = of({}, group('databases', ['db'], { intervalMs: 5_000 }), group('slip', ['dbb'], {}));
  expect(reachOf(MACHINES, of({}), next, DEFAULTS)).toEqual({
    machines: 4,
    groups: [
      { name: 'databases', machines: 2 },
      { name: 'slip', machines: 0 },
    ],
    changed: 2,
  });
});

test.each([
  ['an interval for everybody', of({}), of({ intervalMs: 5_000 }), 4],
  ['the default, said in words', of({}), of({ intervalMs: 10_000, sections: { users: true } }), 0],
  ['a section off for one group', of({}), of({}, group('web', ['web'], { sections: { users: false } })), 1],
  [
    'a group that says what everybody is told',
    of({ intervalMs: 5_000 }),
    of({ intervalMs: 5_000 }, group('db', ['db'], { intervalMs: 5_000 })),
    0,
  ],
  [
    'a later group that overrules',
    of({}, group('a', ['db'], { intervalMs: 5_000 })),
    of({ intervalMs: 1_000 }, group('a', ['db'], { intervalMs: 5_000 })),
    2,
  ],
  ['a label', of({ labels: { env: 'test' } }), of({ labels: { env: 'live' } }), 4],
  [
    'the same in another order',
    of({ labels: { a: '1', b: '2' }, collectors: { cpu: false, disk: false } }),
    of({ labels: { b: '2', a: '1' }, collectors: { disk: false, cpu: false } }),
    0,
  ],
] as const)('[CF52] machines that are told something else are counted: %s', (_what, present, next, count) => {
  expect(changed(present, next)).toBe(count);
});
