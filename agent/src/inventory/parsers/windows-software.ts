/** Software of Windows from its uninstall keys: 64- and 32-bit views, per user, patches told from programs. */
import { type CimRecord, cimText, cimTimeMs } from './cim.ts';
import { oneSpaced, trimmed } from './lines.ts';
import { type RegKey, regNumber, regParts, regText } from './reg-file.ts';

export interface WindowsSoftware {
  /** Name of the uninstall key: a product code or a word. */
  readonly id: string;
  readonly name: string;
  readonly version: string | null;
  readonly versionMajor: number | null;
  readonly versionMinor: number | null;
  readonly publisher: string | null;
  readonly installedAtMs: number | null;
  readonly sizeBytes: number | null;
  readonly location: string | null;
  readonly bits: 32 | 64;
  /** SID of the account that it is installed for; null: for everybody. */
  readonly user: string | null;
  readonly category: 'application' | 'update' | 'security-update' | 'hotfix' | 'system-component';
  /** 'KB5034441' where it is a patch that has one. */
  readonly kb: string | null;
  /** What the patch belongs to; null for what is none. */
  readonly parent: string | null;
  readonly removable: boolean | null;
}

const KEY = /\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\([^\\]+)$/i;

/**
 * Uninstall keys as software; each once, entries without a name left out.
 * @param nativeBits of the machine: the view that is not below Wow6432Node
 */
export function windowsSoftware(keys: readonly RegKey[], nativeBits: 32 | 64): WindowsSoftware[] {
  const found = new Map<string, WindowsSoftware>();
  for (const key of keys) {
    const id = KEY.exec(key.path)?.[1];
    const entry = id === undefined ? null : softwareOf(key, id, nativeBits);
    if (entry === null) continue;
    const same = [entry.id, entry.name, entry.version ?? '', entry.user ?? '', entry.bits]
      .join('\n')
      .toLowerCase();
    // The views of a 32-bit key can be exported twice, under both names.
    if (!found.has(same)) found.set(same, entry);
  }
  return [...found.values()];
}

function softwareOf(key: RegKey, id: string, nativeBits: 32 | 64): WindowsSoftware | null {
  const name = oneSpaced(regText(key, 'DisplayName'));
  if (name === null) return null;
  const removal = regNumber(key, 'NoRemove');
  const parent = trimmed(regText(key, 'ParentDisplayName'));
  const kb = /\bKB\d{6,8}\b/i.exec(`${id} ${name}`)?.[0]?.toUpperCase() ?? null;
  return {
    id,
    name,
    version: trimmed(regText(key, 'DisplayVersion')?.replace(/[\u0000-\u001f].*$/s, '')), // oxlint-disable-line no-control-regex -- installers write past the end
    versionMajor: regNumber(key, 'VersionMajor') ?? regNumber(key, 'MajorVersion'),
    versionMinor: regNumber(key, 'VersionMinor') ?? regNumber(key, 'MinorVersion'),
    publisher: oneSpaced(regText(key, 'Publisher')),
    installedAtMs: dayMs(regText(key, 'InstallDate')),
    sizeBytes: sizeOf(regNumber(key, 'EstimatedSize')),
    location: trimmed(regText(key, 'InstallLocation')),
    bits: /\\Wow6432Node\\/i.test(key.path) ? 32 : nativeBits,
    user: userOf(key.path),
    category: categoryOf(key, kb, parent),
    kb,
    parent,
    removable: removal === null ? null : removal === 0,
  };
}

/** Kilobytes in the registry. */
function sizeOf(kibibytes: number | null): number | null {
  return kibibytes === null ? null : kibibytes * 1024;
}

function userOf(path: string): string | null {
  const [root, sid] = regParts(path);
  if (root?.toUpperCase() === 'HKEY_CURRENT_USER') return 'current user';
  return root?.toUpperCase() === 'HKEY_USERS' ? (sid ?? null) : null;
}

function categoryOf(key: RegKey, kb: string | null, parent: string | null): WindowsSoftware['category'] {
  if (regNumber(key, 'SystemComponent') === 1) return 'system-component';
  const release = regText(key, 'ReleaseType') ?? '';
  if (/^Security Update/i.test(release)) return 'security-update';
  if (/^(?:Update|Service Pack|Update Rollup)/i.test(release)) return 'update';
  if (/^Hotfix/i.test(release)) return 'hotfix';
  const name = regText(key, 'DisplayName') ?? '';
  if (/^(?:Security Update|Mise à jour de sécurité|Sicherheitsupdate)\b/i.test(name))
    return 'security-update';
  if (/^Hotfix\b/i.test(name)) return 'hotfix';
  return kb !== null || parent !== null ? 'update' : 'application';
}

