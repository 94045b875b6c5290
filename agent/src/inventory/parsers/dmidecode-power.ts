/** Batteries (type 22) and power supplies (type 39) of a dmidecode report. */
import { type DmiStructure, ofType, valueOf } from './dmidecode.ts';
import { leadingNumber } from './lines.ts';

export interface DmiBattery {
  readonly name: string | null;
  readonly manufacturer: string | null;
  readonly serial: string | null;
  readonly chemistry: string | null;
  /** Midnight UTC of the day it was made. */
  readonly madeAtMs: number | null;
  readonly designWattHours: number | null;
  readonly designVolts: number | null;
}

export interface DmiPowerSupply {
  readonly name: string | null;
  readonly location: string | null;
  readonly manufacturer: string | null;
  readonly partNumber: string | null;
  readonly serial: string | null;
  readonly status: string | null;
  readonly plugged: boolean | null;
  readonly hotReplaceable: boolean | null;
  readonly maxWatts: number | null;
}

export function dmiBatteries(structures: readonly DmiStructure[]): DmiBattery[] {
  return ofType(structures, 22)
    .filter(({ values }) => values.has('Name') || values.has('Manufacturer'))
    .map((battery) => ({
      name: valueOf(battery, 'Name'),
      manufacturer: valueOf(battery, 'Manufacturer'),
      serial: valueOf(battery, 'Serial Number') ?? smartSerial(valueOf(battery, 'SBDS Serial Number')),
      chemistry: valueOf(battery, 'Chemistry', 'SBDS Chemistry'),
      madeAtMs: dayMs(valueOf(battery, 'Manufacture Date', 'SBDS Manufacture Date')),
      designWattHours: thousandth(valueOf(battery, 'Design Capacity'), 'mWh'),
      designVolts: thousandth(valueOf(battery, 'Design Voltage'), 'mV'),
    }));
}

/** Power supplies that are there and say what they are. */
export function dmiPowerSupplies(structures: readonly DmiStructure[]): DmiPowerSupply[] {
  return ofType(structures, 39)
    .filter((supply) => valueOf(supply, 'Status')?.startsWith('Present') === true)
    .filter(({ values }) => ['Name', 'Serial Number', 'Model Part Number'].some((name) => values.has(name)))
    .map((supply) => ({
      name: valueOf(supply, 'Name'),
      location: valueOf(supply, 'Location'),
      manufacturer: valueOf(supply, 'Manufacturer'),
      partNumber: valueOf(supply, 'Model Part Number'),
      serial: valueOf(supply, 'Serial Number'),
      status: valueOf(supply, 'Status'),
      plugged: yesNo(valueOf(supply, 'Plugged')),
      hotReplaceable: yesNo(valueOf(supply, 'Hot Replaceable')),
      maxWatts: leadingNumber(valueOf(supply, 'Max Power Capacity')),
    }));
}

/** Smart Battery Data Specification: a 16-bit number, printed as hex; batteries print it as a decimal number. */
function smartSerial(hex: string | null): string | null {
  return hex !== null && /^[0-9A-F]{1,4}$/i.test(hex) ? String(Number.parseInt(hex, 16)) : hex;
}

function thousandth(value: string | null, unit: string): number | null {
  const number = leadingNumber(value);
  return number !== null && value?.endsWith(` ${unit}`) === true ? number / 1_000 : null;
}

/** '2010-01-15' or '01/15/2010'. */
function dayMs(date: string | null): number | null {
  const iso = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date ?? '');
  const american = /^(\d{2})\/(\d{2})\/(\d{4})$/.exec(date ?? '');
  const [year, month, day] = iso
    ? [iso[1], iso[2], iso[3]]
    : american
      ? [american[3], american[1], american[2]]
      : [];
  if (year === undefined || Number(month) < 1 || Number(month) > 12) return null;
  return Date.UTC(Number(year), Number(month) - 1, Number(day));
}

function yesNo(value: string | null): boolean | null {
  return value === 'Yes' ? true : value === 'No' ? false : null;
}
