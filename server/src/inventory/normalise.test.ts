import type { Snapshot } from '@muster/shared/inventory/sections.ts';
import { Hardware, Network, OperatingSystem } from '@muster/shared/inventory/sections.ts';
import { expect, test } from 'vitest';
import { normalise } from './normalise.ts';

type HardwareData = NonNullable<Snapshot['hardware']>;
type Interface = NonNullable<Snapshot['network']>['interfaces'][number];

const NO_HARDWARE: HardwareData = {
  system: { manufacturer: null, model: null, version: null, serial: null, uuid: null, sku: null },
  board: { manufacturer: null, model: null, version: null, serial: null },
  bios: { vendor: null, version: null, date: null },
  chassis: { type: null, manufacturer: null, serial: null, assetTag: null },
  virtualisation: null,
  cpus: [],
  memoryBytes: null,
  memorySlots: null,
  memoryModules: [],
};

const LINUX: NonNullable<Snapshot['os']> = {
  family: 'linux',
  name: 'Debian GNU/Linux',
  version: '12.11',
  codename: 'bookworm',
  build: null,
  architecture: 'x86_64',
  kernel: '6.1.0-37-amd64',
  hostname: 'db-01',
  domain: 'Example.COM.',
  machineId: '3D1219C7C4C5404AAA1F6D2A48ADFDA4',
  bootId: 'b0075c1c-0000-4000-8000-000000000001',
  bootedAtMs: 1_700_000_000_000,
  installedAtMs: null,
  timeZone: 'Europe/Berlin',
};

function port(name: string, mac: string, more: Partial<Interface> = {}): Interface {
  return {
    name,
    mac,
    macPermanent: true,
    kind: 'ethernet',
    virtual: false,
    removable: false,
    speedBitsPerSecond: null,
    mtu: 1_500,
    state: 'up',
    driver: null,
    addresses: [],
    ...more,
  };
}

function network(interfaces: Interface[]): NonNullable<Snapshot['network']> {
  return { interfaces, gateways: [], dnsServers: [] };
}

function address(text: string): Interface['addresses'][number] {
  return { address: text, prefix: 24, family: text.includes(':') ? 'ipv6' : 'ipv4' };
}

function packages(...names: string[]): NonNullable<Snapshot['software']> {
  return {
    packages: names.map((name) => ({
      name,
      version: '1',
      architecture: null,
      publisher: null,
      source: 'dpkg',
      installedAtMs: null,
      sizeBytes: null,
    })),
  };
}

const SERVER: Snapshot = {
  os: LINUX,
  hardware: {
    ...NO_HARDWARE,
    system: {
      manufacturer: 'Dell Inc.',
      model: 'PowerEdge R740',
      version: null,
      serial: ' 7xk2 qz2',
      uuid: '4C4C4544-0058-4B10-8032-B7C04F515A32',
      sku: null,
    },
    board: { manufacturer: 'Dell Inc.', model: '06WXJT', version: 'A05', serial: '.7XK2QZ2.CNFCP0089G00FZ.' },
    chassis: {
      type: 'Rack Mount Chassis',
      manufacturer: 'Dell Inc.',
      serial: '7XK2QZ2',
      assetTag: 'To be filled by O.E.M.',
    },
    cpus: [
      { slot: 'CPU1', model: 'Xeon', vendor: 'Intel', cores: 16, threads: 32, maxHz: null },
      { slot: 'CPU2', model: 'Xeon', vendor: 'Intel', cores: 16, threads: 32, maxHz: null },
    ],
    memoryBytes: 64 * 1024 ** 3,
  },
  network: network([
    port('eno2', '3C:EC:EF:01:02:04'),
    port('eno1', '3C:EC:EF:01:02:03', {
      addresses: [address('192.0.2.10'), address('fe80::1'), address('2001:DB8::10')],
    }),
    port('docker0', '02:42:ac:11:00:01', {
      virtual: true,
      kind: 'bridge',
      addresses: [address('172.17.0.1')],
    }),
    port('lo', '00:00:00:00:00:00', { virtual: true, kind: 'loopback', addresses: [address('127.0.0.1')] }),
  ]),
  users: { users: [], groups: [], lastUser: 'ada', lastUserAtMs: null },
};

test('the fixtures fit the schemas that they stand for', () => {
  expect(Hardware.safeParse(SERVER.hardware).success).toBe(true);
  expect(OperatingSystem.safeParse(SERVER.os).success).toBe(true);
  expect(Network.safeParse(SERVER.network).success).toBe(true);
});

