/** Our SMBIOS parser against dmidecode, where it is installed, over tables made at random. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseSmbios, type Smbios } from '@muster/agent/inventory/hardware/smbios.ts';
import {
  entryPoint3,
  type SmbiosStructure,
  smbiosTable,
} from '@muster/agent/inventory/hardware/smbios-fixture.ts';
import { smbiosOfDmidecode } from '@muster/agent/inventory/parsers/dmidecode-smbios.ts';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const DMIDECODE = findDmidecode();
/** Where the table stands in a dump; the entry point stands at 0. */
const TABLE_OFFSET = 32;

const word = fc
  .string({ unit: fc.constantFrom(...'ABCDEFabcdef0123456789-. /()'.split('')), maxLength: 40 })
  .map((text) => text.trim());
const uuidBytes = fc.uint8Array({ minLength: 16, maxLength: 16 });

interface Made {
  readonly words: readonly string[];
  readonly uuid: Uint8Array;
  readonly chassis: number;
  readonly minor: number;
  readonly modules: readonly {
    readonly size: number;
    readonly extended: number;
    readonly type: number;
    readonly speed: number;
  }[];
  readonly cpus: readonly { readonly cores: number; readonly cores2: number; readonly status: number }[];
}

const made: fc.Arbitrary<Made> = fc.record({
  words: fc.array(word, { minLength: 12, maxLength: 12 }),
  uuid: uuidBytes,
  chassis: fc.integer({ min: 1, max: 36 }),
  minor: fc.constantFrom(0, 2, 4),
  modules: fc.array(
    fc.record({
      size: fc.oneof(fc.integer({ min: 0, max: 0x7ffe }), fc.constantFrom(0, 0x7fff, 0xffff, 0x8200)),
      extended: fc.integer({ min: 1, max: 4_096 }).map((gib) => gib * 1_024),
      type: fc.constantFrom(0x07, 0x0f, 0x12, 0x13, 0x18, 0x1a, 0x1e, 0x22),
      speed: fc.integer({ min: 1, max: 9_000 }),
    }),
    { maxLength: 4 },
  ),
  cpus: fc.array(
    fc.record({
      cores: fc.integer({ min: 1, max: 255 }),
      cores2: fc.integer({ min: 256, max: 512 }),
      status: fc.constantFrom(0x41, 0x42, 0x44, 0x00),
    }),
    { maxLength: 3 },
  ),
});

describe.skipIf(DMIDECODE === null)('against dmidecode', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'muster-dmidecode-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** A table made at random, and what dmidecode reports of it. */
  function reported(machine: Made): { entryPoint: Uint8Array; table: Uint8Array; report: string } {
    const table = smbiosTable(structuresOf(machine));
    const entryPoint = entryPoint3(3, machine.minor, table.length);
    const dump = new Uint8Array(TABLE_OFFSET + table.length);
    dump.set(entryPoint);
    dump.set(table, TABLE_OFFSET);
    writeFileSync(join(folder, 'dump.bin'), dump);
    const command = ['--from-dump', join(folder, 'dump.bin')];
    return { entryPoint, table, report: execFileSync(DMIDECODE ?? '', command, { encoding: 'utf8' }) };
  }

  test('[IN10] [IN11] [IN12] every value that both read is the same', () => {
    fc.assert(
      fc.property(made, (machine) => {
        const { entryPoint, table, report } = reported(machine);
        expect(summary(parseSmbios(entryPoint, table))).toEqual(readReport(report));
      }),
      { numRuns: 100 },
    );
  });

  test('[IP28] its report is read as the table that it was made of', () => {
    fc.assert(
      fc.property(made, (machine) => {
        const { entryPoint, table, report } = reported(machine);
        const ofReport = smbiosOfDmidecode(report);
        expect(ofReport && textual(ofReport)).toEqual(textual(parseSmbios(entryPoint, table)));
      }),
      { numRuns: 100 },
    );
  });
});

/** Single blanks, as reports are read; a chassis of unknown type and an unfilled socket say nothing. */
function textual(smbios: Smbios): unknown {
  const all = summary({ ...smbios, processors: smbios.processors.filter(({ inUse }) => inUse) });
  return JSON.parse(JSON.stringify(all).replace(/ +/g, ' ').replace('"Unknown"', 'null'));
}

function structuresOf({ words, uuid, chassis, modules, cpus }: Made): SmbiosStructure[] {
  const text = (at: number, index: number) => (words[index] ? [{ at, text: words[index] }] : []);
  return [
    { type: 0, length: 0x1a, fields: [...text(4, 0), ...text(5, 1), ...text(8, 2)] },
    {
      type: 1,
      length: 0x1b,
      fields: [...text(4, 3), ...text(5, 4), ...text(7, 5), { at: 8, raw: [...uuid] }, ...text(0x19, 6)],
    },
    { type: 2, length: 0x0f, fields: [...text(4, 7), ...text(5, 8), ...text(7, 9)] },
    { type: 3, length: 0x16, fields: [...text(4, 10), { at: 5, value: chassis, bytes: 1 }, ...text(8, 11)] },
    ...cpus.map(
      ({ cores, cores2, status }): SmbiosStructure => ({
        type: 4,
        length: 0x30,
        fields: [
          { at: 4, text: 'CPU' },
          { at: 5, value: 3, bytes: 1 },
          { at: 0x18, value: status, bytes: 1 },
          { at: 0x23, value: cores, bytes: 1 },
          { at: 0x2a, value: cores2, bytes: 2 },
        ],
      }),
    ),
    {
      type: 16,
      length: 0x17,
      handle: 0x1000,
      fields: [
        { at: 5, value: 3, bytes: 1 },
        { at: 0x0d, value: modules.length, bytes: 2 },
      ],
    },
    ...modules.map(
      ({ size, extended, type, speed }): SmbiosStructure => ({
        type: 17,
        length: 0x28,
        fields: [
          { at: 4, value: 0x1000, bytes: 2 },
          { at: 0x0c, value: size, bytes: 2 },
          { at: 0x10, text: 'DIMM' },
          { at: 0x12, value: type, bytes: 1 },
          { at: 0x15, value: speed, bytes: 2 },
          { at: 0x18, text: 'SERIAL' },
          { at: 0x1c, value: extended, bytes: 4 },
        ],
      }),
    ),
  ];
}

