import { SECTION_SCHEMAS } from '@muster/shared/inventory/sections.ts';
import { expect, test } from 'vitest';
import { hardwareOf } from './hardware/elsewhere.ts';
import type { HardwareAnswers } from './hardware/elsewhere.ts';
import { osOf } from './os/elsewhere.ts';

const NOTHING_MORE = {
  stepping: '',
  revision: '',
  voltage: '',
  governor: '',
  socket: '',
  flags: '',
  virtualization: true,
  cache: { l1d: 0, l1i: 0, l2: 0, l3: 0 },
};
const ANSWERS: HardwareAnswers = {
  system: {
    manufacturer: 'Dell Inc.',
    model: 'OptiPlex 7050',
    version: '',
    serial: '7XK2QZ2',
    uuid: '4C4C4544-0058-4B10-8032-B7C04F515A32',
    sku: '-',
    virtual: false,
  },
  bios: { vendor: 'Dell Inc.', version: '1.27.0', releaseDate: '2023-09-18', revision: '' },
  baseboard: {
    manufacturer: 'Dell Inc.',
    model: '0NW6H5',
    version: 'A00',
    serial: '-',
    assetTag: '',
    memMax: null,
    memSlots: 4,
  },
  chassis: {
    manufacturer: 'Dell Inc.',
    model: '',
    type: 'Desktop',
    version: '',
    serial: '7XK2QZ2',
    assetTag: '-',
    sku: '',
  },
  cpu: {
    ...NOTHING_MORE,
    manufacturer: 'Intel',
    brand: 'Core™ i5-7500',
    vendor: 'GenuineIntel',
    family: '6',
    model: '158',
    speed: 3.4,
    speedMin: 0.8,
    speedMax: 3.8,
    cores: 4,
    physicalCores: 4,
    processors: 1,
  },
  mem: { total: 17_068_625_920 },
  memLayout: [
    {
      size: 8_589_934_592,
      bank: 'DIMM1',
      type: 'DDR4',
      clockSpeed: 2_400,
      formFactor: 'DIMM',
      manufacturer: 'SK Hynix',
      partNum: 'HMA81GU6AFR8N-UH',
      serialNum: '12345ABC',
      voltageConfigured: null,
      voltageMin: null,
      voltageMax: null,
    },
    {
      size: 0,
      bank: 'DIMM2',
      type: 'Empty',
      clockSpeed: 0,
      formFactor: '',
      partNum: '',
      serialNum: '',
      voltageConfigured: null,
      voltageMin: null,
      voltageMax: null,
    },
  ],
};

test('[IN6] what systeminformation tells of a Windows machine becomes the hardware section', () => {
  const hardware = hardwareOf(ANSWERS);
  expect(SECTION_SCHEMAS.hardware.parse(hardware)).toEqual({
    system: {
      manufacturer: 'Dell Inc.',
      model: 'OptiPlex 7050',
      version: null,
      serial: '7XK2QZ2',
      uuid: '4c4c4544-0058-4b10-8032-b7c04f515a32',
      sku: null,
    },
    board: { manufacturer: 'Dell Inc.', model: '0NW6H5', version: 'A00', serial: null },
    bios: { vendor: 'Dell Inc.', version: '1.27.0', date: '2023-09-18' },
    chassis: { type: 'Desktop', manufacturer: 'Dell Inc.', serial: '7XK2QZ2', assetTag: null },
    virtualisation: null,
    cpus: [
      {
        slot: 'CPU0',
        model: 'Intel Core™ i5-7500',
        vendor: 'Intel',
        cores: 4,
        threads: 4,
        maxHz: 3_800_000_000,
      },
    ],
    memoryBytes: 17_068_625_920,
    memorySlots: 4,
    memoryModules: [
      {
        slot: 'DIMM1',
        sizeBytes: 8_589_934_592,
        type: 'DDR4',
        manufacturer: 'SK Hynix',
        partNumber: 'HMA81GU6AFR8N-UH',
        serial: '12345ABC',
        transfersPerSecond: 2_400_000_000,
      },
    ],
  });
});

test('[IN6] a guest on another platform names its hypervisor', () => {
  const system = { ...ANSWERS.system, virtual: true, virtualHost: 'VMware' };
  expect(hardwareOf({ ...ANSWERS, system }).virtualisation).toBe('vmware');
  expect(hardwareOf({ ...ANSWERS, system: { ...ANSWERS.system, virtual: true } }).virtualisation).toBe('vm');
});

test('[IN6] what systeminformation tells of an operating system becomes the os section', () => {
  const os = {
    platform: 'Windows',
    distro: 'Microsoft Windows 11 Pro',
    release: '10.0.22631',
    codename: '23H2',
    kernel: '10.0.22631',
    arch: 'x64',
    hostname: 'DESKTOP-AB12',
    fqdn: 'DESKTOP-AB12.example.com',
    codepage: '',
    logofile: '',
    serial: '',
    build: '22631',
    servicepack: '',
    uefi: true,
  };
  const section = osOf(
    os,
    { os: '3D1219C7-C4C5-404A-AA1F-6D2A48ADFDA4' },
    { platform: 'win32', architecture: 'x86_64' },
  );
  expect(SECTION_SCHEMAS.os.parse(section)).toMatchObject({
    family: 'windows',
    name: 'Microsoft Windows 11 Pro',
    build: '22631',
    hostname: 'DESKTOP-AB12',
    domain: 'example.com',
    machineId: '3d1219c7-c4c5-404a-aa1f-6d2a48adfda4',
    architecture: 'x86_64',
  });
});
