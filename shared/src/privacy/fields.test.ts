import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SECTION_SCHEMAS } from '../inventory/sections.ts';
import { INVENTORY_SECTIONS } from '../wire/inventory-sections.ts';
import { blankSection, fieldsOfSection, isSectionSwitchable, withoutFields } from './fields.ts';

const USERS = {
  users: [
    { name: 'ada', fullName: 'Ada L', uid: 1000, shell: '/bin/bash', administrator: true, system: false },
  ],
  groups: [{ name: 'sudo', gid: 27, members: ['ada'] }],
  lastUser: 'ada',
  lastUserAtMs: 1,
};

test('[CF20] a field that is off is null, empty or not known; the others stay; what came in is not touched', () => {
  const off = [
    'users.users.fullName',
    'users.groups.members',
    'users.lastUser',
    'users.users.name',
    'nothing.at.all',
  ];
  const before = structuredClone(USERS);
  expect(withoutFields('users', USERS, off)).toEqual({
    ...USERS,
    // The name of an account is what it is told by: it goes only with the whole list.
    users: [{ ...USERS.users[0], fullName: null }],
    groups: [{ name: 'sudo', gid: 27, members: [] }],
    lastUser: null,
  });
  expect(USERS).toEqual(before);
  expect(withoutFields('users', USERS, ['users.users'])).toEqual({ ...USERS, users: [] });
  expect(withoutFields('os', USERS, ['users.users'])).toBe(USERS);
});

test.each(INVENTORY_SECTIONS.filter(isSectionSwitchable))(
  '[CF20] %s switched off still has the form of its schema',
  (section) => {
    const blank = blankSection(section);
    expect(SECTION_SCHEMAS[section].parse(blank)).toEqual(blank);
    expect(JSON.stringify(blank)).not.toMatch(/[0-9]/);
  },
);

test('[CF21] what tells one machine from another cannot be switched off', () => {
  expect(INVENTORY_SECTIONS.filter((name) => !isSectionSwitchable(name))).toEqual([
    'hardware',
    'os',
    'network',
  ]);
  expect(isSectionSwitchable('no-such')).toBe(false);
  const needed = fieldsOfSection('hardware').filter(({ switchable }) => switchable);
  expect(needed.map(({ path }) => path)).toEqual([
    'hardware.chassis.assetTag',
    'hardware.memoryModules.serial',
  ]);
  const os = { machineId: 'x', timeZone: 'UTC' };
  expect(withoutFields('os', os, ['os.machineId', 'os.timeZone'])).toEqual({
    machineId: 'x',
    timeZone: null,
  });
});

test('[CF20] with any choice of fields off a section still has the form of its schema', () => {
  const all = fieldsOfSection('users').filter(({ switchable }) => switchable);
  fc.assert(
    fc.property(fc.subarray(all.map(({ path }) => path)), (off) => {
      const { success } = SECTION_SCHEMAS.users.safeParse(withoutFields('users', USERS, off));
      expect(success).toBe(true);
    }),
  );
});