test('[IN49] a rack server gives these facts', () => {
  expect(normalise(SERVER)).toEqual({
    hostname: 'db-01',
    domain: 'example.com',
    machineId: '3d1219c7c4c5404aaa1f6d2a48adfda4',
    serial: '7XK2QZ2',
    uuid: '4c4c4544-0058-4b10-8032-b7c04f515a32',
    uuidSwapped: '44454c4c-5800-104b-8032-b7c04f515a32',
    boardSerial: '.7XK2QZ2.CNFCP0089G00FZ.',
    chassisSerial: '7XK2QZ2',
    assetTag: null,
    manufacturer: 'Dell',
    model: 'PowerEdge R740',
    chassisType: 'Rack Mount Chassis',
    isVirtual: false,
    isContainer: false,
    virtualisation: null,
    permanentMacs: ['3c:ec:ef:01:02:03', '3c:ec:ef:01:02:04'],
    ipAddresses: ['192.0.2.10', '2001:db8::10'],
    proposedClass: 'Server',
    osFamily: 'linux',
    osName: 'Debian GNU/Linux',
    osVersion: '12.11',
    architecture: 'x86_64',
    bootId: 'b0075c1c-0000-4000-8000-000000000001',
    bootedAtMs: 1_700_000_000_000,
    cpuModel: 'Xeon',
    cpuCores: 32,
    memoryBytes: 68_719_476_736,
    lastUser: 'ada',
    displayName: 'db-01',
    rejected: [
      { field: 'assetTag', value: 'TOBEFILLEDBYO.E.M.', reason: 'junk' },
      { field: 'mac', value: '02:42:ac:11:00:01', reason: 'virtual' },
      { field: 'mac', value: '00:00:00:00:00:00', reason: 'virtual' },
    ],
  });
});

test('[IN49] the order of interfaces does not matter', () => {
  const turned = { ...SERVER, network: network(SERVER.network?.interfaces.toReversed() ?? []) };
  const { rejected: _first, ...facts } = normalise(SERVER);
  const { rejected: _second, ...turnedFacts } = normalise(turned);
  expect(turnedFacts).toEqual(facts);
});

test('[IN49] an empty snapshot gives no keys and still a name to show', () => {
  const facts = normalise({});
  expect(facts).toMatchObject({
    hostname: null,
    serial: null,
    uuid: null,
    uuidSwapped: null,
    machineId: null,
    permanentMacs: [],
    ipAddresses: [],
    displayName: 'unnamed machine',
    rejected: [],
  });
});

test('[IN41] [IN42] [IN45] a board without identity gives no keys, and says what it threw away', () => {
  const facts = normalise({
    os: { ...LINUX, hostname: 'localhost', machineId: 'uninitialized' },
    hardware: {
      ...NO_HARDWARE,
      system: {
        manufacturer: 'System manufacturer',
        model: 'System Product Name',
        version: 'System Version',
        serial: 'System Serial Number',
        uuid: '03000200-0400-0500-0006-000700080009',
        sku: null,
      },
      board: {
        manufacturer: 'ASUSTeK COMPUTER INC.',
        model: 'PRIME B250M-A',
        version: 'Rev X.0x',
        serial: '170193551100123',
      },
    },
  });
  expect(facts).toMatchObject({
    serial: null,
    uuid: null,
    hostname: null,
    machineId: null,
    boardSerial: '170193551100123',
    manufacturer: 'ASUS',
    model: 'PRIME B250M-A',
    displayName: 'ASUS PRIME B250M-A',
  });
  expect(facts.rejected.map(({ field, reason }) => `${field} ${reason}`).sort()).toEqual([
    'hostname junk',
    'machineId malformed',
    'serial junk',
    'uuid junk',
  ]);
});

test('[IN44] a container has no identity of its host', () => {
  const facts = normalise({
    ...SERVER,
    hardware: { ...(SERVER.hardware ?? NO_HARDWARE), virtualisation: 'docker' },
  });
  expect(facts).toMatchObject({
    isContainer: true,
    isVirtual: true,
    proposedClass: 'VirtualMachine',
    serial: null,
    uuid: null,
    uuidSwapped: null,
    boardSerial: null,
    chassisSerial: null,
    permanentMacs: [],
    machineId: '3d1219c7c4c5404aaa1f6d2a48adfda4',
  });
  expect(
    facts.rejected.filter(({ reason }) => reason === 'host-of-container').map(({ field }) => field),
  ).toEqual(['uuid', 'serial', 'boardSerial', 'chassisSerial', 'mac', 'mac']);
});

test.each([
  ['a dock', { removable: true }, '3c:ec:ef:01:02:03', null, 'removable'],
  ['a random address', { macPermanent: false }, '3c:ec:ef:01:02:03', null, 'local'],
  ['a locally administered address', {}, '02:fc:00:00:00:01', 'firecracker', 'local'],
  ["libvirt's prefix outside a virtual machine", {}, '52:54:00:9f:3e:21', null, 'local'],
  ["QEMU's default address", {}, '52:54:00:12:34:56', 'kvm', 'shared-adapter'],
  ['a host-only adapter', {}, '00:50:56:c0:00:01', null, 'shared-adapter'],
  ['a veth', { virtual: true }, '3c:ec:ef:01:02:03', null, 'virtual'],
  ['nonsense', {}, 'hello', null, 'malformed'],
] as const)('[IN43] the MAC of %s is no key', (_, more, mac, virtualisation, reason) => {
  const facts = normalise({
    hardware: { ...NO_HARDWARE, virtualisation },
    network: network([port('x', mac, more)]),
  });
  expect(facts.permanentMacs).toEqual([]);
  expect(facts.rejected).toEqual([{ field: 'mac', value: mac, reason }]);
});

