/**
 * Parser of a raw SMBIOS structure table (DMTF DSP0134, 2.x and 3.x): types 0 to 4, 8, 9, 16, 17 and 39.
 * Every read is checked against the table's end; a broken table gives what stood before the break.
 */
import { cleanText } from '../text.ts';

/** More structures than any machine has; a table beyond it is broken. */
export const STRUCTURES_MAX = 4_096;

export interface SmbiosProcessor {
  readonly socket: string | null;
  readonly manufacturer: string | null;
  readonly version: string | null;
  /** The socket is filled, and its processor is not switched off. */
  readonly inUse: boolean;
  readonly maxHz: number | null;
  readonly cores: number | null;
  readonly threads: number | null;
}

export interface SmbiosMemoryDevice {
  readonly locator: string | null;
  readonly bank: string | null;
  /** 0: empty slot; null: size unknown. */
  readonly sizeBytes: number | null;
  readonly type: string | null;
  readonly manufacturer: string | null;
  readonly serial: string | null;
  readonly partNumber: string | null;
  readonly transfersPerSecond: number | null;
}

/** Type 39; what is not there (an empty bay) is left out. */
export interface SmbiosPowerSupply {
  readonly name: string;
  readonly manufacturer: string | null;
  readonly model: string | null;
  readonly partNumber: string | null;
  readonly serial: string | null;
  readonly maxWatts: number | null;
  readonly hotReplaceable: boolean | null;
}

/** Type 9. */
export interface SmbiosSlot {
  readonly name: string;
  readonly type: string | null;
  readonly usage: 'used' | 'free' | 'unknown';
  /** PCI address, e.g. '0000:03:00.0'. */
  readonly slot: string | null;
}

/** Type 8. */
export interface SmbiosConnector {
  readonly name: string;
  readonly connector: string | null;
  readonly use: string | null;
}

export interface Smbios {
  readonly version: SmbiosVersion;
  readonly bios: {
    vendor: string | null;
    version: string | null;
    date: string | null;
    virtualMachine: boolean;
  } | null;
  readonly system: {
    manufacturer: string | null;
    model: string | null;
    version: string | null;
    serial: string | null;
    uuid: string | null;
    sku: string | null;
  } | null;
  readonly board: {
    manufacturer: string | null;
    model: string | null;
    version: string | null;
    serial: string | null;
  } | null;
  readonly chassis: {
    type: string | null;
    manufacturer: string | null;
    serial: string | null;
    assetTag: string | null;
  } | null;
  readonly processors: readonly SmbiosProcessor[];
  /** Slots of system memory; null when no array tells. */
  readonly memorySlots: number | null;
  readonly memoryDevices: readonly SmbiosMemoryDevice[];
  readonly powerSupplies: readonly SmbiosPowerSupply[];
  readonly slots: readonly SmbiosSlot[];
  readonly connectors: readonly SmbiosConnector[];
  /** false: the table ended in the middle of a structure. */
  readonly whole: boolean;
}

export interface SmbiosVersion {
  readonly major: number;
  readonly minor: number;
}

/**
 * @param entryPoint `_SM3_`, `_SM_` or `_DMI_` entry point; only its version is used. null: read as 2.6 or later.
 * @param table the structures
 */
export function parseSmbios(entryPoint: Uint8Array | null, table: Uint8Array): Smbios {
  const version = entryPoint === null ? null : entryPointVersion(entryPoint);
  const { structures, whole } = splitStructures(table);
  const first = (type: number) => structures.find((structure) => structure.type === type);
  const bios = first(0);
  const system = first(1);
  const board = first(2);
  const chassis = first(3);
  return {
    version: version ?? { major: 0, minor: 0 },
    bios: bios ? readBios(bios) : null,
    system: system ? readSystem(system, version) : null,
    board: board
      ? { manufacturer: board.text(4), model: board.text(5), version: board.text(6), serial: board.text(7) }
      : null,
    chassis: chassis ? readChassis(chassis) : null,
    processors: structures
      .filter((structure) => structure.type === 4 && isCentral(structure))
      .map(readProcessor),
    memorySlots: countMemorySlots(structures),
    memoryDevices: memoryDevices(structures),
    powerSupplies: structures.flatMap((one) => (one.type === 39 ? readPowerSupply(one) : [])),
    slots: structures.filter(({ type }) => type === 9).map(readSlot),
    connectors: structures.filter(({ type }) => type === 8).map(readConnector),
    whole,
  };
}

