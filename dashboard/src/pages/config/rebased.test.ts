import type { ConfigGroups } from '@muster/shared/api/agent-config.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { configChanges } from './changes.ts';
import { rebased } from './rebased.ts';

const none = { tags: [], classes: [], sites: [] };
const base: ConfigGroups = {
  everybody: { intervalMs: 10_000, sections: { users: false } },
  groups: [
    { name: 'a', of: { ...none, tags: ['x'] }, settings: { labels: { env: 'test', room: '1' } } },
    { name: 'b', of: { ...none, sites: ['Bonn'] }, settings: {} },
  ],
};
const [a, b] = base.groups as [ConfigGroups['groups'][number], ConfigGroups['groups'][number]];

test('[CF50] changes of two people to different values both stand', () => {
  const mine: ConfigGroups = {
    everybody: { ...base.everybody, intervalMs: 5_000 },
    groups: [{ ...a, settings: { labels: { env: 'live', room: '1' } } }, b, { ...b, name: 'mine' }],
  };
  const theirs: ConfigGroups = {
    everybody: { intervalMs: 10_000, collectors: { disk: false } },
    groups: [
      { ...b, name: 'theirs' },
      { ...a, of: { ...none, tags: ['y'] }, settings: { labels: { env: 'test' } } },
    ],
  };
  expect(rebased(base, mine, theirs)).toEqual({
    everybody: { intervalMs: 5_000, collectors: { disk: false } },
    groups: [
      { ...b, name: 'theirs' },
      { name: 'a', of: { ...none, tags: ['y'] }, settings: { labels: { env: 'live' } } },
      { ...b, name: 'mine' },
    ],
  });
});

test('[CF50] where both changed one value one’s own stands, also of a group that the other removed', () => {
  const mine: ConfigGroups = {
    everybody: { intervalMs: 5_000 },
    groups: [a, { ...b, settings: { intervalMs: 60_000 } }],
  };
  const theirs: ConfigGroups = { everybody: { intervalMs: 30_000, sections: { users: false } }, groups: [a] };
  expect(rebased(base, mine, theirs)).toEqual({
    everybody: { intervalMs: 5_000 },
    groups: [a, { ...b, settings: { intervalMs: 60_000 } }],
  });
});

test('[CF50] an order that one alone changed stands, and what one removed stays away', () => {
  const turned: ConfigGroups = { ...base, groups: [b, a] };
  const shorter: ConfigGroups = { ...base, groups: [a] };
  const longer: ConfigGroups = { ...base, groups: [{ ...a, name: 'new' }, a, b] };
  const names = ({ groups }: ConfigGroups) => groups.map(({ name }) => name);
  expect(names(rebased(base, turned, longer))).toEqual(['b', 'a', 'new']);
  expect(names(rebased(base, longer, turned))).toEqual(['b', 'a', 'new']);
  expect(names(rebased(base, shorter, longer))).toEqual(['new', 'a']);
});

const settings = fc.record(
  {
    intervalMs: fc.constantFrom(5_000, 10_000),
    labels: fc.dictionary(fc.constantFrom('env', 'room'), fc.constantFrom('1', '2'), { minKeys: 1 }),
    sections: fc.dictionary(fc.constantFrom('users', 'bios'), fc.boolean(), { minKeys: 1 }),
  },
  { requiredKeys: [] },
);
const groups = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd')).chain((names) =>
  fc.tuple(
    ...names.map((name) =>
      fc.record({
        name: fc.constant(name),
        of: fc.constant<ConfigGroups['groups'][number]['of']>({ tags: [name], classes: [], sites: [] }),
        settings,
      }),
    ),
  ),
);
const content: fc.Arbitrary<ConfigGroups> = fc.record({ everybody: settings, groups });

test('[CF50] who changed nothing gets the other’s version, and where the other changed nothing one’s own is whole', () => {
  fc.assert(
    fc.property(content, content, (one, two) => {
      expect(configChanges(rebased(one, one, two), two)).toEqual([]);
      expect(configChanges(rebased(one, two, one), two)).toEqual([]);
    }),
  );
});

test('[CF50] each value that one changed for everybody is as one wants it, each other as the other has it', () => {
  fc.assert(
    fc.property(settings, settings, settings, (old, own, other) => {
      const of = (everybody: ConfigGroups['everybody']): ConfigGroups => ({ everybody, groups: [] });
      const touched = new Set(configChanges(of(old), of(own)).map(({ setting }) => setting));
      const result = rebased(of(old), of(own), of(other));
      for (const { setting } of configChanges(of(own), result)) expect(touched.has(setting)).toBe(false);
      for (const { setting } of configChanges(of(other), result)) expect(touched.has(setting)).toBe(true);
    }),
  );
});
