/** What was recorded on a Windows machine, and how the sections ask for it. */
import type { InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import { type CimRecord, cimText, parseCimJson, parseWmiDump } from '../parsers/cim.ts';
import { parseRegFile, type RegKey } from '../parsers/reg-file.ts';
import type { CollectedSection } from '../section.ts';

/** Named raw outputs; what could not be asked is left out, what was asked and has no instance is empty text. */
export interface WindowsOutputs {
  /** Class ('Win32_Processor', 'MSFT_PhysicalDisk' …) → its instances, as a dump or as JSON of PowerShell. */
  readonly cim?: Readonly<Record<string, string>>;
  /** Registry exports, one after the other. */
  readonly registry?: string;
}

export interface WindowsRecords {
  of(className: string): readonly CimRecord[];
  given(className: string): boolean;
  readonly keys: readonly RegKey[];
  /** The registry was exported at such a place, be it empty. */
  exported(place: RegExp): boolean;
  /** Of the classes, those that this version of Windows has and that were not given. */
  missing(classNames: readonly string[]): string[];
}

/** First version of Windows that has the class. */
const SINCE: Readonly<Record<string, number>> = {
  Win32_Volume: 5.2,
  MSFT_NetAdapter: 6.2,
  MSFT_PhysicalDisk: 6.2,
};

export function windowsRecords({ cim = {}, registry = '' }: WindowsOutputs): WindowsRecords {
  const keys = parseRegFile(registry);
  const parsed = new Map(Object.entries(cim).map(([name, text]) => [name, recordsOf(text)]));
  const version = versionOf(parsed.get('Win32_OperatingSystem')?.[0]);
  return {
    of: (className) => parsed.get(className) ?? [],
    given: (className) => parsed.has(className),
    keys,
    exported: (place) => keys.some(({ path }) => place.test(path)),
    missing: (classNames) =>
      classNames.filter((name) => !parsed.has(name) && (SINCE[name] ?? 0) <= (version ?? Infinity)),
  };
}

function recordsOf(text: string): CimRecord[] {
  return /^\ufeff?\s*[[{]/.test(text) ? parseCimJson(text) : parseWmiDump(text);
}

/** 6.1 of '6.1.7601'. */
function versionOf(system: CimRecord | undefined): number | null {
  const version = /^\d{1,3}\.\d{1,2}(?=\.)/.exec(cimText(system, 'Version') ?? '')?.[0];
  return version === undefined ? null : Number(version);
}

/** The section, complete when nothing is missing. */
export function sectionOf<Name extends InventorySection>(
  data: CollectedSection<Name>['data'],
  missing: readonly string[],
): CollectedSection<Name> {
  return { data, complete: missing.length === 0, notes: missing.map((what) => `${what} was not given`) };
}

const SHORT_NAME_CHARS = 64;

/** What the schema calls a short name. */
export function shortName(text: string): string {
  return text.slice(0, SHORT_NAME_CHARS);
}
