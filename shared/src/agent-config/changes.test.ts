import { CHANGED_GROUPS_MAX, type ConfigGroups } from '../api/agent-config.ts';
import { expect, test } from 'vitest';
import { changedGroups, configChanges } from './changes.ts';

const none = { tags: [], classes: [], sites: [] };
const before: ConfigGroups = {
  everybody: { intervalMs: 10_000, sections: { users: false } },
  groups: [
    { name: 'a', of: { ...none, tags: ['x'] }, settings: { labels: { env: 'test' } } },
    { name: 'b', of: { ...none, sites: ['Bonn'] }, settings: {} },
  ],
};

test('[CF40] two versions differ in values, in whom groups are of, in their order, and in groups that came or went', () => {
  const after: ConfigGroups = {
    everybody: { sections: { users: true } },
    groups: [
      { name: 'b', of: { ...none, sites: ['Bonn', 'Köln'] }, settings: {} },
      { name: 'a', of: { ...none, tags: ['x'] }, settings: { labels: { env: 'live' } } },
      { name: 'c', of: { ...none, tags: ['y'] }, settings: {} },
    ],
  };
  expect(configChanges(before, after)).toEqual([
    { group: null, setting: 'intervalMs', before: 10_000, after: null },
    { group: null, setting: 'sections.users', before: false, after: true },
    { group: null, setting: 'order', before: 'a → b', after: 'b → a' },
    { group: 'b', setting: 'of.sites', before: 'Bonn', after: 'Bonn, Köln' },
    { group: 'a', setting: 'labels.env', before: 'test', after: 'live' },
    { group: 'c', setting: 'group', before: false, after: true },
    { group: 'c', setting: 'of.tags', before: null, after: 'y' },
  ]);
  expect(configChanges(before, before)).toEqual([]);
});

test('[DB384] whom a version changed is everybody, the order of groups, and the first groups by name with the number of the rest', () => {
  const groupsCalled = (names: readonly string[]): ConfigGroups => ({
    everybody: {},
    groups: names.map((name) => ({ name, of: { ...none, tags: ['x'] }, settings: {} })),
  });
  const nobody = { everybody: false, order: false, groups: [], moreGroups: 0 };
  expect(changedGroups(before, before)).toEqual(nobody);
  expect(changedGroups(before, { everybody: {}, groups: before.groups.toReversed() })).toEqual({
    ...nobody,
    everybody: true,
    order: true,
  });
  const names = Array.from({ length: CHANGED_GROUPS_MAX + 2 }, (_, index) => `g${index}`);
  expect(changedGroups(groupsCalled([]), groupsCalled(names))).toEqual({
    ...nobody,
    groups: names.slice(0, CHANGED_GROUPS_MAX),
    moreGroups: 2,
  });
});
