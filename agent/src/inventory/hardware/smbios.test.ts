import fc from 'fast-check';
import { expect, test } from 'vitest';
import { entryPoint2, entryPoint3, RACK_SERVER, smbiosTable } from './smbios-fixture.ts';
import type { SmbiosStructure } from './smbios-fixture.ts';
import { chassisTypeName, entryPointVersion, parseSmbios, STRUCTURES_MAX } from './smbios.ts';

const UUID_BYTES = [
  0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff,
];
const system = (raw: readonly number[]): SmbiosStructure => ({
  type: 1,
  length: 0x1b,
  fields: [{ at: 8, raw }],
});

test('[IN10] a table of SMBIOS 3.2 is read', () => {
  const table = smbiosTable(RACK_SERVER);
  const smbios = parseSmbios(entryPoint3(3, 2, table.length), table);
  expect(smbios).toMatchObject({
    version: { major: 3, minor: 2 },
    bios: { vendor: 'Dell Inc.', version: '2.19.1', date: '06/04/2024', virtualMachine: false },
    system: {
      manufacturer: 'Dell Inc.',
      model: 'PowerEdge R740',
      version: null,
      serial: '7XK2QZ2',
      uuid: '4c4c4544-0058-4b10-8032-b7c04f515a32',
    },
    board: { model: '06WXJT', version: 'A05' },
    chassis: { type: 'Rack Mount Chassis', assetTag: 'RZ-0815' },
    memorySlots: 4,
    whole: true,
  });
  expect(
    smbios.processors.map(({ socket, cores, threads, inUse }) => [socket, cores, threads, inUse]),
  ).toEqual([
    ['CPU1', 16, 32, true],
    ['CPU2', 16, 32, true],
  ]);
});

test('[IN12] sizes come from the small field, the extended field, or are empty', () => {
  const table = smbiosTable(RACK_SERVER);
  const devices = parseSmbios(entryPoint3(3, 2, table.length), table).memoryDevices;
  expect(devices.map(({ locator, sizeBytes, type }) => [locator, sizeBytes, type])).toEqual([
    ['A1', 16 * 1024 ** 3, 'DDR4'],
    ['A2', 0, null],
    ['B1', 64 * 1024 ** 3, 'DDR4'],
    ['B2', 0, null],
  ]);
});

test.each([
  ['unknown', { at: 0x0c, value: 0xffff, bytes: 2 }, null],
  ['in KiB', { at: 0x0c, value: 0x8000 + 512, bytes: 2 }, 512 * 1024],
  ['extended but cut off', { at: 0x0c, value: 0x7fff, bytes: 2 }, null],
] as const)('[IN12] a size that is %s', (_, size, expected) => {
  const table = smbiosTable([{ type: 17, length: 0x15, fields: [size] }]);
  expect(parseSmbios(null, table).memoryDevices[0]?.sizeBytes).toBe(expected);
});

test('[IN12] modules of other arrays than system memory are left out', () => {
  const flash: SmbiosStructure = {
    type: 16,
    length: 0x17,
    handle: 0x2000,
    fields: [{ at: 5, value: 5, bytes: 1 }],
  };
  const chip: SmbiosStructure = {
    type: 17,
    length: 0x54,
    fields: [
      { at: 4, value: 0x2000, bytes: 2 },
      { at: 0x0c, value: 16, bytes: 2 },
    ],
  };
  const table = smbiosTable([...RACK_SERVER, flash, chip]);
  expect(parseSmbios(null, table)).toMatchObject({ memorySlots: 4, memoryDevices: { length: 4 } });
});

test('[IN11] the UUID is little-endian from 2.6 on', () => {
  const table = smbiosTable([system(UUID_BYTES)]);
  expect(parseSmbios(entryPoint2(2, 6), table).system?.uuid).toBe('00112233-4455-6677-8899-aabbccddeeff');
  expect(parseSmbios(entryPoint2(2, 5), table).system?.uuid).toBe('33221100-5544-7766-8899-aabbccddeeff');
  expect(parseSmbios(null, table).system?.uuid).toBe('00112233-4455-6677-8899-aabbccddeeff');
});

test('[IN11] all zeros and all ones are no UUID', () => {
  for (const byte of [0x00, 0xff]) {
    expect(
      parseSmbios(null, smbiosTable([system(new Array<number>(16).fill(byte))])).system?.uuid,
    ).toBeNull();
  }
});

