import { SECTION_SCHEMAS } from '@muster/shared/inventory/sections.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ZodType } from 'zod';
import { fitToSchema } from '../fit.ts';
import { macosSections } from './sections.ts';

const PROFILE = `Hardware:

    Hardware Overview:

      Model Name: MacBook Pro
      Model Identifier: Mac14,9
      Chip: Apple M2 Pro
      Total Number of Cores: 10 (6 performance and 4 efficiency)
      Memory: 16 GB
      System Firmware Version: 10151.1.1
      Serial Number (system): C02XYZ1234
      Hardware UUID: 402127FE-F62F-5F2F-B899-BC9F25C44006

Software:

    System Software Overview:

      System Version: macOS 14.4 (23E214)
      Kernel Version: Darwin 23.4.0
      Computer Name: Ada's Mac

Graphics/Displays:

    Apple M2 Pro:

      Chipset Model: Apple M2 Pro
      Bus: Built-In
      Vendor: Apple (0x106b)

Memory:

      Memory: 16 GB
      Type: LPDDR5
      Manufacturer: Hynix
`;

const plist = (items: string): string =>
  `<?xml version="1.0"?><plist version="1.0"><array><dict><key>_items</key><array>${items}</array></dict></array></plist>`;
const item = (fields: Readonly<Record<string, string>>): string =>
  `<dict>${Object.entries(fields)
    .map(([key, value]) => `<key>${key}</key><string>${value}</string>`)
    .join('')}</dict>`;

const OUTPUTS = {
  systemProfiler: PROFILE,
  plists: {
    SPSerialATADataType: plist(
      item({
        _name: 'Old Disk',
        bsd_name: 'disk2',
        device_model: 'Old Disk',
        spsata_medium_type: 'Rotational',
        smart_status: 'Failing',
      }),
    ),
    SPNVMeDataType: plist(
      item({
        _name: 'APPLE SSD',
        bsd_name: 'disk0',
        device_model: 'APPLE SSD',
        device_serial: 'S9',
        smart_status: 'Verified',
      }),
    ),
    SPUSBDataType: plist(
      item({ _name: 'DVD drive' }) + item({ _name: 'Stick', bsd_name: 'disk4', serial_num: 'U1' }),
    ),
  },
  sysctl:
    'kern.hostname: ada.example.org\nkern.boottime: { sec = 1700000000, usec = 1 } Tue Nov\nhw.machine: arm64\nmachdep.cpu.brand_string: Apple M2 Pro\n',
  ioregPlatform:
    '+-o Mac14,9  <class IOPlatformExpertDevice, id 0x1>\n    {\n      "manufacturer" = <"Apple Inc.">\n      "board-id" = <"Mac-F42">\n    }\n',
  ioregUsb:
    '+-o Stick@14200000  <class IOUSBHostDevice, id 0x2>\n    {\n      "idVendor" = 1921\n      "idProduct" = 21889\n      "kUSBProductString" = "Stick"\n      "locationID" = 337641472\n      "bDeviceClass" = 8\n    }\n',
  ifconfig: `lo0: flags=8049<UP,LOOPBACK,RUNNING,MULTICAST> mtu 16384
	inet 127.0.0.1
en0: flags=8863<UP,BROADCAST,RUNNING> mtu 1500
	ether 62:00:50:57:00:44
	inet 192.168.1.5 netmask 0xffffff00 broadcast 192.168.1.255
	status: active
awdl0: flags=8943<UP,BROADCAST,RUNNING> mtu 1500
	ether 9e:00:06:96:00:70
	status: inactive
`,
  hardwarePorts: '\nHardware Port: Wi-Fi\nDevice: en0\nEthernet Address: 60:00:50:57:00:44\n',
  routes:
    'Routing tables\n\nInternet:\nDestination        Gateway            Flags               Netif Expire\ndefault            192.168.1.1        UGScg                 en0\n',
  resolvConf: 'nameserver 192.168.1.1\n',
  df: 'Filesystem 1024-blocks Used Available Capacity iused ifree %iused Mounted on\n/dev/disk3s1 1000 10 990 1% 5 5 0% /\n//ada@files.example/home 2000 10 1990 1% 5 5 0% /Volumes/home\ndevfs 200 200 0 100% 5 0 100% /dev\n',
  mount:
    '/dev/disk3s1 on / (apfs, sealed, local, read-only, journaled)\n//ada@files.example/home on /Volumes/home (smbfs, nodev)\ndevfs on /dev (devfs, local)\n',
} as const;

const WHOLE = macosSections(OUTPUTS);

test('[IN80] what was not given is no section of a Mac', () => {
  expect(macosSections({})).toEqual({});
  expect(Object.keys(macosSections({ ifconfig: '' }))).toEqual(['network']);
});