/** The values compared, in one order. */
function summary(smbios: Smbios) {
  const { bios, system, board, chassis } = smbios;
  return {
    bios: [bios?.vendor, bios?.version, bios?.date],
    system: [system?.manufacturer, system?.model, system?.serial, system?.uuid, system?.sku],
    board: [board?.manufacturer, board?.model, board?.serial],
    chassis: [chassis?.manufacturer, chassis?.type, chassis?.assetTag],
    cpus: smbios.processors.map(({ cores, inUse }) => ({ cores, inUse })),
    slots: smbios.memorySlots,
    // An empty slot has no more to tell.
    modules: smbios.memoryDevices.map(({ sizeBytes, type, transfersPerSecond }) =>
      sizeBytes === 0
        ? { sizeBytes, type: null, transfersPerSecond: null }
        : { sizeBytes, type, transfersPerSecond },
    ),
  };
}

/** dmidecode's report in the form of `summary`. */
function readReport(text: string): ReturnType<typeof summary> {
  const blocks = text
    .split(/^Handle 0x/m)
    .slice(1)
    .map(readBlock);
  const of = (type: number) => blocks.filter((block) => block.type === type);
  const one = (type: number, ...keys: string[]) => keys.map((key) => told(of(type)[0]?.values.get(key)));
  const uuid = of(1)[0]?.values.get('UUID') ?? '';
  return {
    bios: one(0, 'Vendor', 'Version', 'Release Date'),
    system: [
      ...one(1, 'Manufacturer', 'Product Name', 'Serial Number'),
      uuid.startsWith('Not') ? null : uuid.toLowerCase(),
      ...one(1, 'SKU Number'),
    ],
    board: one(2, 'Manufacturer', 'Product Name', 'Serial Number'),
    chassis: [
      ...one(3, 'Manufacturer'),
      CHASSIS_NAMES[of(3)[0]?.values.get('Type') ?? ''] ?? told(of(3)[0]?.values.get('Type')),
      ...one(3, 'Asset Tag'),
    ],
    cpus: of(4).map(({ values }) => ({
      cores: Number(values.get('Core Count')),
      inUse: /^Populated, (?!Disabled)/.test(values.get('Status') ?? ''),
    })),
    slots: Number(of(16)[0]?.values.get('Number Of Devices')),
    modules: of(17).map(({ values }) => {
      const sizeBytes = sizeOf(values.get('Size') ?? '');
      const speed = /^(\d+) MT\/s$/.exec(values.get('Speed') ?? '')?.[1];
      return sizeBytes === 0
        ? { sizeBytes, type: null, transfersPerSecond: null }
        : {
            sizeBytes,
            type: told(values.get('Type')),
            transfersPerSecond: speed === undefined ? null : Number(speed) * 1_000_000,
          };
    }),
  };
}

/** It writes some names otherwise than the standard does. */
const CHASSIS_NAMES: Readonly<Record<string, string>> = {
  'All In One': 'All in One',
  'Multi-system': 'Multi-system Chassis',
  CompactPCI: 'Compact PCI',
  AdvancedTCA: 'Advanced TCA',
  'Blade Enclosing': 'Blade Enclosure',
  'Sub Chassis': 'SubChassis',
  'Sealed-case PC': 'Sealed-case PC',
};

function readBlock(text: string): { type: number; values: Map<string, string> } {
  const values = new Map(
    [...text.matchAll(/^\t([^\t:]+): (.*)$/gm)].map((line) => [line[1] ?? '', (line[2] ?? '').trim()]),
  );
  return { type: Number(/DMI type (\d+)/.exec(text)?.[1]), values };
}

function told(value: string | undefined): string | null {
  return value === undefined || value === 'Not Specified' || value === '' ? null : value;
}

function sizeOf(text: string): number | null {
  if (text === 'No Module Installed') return 0;
  const [, number, unit = ''] = /^(\d+) (\w+)$/.exec(text) ?? [];
  return number === undefined
    ? null
    : Number(number) * 1_024 ** ['bytes', 'kB', 'MB', 'GB', 'TB'].indexOf(unit);
}

function findDmidecode(): string | null {
  for (const path of ['/usr/sbin/dmidecode', '/sbin/dmidecode', '/usr/bin/dmidecode']) {
    try {
      execFileSync(path, ['--version'], { stdio: 'ignore' });
      return path;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
    }
  }
  return null;
}