test('[IN10] core counts beyond 255 come from the fields of 3.0', () => {
  const cpu: SmbiosStructure = {
    type: 4,
    length: 0x30,
    fields: [
      { at: 5, value: 3, bytes: 1 },
      { at: 0x23, value: 0xff, bytes: 1 },
      { at: 0x2a, value: 288, bytes: 2 },
      { at: 0x25, value: 0, bytes: 1 },
    ],
  };
  expect(parseSmbios(null, smbiosTable([cpu])).processors[0]).toMatchObject({
    cores: 288,
    threads: null,
    inUse: false,
  });
});

test('[IN10] the firmware of a virtual machine says so', () => {
  const bios: SmbiosStructure = { type: 0, length: 0x1a, fields: [{ at: 0x13, value: 0x10, bytes: 1 }] };
  expect(parseSmbios(null, smbiosTable([bios])).bios?.virtualMachine).toBe(true);
});

test('[IN10] fields that an old table does not have are null', () => {
  const table = smbiosTable([
    {
      type: 1,
      length: 8,
      fields: [
        { at: 4, text: 'Maker' },
        { at: 7, text: 'SERIAL' },
      ],
    },
  ]);
  expect(parseSmbios(null, table).system).toEqual({
    manufacturer: 'Maker',
    model: null,
    version: null,
    serial: 'SERIAL',
    uuid: null,
    sku: null,
  });
});

test('[IN10] strings lose control characters and blanks at their ends; a number without a string is null', () => {
  const table = smbiosTable([
    {
      type: 2,
      length: 0x0f,
      fields: [
        { at: 4, text: '  Ma\u0007ker ' },
        { at: 5, value: 9, bytes: 1 },
      ],
    },
  ]);
  expect(parseSmbios(null, table).board).toMatchObject({ manufacturer: 'Ma ker', model: null });
});

test('[IN10] a truncated table gives the structures before the break', () => {
  const table = smbiosTable(RACK_SERVER);
  for (let length = 0; length < table.length; length++) {
    const smbios = parseSmbios(null, table.subarray(0, length));
    if (length > 300) expect(smbios.system?.serial).toBe('7XK2QZ2');
    if (length < 0x1a) expect(smbios.bios).toBeNull();
  }
  expect(parseSmbios(null, table.subarray(0, table.length - 8)).whole).toBe(false);
});

test('[IN10] no table makes the parser throw or hang', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 2_048 }),
      fc.option(fc.uint8Array({ maxLength: 40 })),
      (table, entryPoint) => {
        parseSmbios(entryPoint, table);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('[IN10] a good table with any bytes overwritten never makes the parser throw', () => {
  const good = smbiosTable(RACK_SERVER);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 8 }), (changes) => {
      const table = Uint8Array.from(good);
      for (const [at, value] of changes) table[at] = value;
      parseSmbios(null, table);
    }),
    { numRuns: 2_000 },
  );
});

test('[IN10] a table with more structures than any machine has is called broken', () => {
  const table = smbiosTable(
    Array.from({ length: STRUCTURES_MAX + 1 }, () => ({ type: 200, length: 4, fields: [] })),
  );
  expect(parseSmbios(null, table).whole).toBe(false);
});

test('the three anchors name their version', () => {
  expect(entryPointVersion(entryPoint3(3, 7, 0))).toEqual({ major: 3, minor: 7 });
  expect(entryPointVersion(entryPoint2(2, 8))).toEqual({ major: 2, minor: 8 });
  const legacy = new Uint8Array(15);
  legacy.set(Buffer.from('_DMI_'));
  legacy[14] = 0x24;
  expect(entryPointVersion(legacy)).toEqual({ major: 2, minor: 4 });
  expect(entryPointVersion(new Uint8Array(3))).toBeNull();
});

test('chassis types have the names of the standard', () => {
  expect([3, 10, 17, 23, 28, 36].map(chassisTypeName)).toEqual([
    'Desktop',
    'Notebook',
    'Main Server Chassis',
    'Rack Mount Chassis',
    'Blade',
    'Stick PC',
  ]);
  expect([0, 37, 99].map(chassisTypeName)).toEqual([null, null, null]);
});
