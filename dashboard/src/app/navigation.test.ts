import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Navigation, type NavItem, visibleTo } from './navigation.ts';

const item = (to: string, right?: NavItem['right']): NavItem => ({
  to,
  right,
  word: 'shell.nav.overview',
  icon: 'home',
  key: 'o',
  group: 'now',
});
const navigation: Navigation = {
  items: [item('/'), item('/audit', 'audit.read')],
  groups: [
    { word: 'shell.group.now', items: [item('/')] },
    { word: 'shell.group.setUp', items: [item('/audit', 'audit.read')] },
  ],
  sectionOf: () => undefined,
};

test('[DB203] the navigation offers only what the role may see, and no empty group', () => {
  expect(visibleTo('admin', navigation).items).toHaveLength(2);
  expect(visibleTo('viewer', navigation).items.map(({ to }) => to)).toEqual(['/']);
  expect(visibleTo('viewer', navigation).groups.map(({ word }) => word)).toEqual(['shell.group.now']);
});

test('[DB203] each page of the navigation has a key of its own', () => {
  const table = readFileSync(new URL('../routes.tsx', import.meta.url), 'utf8');
  const keys = [...table.matchAll(/nav: \{[^}]*?key: '(\w)'/gs)].map(([, key]) => key);
  expect(keys.length).toBeGreaterThan(10);
  expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
});
