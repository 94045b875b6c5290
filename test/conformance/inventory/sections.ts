/** Whole sections of Windows and macOS from the recordings of the set `glpi-agent`, one case per recorded machine. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { macosSections } from '@muster/agent/inventory/macos/sections.ts';
import { decodeText } from '@muster/agent/inventory/parsers/text-encoding.ts';
import type { CollectedInventory } from '@muster/agent/inventory/native.ts';
import { windowsSections } from '@muster/agent/inventory/windows/sections.ts';
import { SECTION_SCHEMAS } from '@muster/shared/inventory/sections.ts';
import * as z from 'zod';
import type { AreaResult, Failure, Report } from './case.ts';
import { difference } from './compare.ts';

/** Machine → its recorded files, paths below the set's folder. */
type Machines = ReadonlyMap<string, readonly string[]>;

/** null: the set is not there. */
export function platformSections(testdata: string): Promise<Report | null> {
  const folder = join(testdata, 'glpi-agent');
  if (!existsSync(join(folder, 'resources/win32'))) return Promise.resolve(null);
  const expectations = expectationsIn(join(folder, 'expected'));
  return Promise.resolve({
    'sections windows': run(windowsMachines(folder), expectations, (files) => windowsOf(folder, files)),
    'sections macos': run(macosMachines(folder), expectations, (files) => macosOf(folder, files)),
  });
}

function run(
  machines: Machines,
  expectations: readonly Expectation[],
  sectionsOf: (files: readonly string[]) => CollectedInventory,
): AreaResult {
  const failures: Failure[] = [];
  for (const [name, files] of machines) {
    const why = check(() => sectionsOf(files), expectationsOf(expectations, files));
    if (why !== null) failures.push({ case: name, why });
  }
  return { pass: machines.size - failures.length, total: machines.size, failures };
}

function check(assemble: () => CollectedInventory, expectations: readonly Expectation[]): string | null {
  try {
    const sections = assemble();
    return misfit(sections) ?? wrongFigure(sections, expectations);
  } catch (error) {
    return `threw: ${String(error)}`;
  }
}

function misfit(sections: CollectedInventory): string | null {
  if (Object.keys(sections).length === 0) return 'no section';
  for (const [name, section] of Object.entries(sections)) {
    const schema: z.ZodType = SECTION_SCHEMAS[name as keyof CollectedInventory];
    const result = schema.safeParse(section.data);
    if (!result.success) return `${name}: ${z.prettifyError(result.error)}`;
  }
  return null;
}

const Cases = z.record(
  z.string(),
  z.record(z.string(), z.object({ files: z.array(z.string()), expected: z.unknown() })),
);

interface Expectation {
  /** `FILE/BLOCK` */
  readonly block: string;
  readonly files: readonly string[];
  readonly expected: unknown;
}

function expectationsIn(folder: string): Expectation[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) =>
      Object.entries(Cases.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')))).flatMap(
        ([block, cases]) =>
          Object.values(cases).map(({ files, expected }) => ({
            block: `${basename(file, '.json')}/${block}`,
            files,
            expected,
          })),
      ),
    );
}

/** Those whose files all belong to the machine. */
function expectationsOf(expectations: readonly Expectation[], files: readonly string[]): Expectation[] {
  const own = new Set(files);
  return expectations.filter((one) => one.block in FIGURES && one.files.every((file) => own.has(file)));
}

interface Figures {
  readonly of: (sections: CollectedInventory) => unknown;
  /** The same from the fields of the expectation. */
  readonly expected: (expected: unknown) => unknown;
}

type Fields = Readonly<Record<string, unknown>>;
const FieldsList = z.array(z.record(z.string(), z.unknown()));

const count = (expected: unknown): number => FieldsList.parse(expected).length;
const fieldsOf =
  (read: (fields: Fields) => unknown) =>
  (expected: unknown): unknown =>
    FieldsList.parse(expected).map(read);
const sumOf =
  (field: string) =>
  (expected: unknown): number =>
    FieldsList.parse(expected).reduce((sum, fields) => sum + Number(fields[field] ?? 0), 0);

const MEBIBYTE = 2 ** 20;
const memoryMebibytes = ({ hardware }: CollectedInventory): number =>
  (hardware?.data.memoryModules ?? []).reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0) / MEBIBYTE;
