/** Memory sockets (types 16 and 17, before SMBIOS 2.1 type 6) of a dmidecode report. */
import { memoryMakerOfId } from '@muster/shared/inventory/memory-makers.ts';
import { type DmiStructure, ofType, sizeBytes, valueOf } from './dmidecode.ts';
import { leadingNumber } from './lines.ts';

export interface DmiMemorySocket {
  /** As printed on the board. */
  readonly locator: string | null;
  /** null: empty, or not known. */
  readonly sizeBytes: number | null;
  readonly empty: boolean;
  readonly bank: string | null;
  readonly type: string | null;
  readonly formFactor: string | null;
  readonly manufacturer: string | null;
  readonly partNumber: string | null;
  readonly serial: string | null;
  /** MHz before dmidecode 3.0 wrote MT/s: the same number. */
  readonly transfersPerSecond: number | null;
  /** 'Single-bit ECC', 'Multi-bit ECC' …; null where there is none. */
  readonly errorCorrection: string | null;
}

/** Every socket in the report's order, empty ones included. */
export function dmiMemory(structures: readonly DmiStructure[]): DmiMemorySocket[] {
  const devices = ofType(structures, 17).filter(({ values }) => values.size > 0);
  if (devices.length === 0) return ofType(structures, 6).map(oldModule);
  const arrays = new Map(ofType(structures, 16).map((array) => [array.handle, array]));
  return devices.map((device) => {
    const array = arrays.get(valueOf(device, 'Array Handle'));
    const partNumber = cleanPartNumber(valueOf(device, 'Part Number'));
    const megatransfers = leadingNumber(valueOf(device, 'Speed'));
    return {
      locator: valueOf(device, 'Locator'),
      sizeBytes: sizeBytes(valueOf(device, 'Size')),
      empty: valueOf(device, 'Size') === 'No Module Installed',
      bank: valueOf(device, 'Bank Locator'),
      type: valueOf(device, 'Type') ?? typeOfPartNumber(partNumber),
      formFactor: valueOf(device, 'Form Factor'),
      manufacturer: cleanManufacturer(valueOf(device, 'Manufacturer')),
      partNumber,
      serial: valueOf(device, 'Serial Number'),
      transfersPerSecond: megatransfers === null ? null : megatransfers * 1_000_000,
      errorCorrection: valueOf(array, 'Error Correction Type'),
    };
  });
}

function oldModule(structure: DmiStructure): DmiMemorySocket {
  return {
    locator: valueOf(structure, 'Socket Designation', 'Socket'),
    sizeBytes: sizeBytes(valueOf(structure, 'Installed Size')),
    // The report's 'Not Installed' says nothing.
    empty: valueOf(structure, 'Installed Size') === null,
    bank: null,
    type: valueOf(structure, 'Type'),
    formFactor: null,
    manufacturer: null,
    partNumber: null,
    serial: null,
    transfersPerSecond: null,
    errorCorrection: null,
  };
}

/** A maker's name, or its JEDEC number as some firmware passes it on ('802C0000802C': twice, with the module's maker between). */
function cleanManufacturer(value: string | null): string | null {
  if (value === null || isFiller(value)) return null;
  if (/^[0-9A-F]{4}([0-9A-F]{8})?$/i.test(value)) return memoryMakerOfId(value.slice(0, 4));
  return /^(0x)?[0-9A-F]{8,}$/i.test(value) ? null : value;
}

function cleanPartNumber(value: string | null): string | null {
  if (value === null || isFiller(value)) return null;
  // Some fill the field with dashes.
  let end = value.length;
  while (value[end - 1] === '-') end -= 1;
  const kept = value.length - end > 1 ? value.slice(0, end) : value;
  return kept === '' ? null : kept;
}

/** 'NO DIMM', 'Manufacturer0', 'Array1_PartNumber0', 'ModulePartNumber03': what stands where the firmware read nothing. */
function isFiller(value: string): boolean {
  return /^(no dimm|undefined|empty|\[?empty\]?)$|^Manufacturer\d*$|Part_?Num(ber)?\d*$/i.test(value);
}

/** SK Hynix's part numbers begin with the generation; older firmware does not know the newest one. */
const HYNIX_PREFIXES: readonly (readonly [string, string])[] = [
  ['HYMP', 'DDR2'],
  ['HMT', 'DDR3'],
  ['HMA', 'DDR4'],
  ['HMC', 'DDR5'],
];

function typeOfPartNumber(partNumber: string | null): string | null {
  return HYNIX_PREFIXES.find(([prefix]) => partNumber?.startsWith(prefix))?.[1] ?? null;
}
