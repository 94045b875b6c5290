/** The sections `software` and `patches` of Windows: uninstall keys of both views, and installed updates. */
import type { SectionData, SoftwarePackage } from '@muster/shared/inventory/sections.ts';
import { cimText } from '../parsers/cim.ts';
import {
  sqlServerEditions,
  windowsPatches,
  type WindowsSoftware,
  windowsSoftware,
  withSqlEdition,
} from '../parsers/windows-software.ts';
import type { CollectedSection } from '../section.ts';
import { knownTime } from '../text.ts';
import { sectionOf, type WindowsRecords } from './outputs.ts';

type Patch = SectionData['patches']['patches'][number];

const UNINSTALL = /\\Microsoft\\Windows\\CurrentVersion\\Uninstall(?:\\|$)/i;
const UNINSTALL_NATIVE =
  /^HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall(?:\\|$)/i;
const UNINSTALL_32 =
  /^HKEY_LOCAL_MACHINE\\SOFTWARE\\Wow6432Node\\Microsoft\\Windows\\CurrentVersion\\Uninstall(?:\\|$)/i;
const ACCOUNTS = /^HKEY_(?:USERS|CURRENT_USER)(?:\\|$)/i;

export function windowsSoftwareSection(records: WindowsRecords): CollectedSection<'software'> | null {
  if (!records.exported(UNINSTALL)) return null;
  const bits = nativeBits(records);
  const editions = sqlServerEditions(records.keys);
  const packages = new Map<string, SoftwarePackage>();
  for (const one of withoutSecondView(windowsSoftware(records.keys, bits ?? 64))) {
    if (isPatch(one)) continue;
    const item = packageOf(withSqlEdition(one, editions));
    const same = [item.name, item.version, item.architecture].join('\n');
    // Two accounts can each have the same program; the machine has it once.
    if (!packages.has(same)) packages.set(same, item);
  }
  return sectionOf<'software'>({ packages: [...packages.values()] }, missingViews(records, bits));
}

function missingViews(records: WindowsRecords, bits: 32 | 64 | null): string[] {
  return [
    ...(bits === null ? ['Win32_OperatingSystem'] : []),
    ...(records.exported(UNINSTALL_NATIVE) ? [] : ['registry: Uninstall']),
    ...(bits === 32 || records.exported(UNINSTALL_32) ? [] : ['registry: Uninstall of 32-bit programs']),
    ...(records.exported(ACCOUNTS) ? [] : ['registry: HKEY_USERS']),
  ];
}

/** Of the machine; null where nothing tells. A view of 32-bit programs is there on 64-bit machines only. */
function nativeBits(records: WindowsRecords): 32 | 64 | null {
  const system = records.of('Win32_OperatingSystem')[0];
  const told = /^(32|64)\b/.exec(cimText(system, 'OSArchitecture') ?? '')?.[1];
  if (told !== undefined) return told === '32' ? 32 : 64;
  return records.exported(/\\Wow6432Node(?:\\|$)/i) ? 64 : null;
}

/** A product code stands for one installation: the same code in both views is one program. */
function withoutSecondView(software: readonly WindowsSoftware[]): WindowsSoftware[] {
  const codes = new Set<string>();
  return software.filter((one) => {
    if (!/^\{[0-9a-f-]{36}\}$/i.test(one.id)) return true;
    const code = `${one.id.toUpperCase()}\n${one.version ?? ''}`;
    return codes.has(code) ? false : codes.add(code);
  });
}

function isPatch({ category, kb }: WindowsSoftware): boolean {
  return kb !== null && (category === 'update' || category === 'security-update' || category === 'hotfix');
}

const NAME_CHARS = 256;
const VERSION_CHARS = 128;

function packageOf(one: WindowsSoftware): SoftwarePackage {
  return {
    name: one.name.slice(0, NAME_CHARS),
    version: (one.version ?? '').slice(0, VERSION_CHARS),
    architecture: one.bits === 64 ? 'x86_64' : 'i686',
    publisher: one.publisher,
    source: 'windows',
    installedAtMs: knownTime(one.installedAtMs),
    sizeBytes: one.sizeBytes,
  };
}

/** Updates of Windows itself, then those of other programs, which stand among the uninstall keys. */
export function windowsPatchesSection(records: WindowsRecords): CollectedSection<'patches'> | null {
  const quickFixes = records.given('Win32_QuickFixEngineering');
  if (!quickFixes && !records.exported(UNINSTALL)) return null;
  const bits = nativeBits(records);
  const patches = new Map<string, Patch>();
  for (const { kb, description, installedAtMs } of windowsPatches(records.of('Win32_QuickFixEngineering')))
    patches.set(kb, { id: kb, title: description, installedAtMs: knownTime(installedAtMs) });
  for (const one of windowsSoftware(records.keys, bits ?? 64)) {
    if (one.kb === null || !isPatch(one) || patches.has(one.kb)) continue;
    patches.set(one.kb, { id: one.kb, title: one.name, installedAtMs: knownTime(one.installedAtMs) });
  }
  return sectionOf<'patches'>({ patches: [...patches.values()] }, [
    ...(quickFixes ? [] : ['Win32_QuickFixEngineering']),
    ...missingViews(records, bits),
  ]);
}
