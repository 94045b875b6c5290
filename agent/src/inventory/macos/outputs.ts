/** What was recorded on a Mac, and how the sections ask for it. */
import type { InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import { parseSysctl } from '../parsers/macos-hardware.ts';
import {
  parsePlist,
  parseSystemProfiler,
  type PlistValue,
  type ProfilerNode,
} from '../parsers/system-profiler.ts';
import type { CollectedSection } from '../section.ts';

/** Named raw outputs; what could not be asked is left out, what was asked and told nothing is empty text. */
export interface MacosOutputs {
  /** `system_profiler` as text, any of its parts. */
  readonly systemProfiler?: string;
  /** `system_profiler -xml` by type: SPSerialATADataType, SPNVMeDataType, SPUSBDataType … */
  readonly plists?: Readonly<Record<string, string>>;
  /** `sysctl -a`. */
  readonly sysctl?: string;
  /** `ioreg -l -c IOPlatformExpertDevice` */
  readonly ioregPlatform?: string;
  /** `ioreg -l -p IOUSB` */
  readonly ioregUsb?: string;
  /** `ifconfig -a` */
  readonly ifconfig?: string;
  /** `networksetup -listallhardwareports` */
  readonly hardwarePorts?: string;
  /** `netstat -rn` */
  readonly routes?: string;
  /** /etc/resolv.conf */
  readonly resolvConf?: string;
  /** `df -k` */
  readonly df?: string;
  /** `mount` */
  readonly mount?: string;
}

export interface MacosRecords {
  readonly outputs: MacosOutputs;
  readonly profile: readonly ProfilerNode[];
  readonly sysctl: ReadonlyMap<string, string>;
  /** The property list of a type; null where it was not given. */
  plist(type: string): PlistValue | null;
  /** The part of the profiler's text was given. */
  profiled(part: string): boolean;
}

export function macosRecords(outputs: MacosOutputs): MacosRecords {
  const profile = parseSystemProfiler(outputs.systemProfiler ?? '');
  return {
    outputs,
    profile,
    sysctl: parseSysctl(outputs.sysctl ?? ''),
    plist: (type) => parsePlist(outputs.plists?.[type] ?? ''),
    profiled: (part) => profile.some(({ name }) => name === part),
  };
}

/** The section, complete when nothing is missing. */
export function sectionOf<Name extends InventorySection>(
  data: CollectedSection<Name>['data'],
  missing: readonly (string | false)[],
): CollectedSection<Name> {
  const notes = missing.flatMap((what) => (what === false ? [] : [`${what} was not given`]));
  return { data, complete: notes.length === 0, notes };
}

const SHORT_NAME_CHARS = 64;

/** What the schema calls a short name. */
export function shortName(text: string): string {
  return text.slice(0, SHORT_NAME_CHARS);
}