/** '20240131', '31/01/2024', '2024-01-31', seconds since 1970; midnight UTC of the day. */
function dayMs(text: string | null): number | null {
  const [, year, month, day] = /^(\d{4})[-/]?(\d\d)[-/]?(\d\d)$/.exec(text ?? '') ?? [];
  if (year !== undefined) return validDay(Number(year), Number(month), Number(day));
  const [, second, third, fourth] = /^(\d{1,2})[/.](\d{1,2})[/.](\d{4})$/.exec(text ?? '') ?? [];
  if (fourth !== undefined) {
    const [a, b] = [Number(second), Number(third)];
    // Which of the two is the month depends on the country; only a number above 12 tells.
    return b > 12 ? validDay(Number(fourth), a, b) : validDay(Number(fourth), b, a);
  }
  return text !== null && /^\d{9,10}$/.test(text) ? Number(text) * 1000 : null;
}

const YEAR_MIN = 1980;

function validDay(year: number, month: number, day: number): number | null {
  const at = Date.UTC(year, month - 1, day);
  return year >= YEAR_MIN && month >= 1 && month <= 12 && new Date(at).getUTCDate() === day ? at : null;
}

/** Version of a database engine → its edition ('Express Edition'), from `…\Microsoft SQL Server\INSTANCE\Setup`. */
export function sqlServerEditions(keys: readonly RegKey[]): Map<string, string> {
  const editions = new Map<string, string>();
  for (const key of keys) {
    if (!/\\Microsoft SQL Server\\[^\\]+\\Setup$/i.test(key.path)) continue;
    const edition = regText(key, 'Edition');
    const version = regText(key, 'Version');
    if (edition !== null && version !== null) editions.set(version, edition);
  }
  return editions;
}

/** Names the edition of a database engine, which its uninstall key leaves out but its licence depends on. */
export function withSqlEdition(
  software: WindowsSoftware,
  editions: ReadonlyMap<string, string>,
): WindowsSoftware {
  const edition = editions.get(software.version ?? '');
  const match = /^((?:Microsoft )?SQL Server(?: \d{4}(?: R2)?)?) (Database Engine Services.*)$/i.exec(
    software.name,
  );
  if (edition === undefined || match === null) return software;
  return { ...software, name: `${match[1]} ${edition} ${match[2]}` };
}

export interface WindowsPatch {
  /** 'KB5034441' */
  readonly kb: string;
  readonly kind: 'update' | 'security-update' | 'hotfix';
  readonly description: string | null;
  readonly installedAtMs: number | null;
}

/** Win32_QuickFixEngineering: installed updates of Windows itself; each once, entries without a number left out. */
export function windowsPatches(records: readonly CimRecord[]): WindowsPatch[] {
  const patches = new Map<string, WindowsPatch>();
  for (const record of records) {
    const kb = /KB\d{4,10}/i.exec(cimText(record, 'HotFixID') ?? '')?.[0]?.toUpperCase();
    if (kb === undefined || patches.has(kb)) continue;
    const description = cimText(record, 'Description');
    patches.set(kb, {
      kb,
      kind: patchKind(description),
      description,
      installedAtMs: patchDayMs(cimText(record, 'InstalledOn')) ?? cimTimeMs(record, 'InstalledOn'),
    });
  }
  return [...patches.values()];
}

function patchKind(description: string | null): WindowsPatch['kind'] {
  if (/^Security Update/i.test(description ?? '')) return 'security-update';
  return /^Hotfix/i.test(description ?? '') ? 'hotfix' : 'update';
}

/** 'month/day/year' whatever the country, ISO 8601, PowerShell's '/Date(ms)/', or hex FILETIME of Windows Vista. */
function patchDayMs(text: string | null): number | null {
  const [, month, day, year] = /^(\d{1,2})\/(\d{1,2})\/(\d{4})/.exec(text ?? '') ?? [];
  if (year !== undefined) return validDay(Number(year), Number(month), Number(day));
  const [, y, m, d] = /^(\d{4})-?(\d\d)-?(\d\d)/.exec(text ?? '') ?? [];
  if (y !== undefined) return validDay(Number(y), Number(m), Number(d));
  const dated = /^\/Date\((-?\d{1,15})\)\/$/.exec(text ?? '')?.[1];
  if (dated !== undefined) return Number(dated);
  const filetime = /^([0-9a-f]{16})$/i.exec(text ?? '')?.[1];
  return filetime === undefined ? null : Number(BigInt(`0x${filetime}`) / 10_000n) - FILETIME_EPOCH_MS;
}

/** From 1601-01-01 to 1970-01-01. */
const FILETIME_EPOCH_MS = 11_644_473_600_000;
