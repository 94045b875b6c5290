/** How far a record can be relied on, as a number with its reasons; the formula is [HI30] to [HI33]. Pure. */
import type { CiClass } from '../cmdb/classes.ts';
import { isMachineClass } from '../cmdb/classes.ts';
import { DAY_MS, type Millis } from '../time.ts';

export const ACCURACY_FLAWS = ['stale', 'disagrees', 'missing'] as const;
export type AccuracyFlaw = (typeof ACCURACY_FLAWS)[number];

/** What a report told is old after this long without a report that says it again. */
export const REPORTED_STALE_MS = 30 * DAY_MS;
/** What a person entered is old after this long without anybody having looked at it. */
export const ENTERED_STALE_MS = 365 * DAY_MS;
/** An old value counts half, one that disagrees or is missing not at all. */
const WORTH: Record<AccuracyFlaw, number> = { stale: 0.5, disagrees: 0, missing: 0 };

const MACHINE_REQUIRED = [
  'serial',
  'manufacturer',
  'model',
  'hostname',
  'osName',
  'osVersion',
  'cpuModel',
  'memoryBytes',
  'macAddresses',
  'ipAddresses',
] as const;
/** What a record of the class must have to be of use; of other classes nothing. */
const REQUIRED: Partial<Record<CiClass, readonly string[]>> = {
  // A guest has no maker's serial of its own.
  VirtualMachine: MACHINE_REQUIRED.filter((name) => name !== 'serial' && name !== 'manufacturer'),
  NetworkDevice: ['manufacturer', 'model', 'serial', 'managementAddress'],
  Printer: ['manufacturer', 'model', 'serial'],
  Peripheral: ['kind', 'manufacturer', 'model', 'serial'],
  Person: ['login', 'department'],
  Service: ['availabilityTarget'],
  Contract: ['number', 'supplier', 'endDate'],
  Licence: ['supplier'],
  Subnet: ['cidr'],
};

export function requiredAttributes(ciClass: CiClass): readonly string[] {
  return REQUIRED[ciClass] ?? (isMachineClass(ciClass) ? MACHINE_REQUIRED : []);
}

export interface Evidence {
  readonly attribute: string;
  readonly value: unknown;
  /** What was seen while another value holds; undefined: nothing else. */
  readonly observed?: unknown;
  /** true: reports tell it and may confirm it. */
  readonly reported: boolean;
  /** Last report or entry that said so. */
  readonly confirmedAtMs: Millis;
}

export interface Accuracy {
  /** 0 to 100; 100 where nothing counts. */
  readonly score: number;
  readonly counted: number;
  readonly flaws: readonly { readonly attribute: string; readonly flaw: AccuracyFlaw }[];
}

/** Every attribute that has a value or must have one counts once. */
export function accuracyOf(ciClass: CiClass, evidence: readonly Evidence[], nowMs: Millis): Accuracy {
  const flaws: { attribute: string; flaw: AccuracyFlaw }[] = [];
  const held = evidence.filter(({ value }) => !isNothing(value));
  for (const each of held) {
    const flaw = flawOf(each, nowMs);
    if (flaw !== null) flaws.push({ attribute: each.attribute, flaw });
  }
  const known = new Set(held.map(({ attribute }) => attribute));
  const missing = requiredAttributes(ciClass).filter((attribute) => !known.has(attribute));
  for (const attribute of missing) flaws.push({ attribute, flaw: 'missing' });
  const counted = held.length + missing.length;
  const lost = flaws.reduce((sum, { flaw }) => sum + 1 - WORTH[flaw], 0);
  return {
    // Never rounded up to what only a faultless record has.
    score: counted === 0 ? 100 : Math.floor((100 * (counted - lost)) / counted),
    counted,
    flaws,
  };
}

function flawOf({ observed, reported, confirmedAtMs }: Evidence, nowMs: Millis): AccuracyFlaw | null {
  if (observed !== undefined) return 'disagrees';
  return nowMs - confirmedAtMs > (reported ? REPORTED_STALE_MS : ENTERED_STALE_MS) ? 'stale' : null;
}

function isNothing(value: unknown): boolean {
  return (
    value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
  );
}