/** 5.2: the version of an entry point; null when it has none of the known anchors. */
export function entryPointVersion(bytes: Uint8Array): SmbiosVersion | null {
  const anchor = new TextDecoder('latin1').decode(bytes.subarray(0, 5));
  const at = (offset: number) => bytes[offset] ?? 0;
  if (anchor === '_SM3_') return { major: at(7), minor: at(8) };
  if (anchor.startsWith('_SM_')) return { major: at(6), minor: at(7) };
  if (anchor === '_DMI_') return { major: at(14) >> 4, minor: at(14) & 0x0f };
  return null;
}

/** One structure; a read past its formatted part gives null, as for a field of a later version. */
class Structure {
  readonly type: number;
  readonly handle: number;
  readonly #formatted: DataView;
  readonly #strings: readonly string[];

  constructor(formatted: Uint8Array, strings: readonly string[]) {
    this.#formatted = new DataView(formatted.buffer, formatted.byteOffset, formatted.byteLength);
    this.#strings = strings;
    this.type = this.#formatted.getUint8(0);
    this.handle = this.#formatted.getUint16(2, true);
  }

  byte(offset: number): number | null {
    return this.#has(offset, 1) ? this.#formatted.getUint8(offset) : null;
  }

  word(offset: number): number | null {
    return this.#has(offset, 2) ? this.#formatted.getUint16(offset, true) : null;
  }

  dword(offset: number): number | null {
    return this.#has(offset, 4) ? this.#formatted.getUint32(offset, true) : null;
  }

