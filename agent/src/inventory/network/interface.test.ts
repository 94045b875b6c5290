import { expect, test } from 'vitest';
import { interfaceOf, isChurning } from './interface.ts';
import type { InterfaceFacts } from './interface.ts';

const HAS_NOTHING = { bridge: false, bonding: false, wireless: false, tun: false, vlan: false };
const PORT: InterfaceFacts = {
  name: 'eno1',
  address: '3C:EC:EF:01:02:03',
  addressAssignType: 0,
  bondPermanentAddress: null,
  type: 1,
  deviceType: null,
  speedMbit: 1_000,
  mtu: 1_500,
  operationalState: 'up',
  driver: 'ixgbe',
  devicePath: '/sys/devices/pci0000:00/0000:00:1c.0/0000:01:00.0',
  deviceRemovable: null,
  has: HAS_NOTHING,
  hasPhysicalMember: false,
};
const SOFTWARE: InterfaceFacts = { ...PORT, devicePath: null, driver: null, addressAssignType: 3 };

test('a port on the board', () => {
  expect(interfaceOf(PORT)).toEqual({
    name: 'eno1',
    mac: '3c:ec:ef:01:02:03',
    macPermanent: true,
    kind: 'ethernet',
    virtual: false,
    removable: false,
    speedBitsPerSecond: 1_000_000_000,
    mtu: 1_500,
    state: 'up',
    driver: 'ixgbe',
  });
});

test.each<[string, InterfaceFacts]>([
  ['loopback', { ...SOFTWARE, type: 772, address: '00:00:00:00:00:00' }],
  ['wireless', { ...PORT, deviceType: 'wlan' }],
  ['wireless', { ...PORT, has: { ...HAS_NOTHING, wireless: true } }],
  ['bridge', { ...SOFTWARE, has: { ...HAS_NOTHING, bridge: true } }],
  ['bond', { ...SOFTWARE, has: { ...HAS_NOTHING, bonding: true } }],
  ['vlan', { ...SOFTWARE, deviceType: 'vlan' }],
  ['vlan', { ...SOFTWARE, has: { ...HAS_NOTHING, vlan: true } }],
  ['tunnel', { ...SOFTWARE, has: { ...HAS_NOTHING, tun: true } }],
  ['tunnel', { ...SOFTWARE, type: 65_534, deviceType: 'wireguard' }],
  ['tunnel', { ...SOFTWARE, type: 776 }],
  ['virtual', { ...SOFTWARE, name: 'dummy0' }],
  ['other', { ...PORT, type: 32 }],
])('kind %s', (expected, facts) => {
  expect(interfaceOf(facts).kind).toBe(expected);
});

test.each<[string, boolean, Partial<InterfaceFacts>]>([
  ['a card inside', false, {}],
  ['a USB adapter', true, { devicePath: '/sys/devices/pci0000:00/0000:00:14.0/usb2/2-1/2-1:1.0' }],
  [
    'a USB adapter on an external port',
    true,
    { devicePath: '/sys/devices/x/usb2/2-1/2-1:1.0', deviceRemovable: 'removable' },
  ],
  [
    'a USB adapter that does not say',
    true,
    { devicePath: '/sys/devices/x/usb2/2-1/2-1:1.0', deviceRemovable: 'unknown' },
  ],
  [
    'a USB chip on the board',
    false,
    { devicePath: '/sys/devices/x/usb1/1-1/1-1.1:1.0', deviceRemovable: 'fixed' },
  ],
  ['a card in a Thunderbolt dock', true, { deviceRemovable: 'removable' }],
])('[IN23] %s: removable %s', (_, removable, facts) => {
  expect(interfaceOf({ ...PORT, ...facts })).toMatchObject({ removable, virtual: false });
});

test('[IN23] an interface without a device is virtual and never permanent', () => {
  expect(interfaceOf({ ...SOFTWARE, addressAssignType: 0 })).toMatchObject({
    virtual: true,
    macPermanent: false,
  });
});

test('[IN26] a port of a bond reports its own address', () => {
  const facts = {
    ...PORT,
    address: '3c:ec:ef:01:02:99',
    addressAssignType: 3,
    bondPermanentAddress: '3c:ec:ef:01:02:03',
  };
  expect(interfaceOf(facts)).toMatchObject({ mac: '3c:ec:ef:01:02:03', macPermanent: true });
});

test('an address that somebody set is reported and not called permanent', () => {
  expect(interfaceOf({ ...PORT, addressAssignType: 3 })).toMatchObject({
    mac: '3c:ec:ef:01:02:03',
    macPermanent: false,
  });
});

test('what is no MAC is not reported as one', () => {
  for (const address of ['00:00:00:00:00:00', '192.0.2.1', '', null])
    expect(interfaceOf({ ...PORT, address }).mac).toBeNull();
});

test('[IN3] nothing that changes by itself is reported', () => {
  const bridge = { ...SOFTWARE, has: { ...HAS_NOTHING, bridge: true } };
  expect(interfaceOf({ ...bridge, operationalState: 'up' })).toEqual(
    interfaceOf({ ...bridge, operationalState: 'down' }),
  );
  const random = { ...SOFTWARE, addressAssignType: 1 };
  expect(interfaceOf({ ...random, address: 'fe:00:00:00:00:01' })).toEqual(
    interfaceOf({ ...random, address: 'fe:00:00:00:00:02' }),
  );
  const radio = { ...PORT, deviceType: 'wlan' };
  expect(interfaceOf({ ...radio, speedMbit: 144 })).toEqual(interfaceOf({ ...radio, speedMbit: 866 }));
});

test('the state of a bridge with a port means something', () => {
  const bridge = { ...SOFTWARE, has: { ...HAS_NOTHING, bridge: true }, hasPhysicalMember: true };
  expect(interfaceOf({ ...bridge, operationalState: 'down' }).state).toBe('down');
});

test.each([
  ['veth3a1b2c4', null, true],
  ['br-0a1b2c3d4e5f', null, true],
  ['br-lan', null, false],
  ['cali12ab34cd56e', null, true],
  ['tap104i0', null, true],
  ['vnet3', null, true],
  ['eth0', null, false],
  ['docker0', null, false],
  ['veth0', '/sys/devices/x', false],
])('[IN24] %s comes and goes: %s', (name, devicePath, expected) => {
  expect(isChurning({ name, devicePath })).toBe(expected);
});