test('[IN80] with everything given, each section of a Mac is complete and fits its schema', () => {
  expect(Object.keys(WHOLE).sort()).toEqual(['devices', 'hardware', 'network', 'os', 'storage']);
  for (const [name, section] of Object.entries(WHOLE)) {
    expect([name, section.complete, section.notes]).toEqual([name, true, []]);
    expect(SECTION_SCHEMAS[name as keyof typeof SECTION_SCHEMAS].safeParse(section.data).success).toBe(true);
  }
});

test.each([
  ['hardware', 'ioregPlatform', 'ioreg: IOPlatformExpertDevice'],
  ['network', 'hardwarePorts', 'networksetup: hardware ports'],
  ['storage', 'mount', 'mount'],
  ['devices', 'ioregUsb', 'ioreg: USB'],
  ['os', 'sysctl', 'sysctl: kern'],
] as const)('[IN80] the section %s of a Mac is not complete without %s', (name, missing, told) => {
  const { [missing]: _, ...outputs } = OUTPUTS;
  const section = macosSections(outputs)[name];
  expect([section?.complete, section?.notes]).toEqual([false, [`${told} was not given`]]);
});

test('[IN83] a Mac is told by the profiler, its soldered memory is one module', () => {
  expect(WHOLE.hardware?.data).toMatchObject({
    system: {
      manufacturer: 'Apple Inc.',
      model: 'Mac14,9',
      serial: 'C02XYZ1234',
      uuid: '402127fe-f62f-5f2f-b899-bc9f25c44006',
    },
    board: { model: 'Mac-F42' },
    cpus: [{ slot: 'CPU0', model: 'Apple M2 Pro', vendor: 'Apple', cores: 10 }],
    memoryBytes: 2 ** 34,
    memoryModules: [{ slot: 'slot 0', sizeBytes: 2 ** 34, type: 'LPDDR5' }],
  });
  expect(WHOLE.os?.data).toMatchObject({
    family: 'macos',
    name: 'macOS',
    version: '14.4',
    build: '23E214',
    kernel: 'Darwin 23.4.0',
    architecture: 'arm64',
    hostname: 'ada',
    domain: 'example.org',
    bootedAtMs: 1_700_000_000_000,
  });
});

test('[IN83] a port has its own address, not the one in use; what is no port is virtual', () => {
  expect(WHOLE.network?.data).toMatchObject({
    interfaces: [
      { name: 'lo0', kind: 'loopback', virtual: true, addresses: [{ address: '127.0.0.1', prefix: 32 }] },
      {
        name: 'en0',
        kind: 'wireless',
        mac: '60:00:50:57:00:44',
        macPermanent: true,
        virtual: false,
        state: 'up',
        addresses: [{ address: '192.168.1.5', prefix: 24 }],
      },
      { name: 'awdl0', kind: 'wireless', macPermanent: false, virtual: true, state: 'down' },
    ],
    gateways: [{ address: '192.168.1.1', interface: 'en0' }],
    dnsServers: ['192.168.1.1'],
  });
});

test('[IN83] disks of a Mac without drives for discs; a share without the account', () => {
  expect(WHOLE.storage?.data.disks.map(({ name, kind, health }) => [name, kind, health])).toEqual([
    ['disk2', 'hdd', 'failed'],
    ['disk0', 'nvme', 'passed'],
    ['disk4', 'removable', 'unknown'],
  ]);
  expect(WHOLE.storage?.data.fileSystems).toMatchObject([
    { mount: '/', device: '/dev/disk3s1', type: 'apfs', readOnly: true, sizeBytes: 1_024_000 },
    { mount: '/Volumes/home', device: '//files.example/home', type: 'smbfs', readOnly: false },
  ]);
});

test('[IN83] USB devices of a Mac by lower-case ids and place', () => {
  expect(WHOLE.devices?.data).toMatchObject({
    usbDevices: [
      { port: '14200000', vendorId: '0781', productId: '5581', product: 'Stick', class: 'storage' },
    ],
    gpus: [{ name: 'Apple M2 Pro', vendor: 'Apple', slot: 'Built-In' }],
  });
});

/** The text with something else in its midst. */
function broken(text: string, at: number, noise: string): string {
  const cut = Math.floor(at * text.length);
  return text.slice(0, cut) + noise + text.slice(cut + noise.length);
}

test('[IN80] broken outputs make sections that fit, never an exception', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(share, fc.string({ unit: 'binary', maxLength: 80 }), (at, noise) => {
      const { plists, ...texts } = OUTPUTS;
      const cut = <Texts extends object>(all: Texts): Record<string, string> =>
        Object.fromEntries(
          Object.entries(all).map(([name, text]) => [name, broken(String(text), at, noise)]),
        );
      const sections = macosSections({ ...cut(texts), plists: cut(plists) });
      for (const [name, section] of Object.entries(sections)) {
        const schema: ZodType = SECTION_SCHEMAS[name as keyof typeof SECTION_SCHEMAS];
        const fitted = fitToSchema(schema, section.data);
        expect([name, fitted]).toEqual([name, expect.objectContaining({ ok: true })]);
      }
    }),
    { numRuns: 100 },
  );
});