  bytes(offset: number, length: number): Uint8Array | null {
    if (!this.#has(offset, length)) return null;
    return new Uint8Array(this.#formatted.buffer, this.#formatted.byteOffset + offset, length);
  }

  /** 6.1.3: the string whose number stands at `offset`; number 0 means there is none. */
  text(offset: number): string | null {
    const number = this.byte(offset);
    return number === null || number === 0 ? null : cleanText(this.#strings[number - 1]);
  }

  #has(offset: number, length: number): boolean {
    return offset + length <= this.#formatted.byteLength;
  }
}

const HEADER_BYTES = 4;
const TYPE_END_OF_TABLE = 127;

function splitStructures(table: Uint8Array): { structures: Structure[]; whole: boolean } {
  const structures: Structure[] = [];
  let offset = 0;
  while (offset < table.length) {
    const length = table[offset + 1];
    if (
      length === undefined ||
      length < HEADER_BYTES ||
      offset + length > table.length ||
      structures.length === STRUCTURES_MAX
    ) {
      return { structures, whole: false };
    }
    const strings = readStrings(table, offset + length);
    structures.push(new Structure(table.subarray(offset, offset + length), strings.values));
    if (table[offset] === TYPE_END_OF_TABLE) return { structures, whole: true };
    if (strings.end === null) return { structures, whole: false };
    offset = strings.end;
  }
  return { structures, whole: true };
}

/** 6.1.3: null-terminated strings up to an additional null. `end` is null when the table ends before. */
function readStrings(table: Uint8Array, start: number): { values: string[]; end: number | null } {
  const values: string[] = [];
  let offset = start;
  for (;;) {
    const terminator = table.indexOf(0, offset);
    if (terminator === -1) return { values, end: null };
    if (terminator === offset) {
      // A structure without strings ends in two nulls, one with strings in one null after the last string's own.
      const end = values.length === 0 ? offset + 2 : offset + 1;
      return { values, end: end <= table.length ? end : null };
    }
    values.push(new TextDecoder().decode(table.subarray(offset, terminator)));
    offset = terminator + 1;
  }
}

/** Type 0. Bit 4 of the second extension byte: the table describes a virtual machine. */
function readBios(structure: Structure): NonNullable<Smbios['bios']> {
  return {
    vendor: structure.text(4),
    version: structure.text(5),
    date: structure.text(8),
    virtualMachine: ((structure.byte(0x13) ?? 0) & 0x10) !== 0,
  };
}

function readSystem(structure: Structure, version: SmbiosVersion | null): NonNullable<Smbios['system']> {
  const uuid = structure.bytes(8, 16);
  return {
    manufacturer: structure.text(4),
    model: structure.text(5),
    version: structure.text(6),
    serial: structure.text(7),
    uuid: uuid ? uuidText(uuid, version === null || isAtLeast(version, 2, 6)) : null,
    sku: structure.text(0x19),
  };
}

/** 7.2.1: from 2.6 on the first three fields are little-endian; all 00 and all FF mean that there is none. */
function uuidText(bytes: Uint8Array, littleEndian: boolean): string | null {
  if (bytes.every((byte) => byte === 0x00) || bytes.every((byte) => byte === 0xff)) return null;
  const order = littleEndian ? [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15] : [...bytes.keys()];
  const hex = order.map((index) => (bytes[index] ?? 0).toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function isAtLeast(version: SmbiosVersion, major: number, minor: number): boolean {
  return version.major > major || (version.major === major && version.minor >= minor);
}

function readChassis(structure: Structure): NonNullable<Smbios['chassis']> {
  return {
    // Bit 7 says whether there is a lock.
    type: chassisTypeName((structure.byte(5) ?? 0) & 0x7f),
    manufacturer: structure.text(4),
    serial: structure.text(7),
    assetTag: structure.text(8),
  };
}

const PROCESSOR_TYPE_CENTRAL = 3;

function isCentral(structure: Structure): boolean {
  return structure.byte(5) === PROCESSOR_TYPE_CENTRAL;
}

function readProcessor(structure: Structure): SmbiosProcessor {
  const maxMHz = structure.word(0x14);
  return {
    socket: structure.text(4),
    manufacturer: structure.text(7),
    version: structure.text(0x10),
    inUse: isInUse(structure.byte(0x18) ?? 0),
    maxHz: maxMHz ? maxMHz * 1_000_000 : null,
    cores: count(structure.byte(0x23), structure.word(0x2a)),
    threads: count(structure.byte(0x25), structure.word(0x2e)),
  };
}

/** 7.5, status: bit 6 says that the socket is filled, bits 0 to 2 say how the processor is (2 and 3: disabled). */
function isInUse(status: number): boolean {
  const state = status & 0x07;
  return (status & 0x40) !== 0 && state !== 2 && state !== 3;
}

/** 7.5.6: 0 means unknown; FFh means that the 16-bit field of 3.0 holds the number. */
function count(small: number | null, large: number | null): number | null {
  const value = small === 0xff ? (large ?? small) : small;
  return value === 0 || value === 0xffff ? null : value;
}

const ARRAY_USE_SYSTEM_MEMORY = 3;

function systemArrays(structures: readonly Structure[]): readonly Structure[] {
  return structures.filter(
    (structure) => structure.type === 16 && structure.byte(5) === ARRAY_USE_SYSTEM_MEMORY,
  );
}

function countMemorySlots(structures: readonly Structure[]): number | null {
  const arrays = systemArrays(structures);
  if (arrays.length === 0) return null;
  return arrays.reduce((sum, array) => sum + (array.word(0x0d) ?? 0), 0);
}

/** Type 17 of the arrays that hold system memory (a flash or video array is none). */
function memoryDevices(structures: readonly Structure[]): SmbiosMemoryDevice[] {
  const arrays = systemArrays(structures).map((array) => array.handle);
  return structures
    .filter((structure) => structure.type === 17)
    .filter((structure) => arrays.length === 0 || arrays.includes(structure.word(4) ?? -1))
    .map(readMemoryDevice);
}

function readMemoryDevice(structure: Structure): SmbiosMemoryDevice {
  return {
    locator: structure.text(0x10),
    bank: structure.text(0x11),
    sizeBytes: memorySizeBytes(structure),
    type: MEMORY_TYPES[structure.byte(0x12) ?? 0] ?? null,
    manufacturer: structure.text(0x17),
    serial: structure.text(0x18),
    partNumber: structure.text(0x1a),
    transfersPerSecond: memorySpeed(structure),
  };
}

/** 7.18.4 and 7.18.5. */
function memorySizeBytes(structure: Structure): number | null {
  const size = structure.word(0x0c);
  if (size === null || size === 0xffff) return null;
  if (size === 0x7fff) {
    const extendedMiB = structure.dword(0x1c);
    return extendedMiB === null ? null : (extendedMiB & 0x7fffffff) * 1024 ** 2;
  }
  return size & 0x8000 ? (size & 0x7fff) * 1024 : size * 1024 ** 2;
}

/** The module's own speed: MT/s, in a wider field from 3.3 on when the small one is full. */
function memorySpeed(structure: Structure): number | null {
  const small = structure.word(0x15);
  const megatransfers = small === 0xffff ? (structure.dword(0x54) ?? 0) & 0x7fffffff : small;
  return megatransfers ? megatransfers * 1_000_000 : null;
}

/** 7.40: bit 1 of the characteristics says that it is there, 8000h that its capacity is not known. */
function readPowerSupply(structure: Structure): SmbiosPowerSupply[] {
  const characteristics = structure.word(0x0e);
  if (characteristics !== null && (characteristics & 0x02) === 0) return [];
  const watts = structure.word(0x0c);
  return [
    {
      name: structure.text(5) ?? structure.text(6) ?? `power supply ${structure.handle}`,
      manufacturer: structure.text(7),
      model: structure.text(6),
      partNumber: structure.text(0x0a),
      serial: structure.text(8),
      maxWatts: watts === null || watts === 0 || watts >= 0x8000 ? null : watts,
      hotReplaceable: characteristics === null ? null : (characteristics & 0x01) !== 0,
    },
  ];
}

const SLOT_USAGES: Readonly<Record<number, SmbiosSlot['usage']>> = { 3: 'free', 4: 'used' };

function readSlot(structure: Structure): SmbiosSlot {
  return {
    name: structure.text(4) ?? `slot ${structure.handle}`,
    type: slotTypeName(structure.byte(5) ?? 0),
    usage: SLOT_USAGES[structure.byte(7) ?? 0] ?? 'unknown',
    slot: slotAddress(structure),
  };
}

/** 7.10.8: segment, bus, device and function; all ones mean that there is none. */
function slotAddress(structure: Structure): string | null {
  const [segment, bus, place] = [structure.word(0x0d), structure.byte(0x0f), structure.byte(0x10)];
  if (segment === null || bus === null || place === null || (bus === 0xff && place === 0xff)) return null;
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
  return `${hex(segment, 4)}:${hex(bus, 2)}:${hex(place >> 3, 2)}.${place & 7}`;
}

/** 7.10.1: PCI Express comes in groups of six or seven, one for each width, by generation. */
function slotTypeName(type: number): string | null {
  const widths = ['', ' x1', ' x2', ' x4', ' x8', ' x16'];
  const express = (first: number, name: string) => `${name}${widths[type - first] ?? ''}`;
  if (type >= 0xa5 && type <= 0xaa) return express(0xa5, 'PCI Express');
  if (type >= 0xab && type <= 0xb0) return express(0xab, 'PCI Express 2');
  if (type >= 0xb1 && type <= 0xb6) return express(0xb1, 'PCI Express 3');
  if (type >= 0xb8 && type <= 0xbd) return express(0xb8, 'PCI Express 4');
  if (type >= 0xbe && type <= 0xc3) return express(0xbe, 'PCI Express 5');
  if (type >= 0x14 && type <= 0x19) return 'M.2';
  return SLOT_TYPES[type] ?? null;
}

const SLOT_TYPES: Readonly<Record<number, string>> = {
  0x03: 'ISA',
  0x05: 'EISA',
  0x06: 'PCI',
  0x0e: 'PCI 66 MHz',
  0x0f: 'AGP',
  0x10: 'AGP 2x',
  0x11: 'AGP 4x',
  0x12: 'PCI-X',
  0x13: 'AGP 8x',
  0x1f: 'U.2',
  0x20: 'MXM',
};

function readConnector(structure: Structure): SmbiosConnector {
  const outside = structure.text(6);
  return {
    name: outside ?? structure.text(4) ?? `connector ${structure.handle}`,
    connector: CONNECTOR_TYPES[structure.byte(outside === null ? 5 : 7) ?? 0] ?? null,
    use: PORT_TYPES[structure.byte(8) ?? 0] ?? null,
  };
}

/** 7.9.2, those that are still built. */
const CONNECTOR_TYPES: Readonly<Record<number, string>> = {
  0x05: 'DB-25 female',
  0x06: 'DB-25 male',
  0x07: 'DB-15 female',
  0x08: 'DB-9 male',
  0x0a: 'RJ-11',
  0x0b: 'RJ-45',
  0x0f: 'PS/2',
  0x10: 'mini DIN',
  0x12: 'USB',
  0x13: 'FireWire',
  0x1f: 'mini jack',
  0x20: 'BNC',
  0x22: 'SAS/SATA',
  0x23: 'USB Type-C',
};

/** 7.9.3. */
const PORT_TYPES: Readonly<Record<number, string>> = {
  0x05: 'parallel',
  0x08: 'serial',
  0x09: 'serial',
  0x0d: 'keyboard',
  0x0e: 'mouse',
  0x10: 'USB',
  0x11: 'FireWire',
  0x1c: 'video',
  0x1d: 'audio',
  0x1e: 'modem',
  0x1f: 'network',
  0x20: 'SATA',
  0x21: 'SAS',
};

/** 7.18.2; "other" and "unknown" are left out. */
const MEMORY_TYPES: Readonly<Record<number, string>> = {
  0x03: 'DRAM',
  0x04: 'EDRAM',
  0x05: 'VRAM',
  0x06: 'SRAM',
  0x07: 'RAM',
  0x08: 'ROM',
  0x09: 'Flash',
  0x0f: 'SDRAM',
  0x11: 'RDRAM',
  0x12: 'DDR',
  0x13: 'DDR2',
  0x14: 'DDR2 FB-DIMM',
  0x18: 'DDR3',
  0x19: 'FBD2',
  0x1a: 'DDR4',
  0x1b: 'LPDDR',
  0x1c: 'LPDDR2',
  0x1d: 'LPDDR3',
  0x1e: 'LPDDR4',
  0x1f: 'Logical non-volatile device',
  0x20: 'HBM',
  0x21: 'HBM2',
  0x22: 'DDR5',
  0x23: 'LPDDR5',
  0x24: 'HBM3',
};

/** 7.4.1, by number from 1. */
const CHASSIS_TYPES = [
  'Other',
  'Unknown',
  'Desktop',
  'Low Profile Desktop',
  'Pizza Box',
  'Mini Tower',
  'Tower',
  'Portable',
  'Laptop',
  'Notebook',
  'Hand Held',
  'Docking Station',
  'All in One',
  'Sub Notebook',
  'Space-saving',
  'Lunch Box',
  'Main Server Chassis',
  'Expansion Chassis',
  'SubChassis',
  'Bus Expansion Chassis',
  'Peripheral Chassis',
  'RAID Chassis',
  'Rack Mount Chassis',
  'Sealed-case PC',
  'Multi-system Chassis',
  'Compact PCI',
  'Advanced TCA',
  'Blade',
  'Blade Enclosure',
  'Tablet',
  'Convertible',
  'Detachable',
  'IoT Gateway',
  'Embedded PC',
  'Mini PC',
  'Stick PC',
] as const;

/** Name of a chassis type number; null for numbers that no version of the standard knows. */
export function chassisTypeName(number: number): string | null {
  return CHASSIS_TYPES[number - 1] ?? null;
}