const cpuFigures: Figures = {
  of: ({ hardware }) =>
    hardware?.data.cpus.map(({ maxHz }) => (maxHz === null ? null : Math.round(maxHz / 1e6))),
  expected: fieldsOf((fields) => fields['SPEED']),
};
const moduleFigures: Figures = {
  of: (sections) => [sections.hardware?.data.memoryModules.length, memoryMebibytes(sections)],
  expected: (expected) => [count(expected), sumOf('CAPACITY')(expected)],
};
const gpuFigures: Figures = {
  of: ({ devices }) =>
    devices?.data.gpus?.map(({ memoryBytes }) =>
      memoryBytes == null ? null : Math.floor(memoryBytes / MEBIBYTE),
    ),
  expected: fieldsOf((fields) => fields['MEMORY'] ?? null),
};
const usbFigures: Figures = {
  of: ({ devices }) =>
    devices?.data.usbDevices?.map(({ vendorId, productId, serial }) => [vendorId, productId, serial]),
  expected: fieldsOf((fields) => [
    hexText(fields['VENDORID']),
    hexText(fields['PRODUCTID']),
    fields['SERIAL'] ?? null,
  ]),
};

function hexText(value: unknown): string {
  return String(value).toLowerCase().replace(/^0x/, '').padStart(4, '0');
}

const NO_DISK = /\b(?:CD|DVD|optical|card reader)\b/i;

/** Drives for discs and readers without a card are left out of our sections. */
const diskFields =
  (read: (fields: Fields) => unknown) =>
  (expected: unknown): unknown =>
    FieldsList.parse(expected)
      .filter(({ MODEL, TYPE }) => !NO_DISK.test(`${String(MODEL)} ${String(TYPE)}`))
      .map(read);

const diskFigures = (unitBytes: number): Figures => ({
  of: ({ storage }) =>
    storage?.data.disks.map(({ serial, sizeBytes }) => [
      serial,
      sizeBytes === null ? null : Math.floor(sizeBytes / unitBytes),
    ]),
  expected: diskFields(({ DISKSIZE, SERIAL }) => [SERIAL ?? null, DISKSIZE ?? null]),
});

/** Sizes were rounded by the tool, and rounded again there. */
const diskNames: Figures = {
  of: ({ storage }) => storage?.data.disks.map(({ model, serial }) => [model, serial]),
  expected: diskFields(({ MODEL, SERIAL }) => [MODEL ?? null, SERIAL ?? null]),
};

/** `FILE/BLOCK` → the figures that both sides have. */
const FIGURES: Readonly<Record<string, Figures>> = {
  'agent__tools__win32/tests': {
    of: ({ network }) =>
      network?.data.interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => address)),
    expected: (expected) =>
      FieldsList.parse(expected).flatMap((fields) => fields['IPADDRESS'] ?? fields['IPADDRESS6'] ?? []),
  },
  'tasks__inventory__macos__networks/tests': {
    of: ({ network }) => new Set(network?.data.interfaces.map(({ name }) => name)).size,
    expected: count,
  },
  'tasks__inventory__windows__cpu/tests': cpuFigures,
  'tasks__inventory__macos__cpu/tests': cpuFigures,
  'tasks__inventory__windows__memory/tests': moduleFigures,
  'tasks__inventory__macos__memory/memories_tests': moduleFigures,
  'tasks__inventory__macos__memory/memory_tests': {
    of: ({ hardware }) => (hardware?.data.memoryBytes ?? 0) / MEBIBYTE,
    expected: Number,
  },
  'tasks__inventory__windows__storages/tests': diskFigures(1e6),
  'tasks__inventory__macos__storages/testsSerialATA': diskFigures(MEBIBYTE),
  'tasks__inventory__macos__storages/testsUSBStorage': diskNames,
  'tasks__inventory__macos__storages/testsCardReader': diskNames,
  'tasks__inventory__windows__drives/tests': {
    of: ({ storage }) => storage?.data.fileSystems.map(({ mount }) => mount),
    expected: (expected) =>
      FieldsList.parse(expected)
        .filter(
          ({ TOTAL, TYPE, LETTER }) => TOTAL != null && TYPE !== 'Compact Disc' && /:/.test(String(LETTER)),
        )
        .map(({ LETTER }) => LETTER),
  },
  'tasks__inventory__windows__softwares/softwares_tests': {
    of: ({ software }) => software?.data.packages.map(({ name, version }) => [name, version]),
    expected: fieldsOf((fields) => [fields['NAME'], fields['VERSION']]),
  },
  'tasks__inventory__windows__printers/tests': {
    of: ({ devices }) => devices?.data.printers?.map(({ serial }) => serial),
    expected: (expected) => Object.values(z.record(z.string(), z.unknown()).parse(expected)),
  },
  'tasks__inventory__windows__usb/tests': usbFigures,
  'tasks__inventory__macos__usb/tests': usbFigures,
  'tasks__inventory__windows__video/tests': gpuFigures,
  'tasks__inventory__macos__videos/tests': gpuFigures,
};

