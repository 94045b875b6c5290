import type { ConfigGroups } from '@muster/shared/api/agent-config.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { configChanges } from '@muster/shared/agent-config/changes.ts';
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
    groups: [
      { ...a, settings: { labels: { env: 'live', room: '1' } } },
      b,
      { name: 'mine', of: { ...none, tags: ['z'] }, settings: {} },
    ],
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
      // Their new name of b, and behind it what was put behind b here.
      { ...b, name: 'theirs' },
      { name: 'mine', of: { ...none, tags: ['z'] }, settings: {} },
      { name: 'a', of: { ...none, tags: ['y'] }, settings: { labels: { env: 'live' } } },
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
  expect(names(rebased(base, turned, longer))).toEqual(['new', 'b', 'a']);
  expect(names(rebased(base, longer, turned))).toEqual(['new', 'b', 'a']);
  expect(names(rebased(base, shorter, longer))).toEqual(['new', 'a']);
});

test('[CF50] a group that only one has stands where that one put it: later ones win', () => {
  const added = (name: string): ConfigGroups['groups'][number] => ({
    name,
    of: { ...none, tags: [name] },
    settings: {},
  });
  const mine: ConfigGroups = { ...base, groups: [added('baseline'), a, b] };
  const theirs: ConfigGroups = { ...base, groups: [a, added('x'), b] };
  const names = rebased(base, mine, theirs).groups.map(({ name }) => name);
  expect(names).toEqual(['baseline', 'a', 'x', 'b']);
});

test('[CF50] a group that one renamed is the same to what the other changed in it', () => {
  const [alpha, faster] = [
    { ...a, name: 'alpha' },
    { ...a, settings: { ...a.settings, intervalMs: 5_000 } },
  ];
  const both = { ...faster, name: 'alpha' };
  const of = (one: ConfigGroups['groups'][number]): ConfigGroups => ({ ...base, groups: [one, b] });
  expect(rebased(base, of(alpha), of(faster)).groups).toEqual([both, b]);
  expect(rebased(base, of(faster), of(alpha)).groups).toEqual([both, b]);
});

test('[CF50] a group that came where another was removed is none of it', () => {
  const mine: ConfigGroups = {
    ...base,
    groups: [{ name: 'c', of: { ...none, tags: ['z'] }, settings: { intervalMs: 5_000 } }, b],
  };
  const theirs: ConfigGroups = { ...base, groups: [{ ...a, settings: { labels: { env: 'live' } } }, b] };
  expect(rebased(base, mine, theirs).groups).toEqual(mine.groups);
});

test('[CF50] of whom a group is of, tags, classes and sites are merged each for itself', () => {
  const of = (more: object): ConfigGroups => ({ ...base, groups: [{ ...a, of: { ...a.of, ...more } }, b] });
  const [merged] = rebased(base, of({ tags: ['x', 'y'] }), of({ sites: ['Bonn'] })).groups;
  expect(merged?.of).toEqual({ ...none, tags: ['x', 'y'], sites: ['Bonn'] });
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