test('[IN43] a virtual machine keeps the address that its hypervisor drew', () => {
  const facts = normalise({
    hardware: { ...NO_HARDWARE, virtualisation: 'kvm' },
    network: network([port('eth0', '52:54:00:9f:3e:21')]),
  });
  expect(facts.permanentMacs).toEqual(['52:54:00:9f:3e:21']);
});

const ON_CHASSIS = (type: string | null, model: string | null = null): HardwareData => ({
  ...NO_HARDWARE,
  chassis: { ...NO_HARDWARE.chassis, type },
  system: { ...NO_HARDWARE.system, model },
});
const WINDOWS = (name: string): NonNullable<Snapshot['os']> => ({ ...LINUX, family: 'windows', name });

test.each<[string, Snapshot, string]>([
  ['a KVM guest', { hardware: { ...NO_HARDWARE, virtualisation: 'kvm' } }, 'VirtualMachine'],
  [
    'a virtual desktop',
    { os: WINDOWS('Microsoft Windows 11 Pro'), hardware: { ...NO_HARDWARE, virtualisation: 'vmware' } },
    'VirtualMachine',
  ],
  [
    'Windows Server on a tower',
    { os: WINDOWS('Microsoft Windows Server 2022 Standard'), hardware: ON_CHASSIS('Tower') },
    'Server',
  ],
  [
    'Windows 11 on a rack',
    { os: WINDOWS('Microsoft Windows 11 Pro'), hardware: ON_CHASSIS('Rack Mount Chassis') },
    'Workstation',
  ],
  ['a Mac', { os: { ...LINUX, family: 'macos' } }, 'Workstation'],
  ['Linux on a blade', { os: LINUX, hardware: ON_CHASSIS('Blade') }, 'Server'],
  [
    'Linux on a notebook',
    { os: LINUX, hardware: ON_CHASSIS('Notebook'), software: packages('nginx') },
    'Workstation',
  ],
  [
    'Linux on a ProLiant tower',
    { os: LINUX, hardware: ON_CHASSIS('Tower', 'ProLiant ML350 Gen10') },
    'Server',
  ],
  [
    'Linux on an OptiPlex',
    { os: LINUX, hardware: ON_CHASSIS('Desktop', 'OptiPlex 7050'), software: packages('nginx') },
    'Workstation',
  ],
  [
    'a nameless desktop with GNOME',
    { os: LINUX, hardware: ON_CHASSIS('Desktop'), software: packages('bash', 'gnome-shell') },
    'Workstation',
  ],
  [
    'a nameless desktop without a desktop',
    { os: LINUX, hardware: ON_CHASSIS('Desktop'), software: packages('bash', 'nginx') },
    'Server',
  ],
  ['a desktop whose software is not known', { os: LINUX, hardware: ON_CHASSIS('Desktop') }, 'Workstation'],
  ['a machine of which nothing is known', {}, 'Server'],
])('[IN47] the class of %s', (_, snapshot, expected) => {
  expect(normalise(snapshot).proposedClass).toBe(expected);
});

test('[IN46] a Lenovo shows the name that people know', () => {
  const system = {
    ...NO_HARDWARE.system,
    manufacturer: 'LENOVO',
    model: '20L8S02D00',
    version: 'ThinkPad T480s',
  };
  expect(normalise({ hardware: { ...NO_HARDWARE, system } })).toMatchObject({
    manufacturer: 'Lenovo',
    model: 'ThinkPad T480s 20L8S02D00',
  });
});

test('[IN48] addresses that lead nowhere are left out', () => {
  const facts = normalise({
    network: network([
      port('eth0', '3c:ec:ef:01:02:03', {
        addresses: ['10.0.0.5', '169.254.7.7', 'fe80::1', 'FD00::5', 'ff02::1'].map(address),
      }),
      port('virbr0', '52:54:00:00:00:01', { virtual: true, addresses: [address('192.168.122.1')] }),
      port('br0', '3c:ec:ef:01:02:03', {
        virtual: true,
        kind: 'bridge',
        addresses: [address('10.0.0.6'), address('10.0.0.5')],
      }),
    ]),
  });
  expect(facts.ipAddresses).toEqual(['10.0.0.5', '10.0.0.6', 'fd00::5']);
});

test('the name to show keeps its capital letters', () => {
  expect(normalise({ os: { ...LINUX, hostname: 'DESKTOP-AB12.example.com' } })).toMatchObject({
    hostname: 'desktop-ab12',
    displayName: 'DESKTOP-AB12',
  });
});