/** In any order: another tool lists in another one. */
function wrongFigure(sections: CollectedInventory, expectations: readonly Expectation[]): string | null {
  for (const { block, expected } of expectations) {
    const figures = FIGURES[block];
    if (figures === undefined) continue;
    const found = difference(sorted(figures.expected(expected)), sorted(figures.of(sections)), block);
    if (found !== null) return found;
  }
  return null;
}

function sorted(value: unknown): unknown {
  const text = (item: unknown): string => JSON.stringify(item) ?? '';
  return Array.isArray(value) ? value.toSorted((a, b) => (text(a) < text(b) ? -1 : 1)) : value;
}

/** 'win7-sp1-x64-Win32_DiskDrive.wmi' belongs to 'win7-sp1-x64'. */
function windowsMachines(folder: string): Machines {
  const machines = new Map<string, string[]>();
  for (const [place, pattern] of [
    ['resources/win32/wmi', /^(.+)-(?:Win32|MSFT|CIM)_\w+\.wmi$/],
    ['resources/win32/registry', /^(.+)-(?:\w+|\{[0-9a-f-]+\})\.reg$/],
  ] as const) {
    for (const file of namesIn(join(folder, place))) {
      const machine = pattern.exec(file)?.[1];
      if (machine !== undefined)
        machines.set(machine, [...(machines.get(machine) ?? []), `${place}/${file}`]);
    }
  }
  return machines;
}

function windowsOf(folder: string, files: readonly string[]): CollectedInventory {
  const texts = files.map((path) => [path, textOf(folder, path)] as const);
  return windowsSections({
    cim: Object.fromEntries(
      texts.flatMap(([path, text]) => {
        const className = /-((?:Win32|MSFT|CIM)_\w+)\.wmi$/.exec(path)?.[1];
        return className === undefined ? [] : [[className, text]];
      }),
    ),
    registry: texts.flatMap(([path, text]) => (path.endsWith('.reg') ? [text] : [])).join('\n'),
  });
}

/** A machine's files bear its name; what stands alone is a machine of its own. Burners alone make no section. */
function macosMachines(folder: string): Machines {
  const machines = new Map<string, string[]>();
  for (const place of ['sysctl', 'ifconfig', 'system_profiler', 'ioreg']) {
    for (const file of namesIn(join(folder, 'resources/macos', place))) {
      if (file.startsWith('SPDiscBurning')) continue;
      const machine = file.replace(/-networksetup$/, '');
      machines.set(machine, [...(machines.get(machine) ?? []), `resources/macos/${place}/${file}`]);
    }
  }
  return machines;
}

function macosOf(folder: string, files: readonly string[]): CollectedInventory {
  const text = (pattern: RegExp): string | undefined => {
    const path = files.find((file) => pattern.test(file));
    return path === undefined ? undefined : textOf(folder, path);
  };
  const given = {
    systemProfiler: text(/\/system_profiler\/(?!SP)[^/]+$/),
    sysctl: text(/\/sysctl\//),
    ifconfig: text(/\/ifconfig\/(?!.*-networksetup$)/),
    hardwarePorts: text(/-networksetup$/),
    ioregPlatform: text(/\/ioreg\/IOPlatform/),
    ioregUsb: text(/\/ioreg\/IOUSB/),
  };
  return macosSections({
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    plists: Object.fromEntries(
      files.flatMap((path) => {
        const type = /\/(SP[A-Za-z]+DataType)\w*\.xml$/.exec(path)?.[1];
        return type === undefined ? [] : [[type, textOf(folder, path)]];
      }),
    ),
  });
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

function textOf(folder: string, path: string): string {
  return decodeText(readFileSync(join(folder, path)));
}
