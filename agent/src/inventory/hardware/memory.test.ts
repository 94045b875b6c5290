import { expect, test } from 'vitest';
import { installedBytes, memoryModules } from './memory.ts';
import { parseSmbios } from './smbios.ts';
import { RACK_SERVER, smbiosTable } from './smbios-fixture.ts';

const SMBIOS = parseSmbios(null, smbiosTable(RACK_SERVER));
const GIB = 1024 ** 3;

test('[IN12] only filled slots are modules', () => {
  expect(memoryModules(SMBIOS).map(({ slot, sizeBytes, serial }) => [slot, sizeBytes, serial])).toEqual([
    ['A1', 16 * GIB, '36F2A7C1'],
    ['B1', 64 * GIB, '36F2A7C2'],
  ]);
  expect(memoryModules(null)).toEqual([]);
});

test("[IN12] makers' filler is no serial number, and equal locators are told apart by their bank", () => {
  const device = {
    ...SMBIOS.memoryDevices[0],
    locator: 'DIMM 0',
    bank: 'P0 CHANNEL A',
    manufacturer: 'Unknown',
    serial: '00000000',
    partNumber: 'Array1_PartNumber0',
    sizeBytes: GIB,
    type: null,
    transfersPerSecond: null,
  };
  expect(memoryModules({ ...SMBIOS, memoryDevices: [device] })).toEqual([
    {
      slot: 'P0 CHANNEL A / DIMM 0',
      sizeBytes: GIB,
      type: null,
      manufacturer: null,
      partNumber: null,
      serial: null,
      transfersPerSecond: null,
    },
  ]);
});

test('[IN13] modules win over blocks, and blocks over MemTotal', () => {
  const meminfo = 'MemTotal:       16310412 kB\nMemFree: 1 kB\n';
  expect(installedBytes(SMBIOS, 8 * GIB, meminfo)).toBe(80 * GIB);
  expect(installedBytes({ ...SMBIOS, memoryDevices: [] }, 8 * GIB, meminfo)).toBe(8 * GIB);
  expect(installedBytes(null, null, meminfo)).toBe(16_310_412 * 1024);
  expect(installedBytes(null, null, null)).toBeNull();
});
