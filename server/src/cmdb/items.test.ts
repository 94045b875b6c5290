import { SECTION_SCHEMAS, type SectionData, type SectionInput } from '@muster/shared/inventory/sections.ts';
import type { InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import { expect, test } from 'vitest';
import { allItemChanges, ITEM_CHANGES_MAX, itemChanges } from './items.ts';
import { devicesPicture } from './picture-devices.ts';

const section = <Name extends InventorySection>(name: Name, data: SectionInput[Name]): SectionData[Name] =>
  SECTION_SCHEMAS[name].parse(data) as SectionData[Name];

const file = (path: string, sha256: string | null, mode = '0644') => ({
  path,
  owner: 'root',
  group: 'root',
  mode,
  sizeBytes: 1,
  sha256,
  linkTarget: null,
});
const [ONE, TWO] = ['a'.repeat(64), 'b'.repeat(64)];
const etc = (files: ReturnType<typeof file>[], state: 'read' | 'cut' = 'read') =>
  section('fingerprints', { directories: [{ path: '/etc', state }], files });

test('[IN70] a file that appears, changes or goes is a change like any other, by a short form of its hash', () => {
  const before = etc([file('/etc/hosts', ONE), file('/etc/old', ONE), file('/etc/same', ONE)]);
  const after = etc([file('/etc/hosts', TWO), file('/etc/cron.d/x', ONE, '0755'), file('/etc/same', ONE)]);
  expect(itemChanges('fingerprints', before, after, true)).toEqual([
    {
      kind: 'changed',
      attribute: 'file:/etc/hosts',
      before: 'root:root 0644 aaaaaaaaaaaa',
      after: 'root:root 0644 bbbbbbbbbbbb',
    },
    { kind: 'created', attribute: 'file:/etc/cron.d/x', before: null, after: 'root:root 0755 aaaaaaaaaaaa' },
    { kind: 'removed', attribute: 'file:/etc/old', before: 'root:root 0644 aaaaaaaaaaaa', after: null },
  ]);
});

test('[IN70] a directory that is asked for the first time brings no news, and one that is no longer asked for loses nothing', () => {
  const none = section('fingerprints', {});
  const some = etc([file('/etc/hosts', ONE)]);
  expect(itemChanges('fingerprints', none, some, true)).toEqual([]);
  expect(itemChanges('fingerprints', some, none, true)).toEqual([]);
});

test('[IN70] of an incomplete report an absent item proves nothing', () => {
  const before = etc([file('/etc/a', ONE), file('/etc/b', ONE)]);
  expect(itemChanges('fingerprints', before, etc([file('/etc/a', ONE)], 'cut'), false)).toEqual([]);
});

test('[IN71] whether a service runs and which container runs is no change; start type and virtual machines are', () => {
  const service = (state: 'running' | 'stopped', startType: 'automatic' | 'disabled') =>
    section('services', { services: [{ name: 'sshd', description: null, state, startType }] });
  expect(
    itemChanges('services', service('running', 'automatic'), service('stopped', 'automatic'), true),
  ).toEqual([]);
  expect(
    itemChanges('services', service('running', 'automatic'), service('running', 'disabled'), true),
  ).toEqual([{ kind: 'changed', attribute: 'service:sshd', before: 'automatic', after: 'disabled' }]);
  const guest = (name: string, kind: 'container' | 'virtual-machine') => ({
    name,
    id: name,
    kind,
    hypervisor: null,
    state: 'running' as const,
    memoryBytes: null,
    cpus: null,
    image: null,
  });
  const guests = (...list: ReturnType<typeof guest>[]) => section('guests', { guests: list });
  expect(itemChanges('guests', guests(), guests(guest('c', 'container')), true)).toEqual([]);
  expect(itemChanges('guests', guests(), guests(guest('v', 'virtual-machine')), true)).toHaveLength(1);
});

test('[IN71] a new driver version, a patch, an account, a member of a group and a switched off firewall are one row each', () => {
  const driver = (version: string) =>
    section('drivers', {
      drivers: [
        { name: 'nvidia', version, provider: 'not part of the kernel', date: null, kind: 'kernel-module' },
      ],
    });
  const patches = (ids: string[]) =>
    section('patches', { patches: ids.map((id) => ({ id, title: null, installedAtMs: null })) });
  const users = (members: string[], names: string[]) =>
    section('users', {
      users: names.map((name) => ({
        name,
        fullName: null,
        uid: 1,
        shell: null,
        administrator: false,
        system: false,
      })),
      groups: [{ name: 'sudo', gid: 27, members }],
      lastUser: null,
      lastUserAtMs: names.length,
    });
  const security = (enabled: boolean | null) =>
    section('security', { firewalls: [{ product: 'ufw', profile: null, enabled }] });
  const changes = allItemChanges(
    { drivers: driver('1'), patches: patches([]), users: users([], ['ada']), security: security(true) },
    {
      drivers: driver('2'),
      patches: patches(['KB1']),
      users: users(['eve'], ['ada', 'eve']),
      security: security(false),
    },
    () => true,
  );
  expect(changes.map(({ kind, attribute }) => `${kind} ${attribute}`)).toEqual([
    'changed driver:nvidia',
    'created patch:KB1',
    'created user:eve',
    'changed group:sudo',
    'changed security:ufw',
  ]);
});

test('[IN71] the same section again, in whatever order, is no change', () => {
  const files = [file('/etc/a', ONE), file('/etc/b', TWO)];
  expect(itemChanges('fingerprints', etc(files), etc(files.toReversed()), true)).toEqual([]);
});

test('[IN72] a machine whose files were all rewritten fills the history once, with a row that says how many more', () => {
  const many = (sha256: string) => etc(Array.from({ length: 2_000 }, (_, i) => file(`/etc/f${i}`, sha256)));
  const changes = itemChanges('fingerprints', many(ONE), many(TWO), true);
  expect(changes).toHaveLength(ITEM_CHANGES_MAX);
  expect(changes.at(-1)).toEqual({
    kind: 'changed',
    attribute: 'file:*',
    before: null,
    after: 2_000 - ITEM_CHANGES_MAX + 1,
  });
});

test('[IN73] a device with a serial number is the same in any port; two without one are two', () => {
  const usb = (port: string, serial: string | null) => ({
    port,
    vendorId: '0951',
    productId: '1666',
    vendor: 'Kingston',
    product: 'Stick',
    serial,
    class: 'storage',
  });
  const keys = (devices: SectionInput['devices']) =>
    devicesPicture(section('devices', devices)).parts.map((part) => part.keys);
  expect(keys({ usbDevices: [usb('1-1', 'S1')] })).toEqual(keys({ usbDevices: [usb('2-4', 'S1')] }));
  expect(keys({ usbDevices: [usb('1-1', null), usb('1-2', null)] })).toEqual([
    ['usb 0951:1666 port 1-1'],
    ['usb 0951:1666 port 1-2'],
  ]);
  expect(keys({ usbDevices: [usb('1-1', 'S1'), usb('1-2', 'S1')] })).toEqual([
    ['usb 0951:1666 S1'],
    ['usb 0951:1666 S1 #2'],
  ]);
  expect(keys({ usbDevices: [{ ...usb('1-1', null), class: 'hub' }] })).toEqual([]);
});

test('[IN73] a monitor is known by maker and serial number, so that it moves with its history', () => {
  const monitor = {
    port: 'DP-1',
    manufacturer: 'Dell',
    vendorId: 'DEL',
    productId: 'a0c4',
    model: 'DELL U2721DE',
    serial: '7HQ4R83',
    madeWeek: 5,
    madeYear: 2021,
    widthMillimetres: 597,
    heightMillimetres: 336,
  };
  const [part] = devicesPicture(section('devices', { monitors: [monitor] })).parts;
  expect(part).toMatchObject({
    keys: ['monitor DEL:7HQ4R83'],
    attributes: { kind: 'monitor', serial: '7HQ4R83', madeIn: '2021-W05' },
  });
});
