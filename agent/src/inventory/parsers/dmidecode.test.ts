import { expect, test } from 'vitest';
import { ofType, parseDmidecode, sizeBytes, valueOf } from './dmidecode.ts';
import { dmiPorts, dmiSlots } from './dmidecode-connectors.ts';
import { dmiProcessors } from './dmidecode-cpu.ts';
import { DMIDECODE_REPORT } from './dmidecode-fixture.ts';
import { dmiMemory } from './dmidecode-memory.ts';
import { dmiBatteries, dmiPowerSupplies } from './dmidecode-power.ts';
import { smbiosOfDmidecode } from './dmidecode-smbios.ts';
import { dmiSystem } from './dmidecode-system.ts';

const REPORT = parseDmidecode(DMIDECODE_REPORT);

test('[IP10] structures in their order, with handle, type and values', () => {
  expect(REPORT.map(({ type, handle }) => [type, handle]).slice(0, 3)).toEqual([
    [0, '0x0000'],
    [1, '0x0001'],
    [2, '0x0002'],
  ]);
  expect(valueOf(REPORT[1], 'Product Name')).toBe('Crate 900');
});

test('[IP10] values that say nothing are left out, blanks become single', () => {
  const [board] = ofType(REPORT, 2);
  expect(board?.values.has('Version')).toBe(false);
  expect(valueOf(board, 'Product Name')).toBe('BOARD 7');
});

test('[IP10] the layout of reports before 2.6: the type on a line of its own', () => {
  const text =
    'Handle 0x0400\n\tDMI type 4, 32 bytes.\n\tProcessor\n\t\tProcessor Version: Abacus 5   \nHandle 0x0500\n';
  expect(parseDmidecode(text)).toEqual([
    { type: 4, handle: '0x0400', values: new Map([['Processor Version', 'Abacus 5']]) },
  ]);
});

test('[IP11] firmware, system, board and chassis', () => {
  expect(dmiSystem(REPORT)).toEqual({
    bios: { vendor: 'Firm & Ware', version: '1.2', date: '03/04/2021' },
    system: {
      manufacturer: 'Example Works',
      model: 'Crate 900',
      version: null,
      serial: 'EX-0042',
      uuid: '01020304-0506-0708-090A-0B0C0D0E0F10',
      sku: null,
    },
    board: { manufacturer: 'Example Works', model: 'BOARD 7', version: null, serial: 'B-77' },
    chassis: { type: 'Notebook', manufacturer: null, serial: null, assetTag: 'A-5' },
  });
});

test('[IP12] filled sockets only; family, model and stepping come from the identification, not from the words', () => {
  expect(dmiProcessors(REPORT)).toEqual([
    {
      socket: 'U3E1',
      enabled: true,
      manufacturer: 'Example',
      model: 'Example(R) Fast(TM) CPU 12 @ 2.50GHz',
      family: 'Fast',
      serial: null,
      cpuid: 'BFEBFBFF000906EA',
      familyNumber: 6,
      modelNumber: 158,
      stepping: 10,
      nominalHz: 2_500_000_000,
      maxHz: 4_000_000_000,
      externalHz: 100_000_000,
      cores: 4,
      coresEnabled: 4,
      threads: 8,
    },
  ]);
});

test('[IP13] memory: sizes, makers by name and by number, fillers left out', () => {
  const [first, second, third] = dmiMemory(REPORT);
  expect(first).toEqual({
    locator: 'DIMM 0',
    sizeBytes: 8 * 1024 ** 3,
    empty: false,
    bank: null,
    type: 'DDR4',
    formFactor: 'SODIMM',
    manufacturer: 'Micron',
    partNumber: 'PART-1',
    serial: '00C0FFEE',
    transfersPerSecond: 3_200_000_000,
    errorCorrection: 'Multi-bit ECC',
  });
  expect(second).toMatchObject({
    sizeBytes: null,
    empty: true,
    manufacturer: null,
    partNumber: null,
    transfersPerSecond: null,
  });
  expect(third).toMatchObject({ type: 'DDR3', manufacturer: 'Hynix', partNumber: 'HMT0EXAMPLE' });
});

test('[IP13] modules of type 6 count only where type 17 says nothing', () => {
  const old =
    'Handle 0x1\n DMI type 6, 12 bytes.\n  Socket: D1\n  Type: ECC DIMM\n  Installed Size: 256Mbyte\n';
  expect(dmiMemory(parseDmidecode(old))).toMatchObject([{ locator: 'D1', sizeBytes: 256 * 1024 ** 2 }]);
  expect(dmiMemory(parseDmidecode(DMIDECODE_REPORT + old))).toHaveLength(3);
});

test.each([
  ['8 GB', 8 * 1024 ** 3],
  ['512 MB (Single-bank Connection)', 512 * 1024 ** 2],
  ['256Mbyte', 256 * 1024 ** 2],
  ['No Module Installed', null],
  [null, null],
])('[IP13] %s is %s bytes', (text, bytes) => {
  expect(sizeBytes(text)).toBe(bytes);
});

test('[IP14] batteries: energy, voltage, day, and the serial number as printed', () => {
  expect(dmiBatteries(REPORT)).toEqual([
    {
      name: 'CELL 1',
      manufacturer: 'Battery & Co',
      serial: '2748',
      chemistry: 'LiP',
      madeAtMs: Date.UTC(2019, 6, 8),
      designWattHours: 23,
      designVolts: 11.4,
    },
  ]);
});

test('[IP14] power supplies that are there and have a name', () => {
  expect(dmiPowerSupplies(REPORT)).toMatchObject([
    { name: 'PSU A', maxWatts: 350, hotReplaceable: true, plugged: true, partNumber: 'P-1' },
  ]);
});

test('[IP28] a report stands for the table it was made of', () => {
  const smbios = smbiosOfDmidecode(DMIDECODE_REPORT);
  expect(smbios).toMatchObject({
    version: { major: 3, minor: 2 },
    bios: { vendor: 'Firm & Ware', virtualMachine: false },
    system: { uuid: '01020304-0506-0708-090a-0b0c0d0e0f10' },
    processors: [{ socket: 'U3E1', inUse: true, cores: 4, threads: 8 }],
    memorySlots: 3,
    powerSupplies: [{ name: 'PSU A', maxWatts: 350 }],
    slots: [
      { name: 'SLOT1', usage: 'free', slot: '0000:00:01.0' },
      { name: 'SLOT2', usage: 'unknown' },
    ],
    connectors: [{ name: 'USB 1', connector: 'Access Bus (USB)', use: 'USB' }],
  });
  expect(smbios?.memoryDevices.map(({ sizeBytes }) => sizeBytes)).toEqual([8 * 1024 ** 3, 0, 2 * 1024 ** 3]);
  expect(smbiosOfDmidecode('Sorry, no SMBIOS')).toBeNull();
});

test('[IP15] ports and slots', () => {
  expect(dmiPorts(REPORT)).toEqual([
    {
      type: 'USB',
      internalName: 'J1',
      internalConnector: null,
      externalName: 'USB 1',
      externalConnector: 'Access Bus (USB)',
    },
  ]);
  expect(dmiSlots(REPORT)).toEqual([
    { name: 'SLOT1', id: '1', type: 'x16 PCI Express 3', inUse: false, busAddress: '0000:00:01.0' },
    { name: 'SLOT2', id: null, type: 'PCI', inUse: null, busAddress: null },
  ]);
});
