/** Records of WMI classes, whatever they came from: a recorded dump or JSON that PowerShell wrote. */
import { jsonOf, linesOf, trimmed } from './lines.ts';
import { unescapeXml } from './xml.ts';

export type CimValue = string | number | boolean | null | readonly (string | number | boolean | null)[];

/** Property → value of one instance. */
export type CimRecord = Readonly<Record<string, CimValue>>;

/** A recorded dump: 'Property=value' lines, instances parted by blank lines, lists in braces. */
export function parseWmiDump(text: string): CimRecord[] {
  const records: Record<string, CimValue>[] = [];
  let current: Record<string, CimValue> | null = null;
  for (const line of linesOf(text.replace(/^\ufeff/, ''))) {
    const at = line.indexOf('=');
    if (line.trim() === '') current = null;
    if (at <= 0) continue;
    if (current === null) {
      current = Object.create(null) as Record<string, CimValue>;
      records.push(current);
    }
    current[line.slice(0, at).trim()] = dumpedValue(unescapeXml(line.slice(at + 1)));
  }
  return records;
}

function dumpedValue(text: string): CimValue {
  if (text === '') return null;
  if (!text.startsWith('{') || !text.endsWith('}')) return text;
  const inner = text.slice(1, -1);
  // A GUID stands in braces too, and is no list.
  if (/^-?\d{1,20}(?:,-?\d{1,20})*$/.test(inner)) return inner.split(',').map(Number);
  if (inner === '') return [];
  return inner.startsWith('"') && inner.endsWith('"') ? inner.slice(1, -1).split('","') : text;
}

/** `Get-CimInstance CLASS | ConvertTo-Json`: one object or a list of objects; anything else is no record. */
export function parseCimJson(text: string): CimRecord[] {
  const value = bareOf(jsonOf(text.replace(/^\ufeff/, '')));
  return (Array.isArray(value) ? value : [value]).flatMap((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return [];
    const record = Object.create(null) as Record<string, CimValue>;
    for (const [key, property] of Object.entries(entry)) record[key] = simpleValue(property);
    return [record];
  });
}

/** PowerShell 5.1 wraps some dates and lists: { "value": …, "Count": 2 }. */
function bareOf(value: unknown): unknown {
  const wrapped =
    typeof value === 'object' &&
    value !== null &&
    'value' in value &&
    ('Count' in value || 'DateTime' in value);
  return wrapped ? value.value : value;
}

function simpleValue(value: unknown): CimValue {
  const bare = bareOf(value);
  if (Array.isArray(bare)) return bare.map((item: unknown) => scalarOf(item));
  return scalarOf(bare);
}

function scalarOf(value: unknown): string | number | boolean | null {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

/** The property as trimmed text; null where it is absent or empty. */
export function cimText(record: CimRecord | undefined, property: string): string | null {
  const value = record?.[property];
  if (value === null || value === undefined || typeof value === 'object') return null;
  return trimmed(String(value));
}

/** The property as a number; null where it is none. */
export function cimNumber(record: CimRecord | undefined, property: string): number | null {
  const text = cimText(record, property);
  return text !== null && /^-?\d{1,30}(?:\.\d{1,12})?$/.test(text) ? Number(text) : null;
}

/** The property as a truth; null where it is none. */
export function cimFlag(record: CimRecord | undefined, property: string): boolean | null {
  const text = cimText(record, property)?.toLowerCase();
  if (text === 'true' || text === '1') return true;
  return text === 'false' || text === '0' ? false : null;
}

/** The property as a list of texts; a lone value is a list of one. */
export function cimList(record: CimRecord | undefined, property: string): string[] {
  const value = record?.[property];
  if (value === null || value === undefined) return [];
  const items = typeof value === 'object' ? value : [value];
  return items.flatMap((item) => (item === null ? [] : (trimmed(String(item)) ?? [])));
}

/** 'CIM datetime' 20130813153755.000000+120, or PowerShell's '/Date(1376400000000)/' and ISO 8601 → Unix ms. */
export function cimTimeMs(record: CimRecord | undefined, property: string): number | null {
  const text = cimText(record, property);
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?(?:([+-]\d{1,3})|\*+)?$/.exec(text ?? '');
  if (match !== null) {
    const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
    const utc = Date.UTC(year ?? 0, (month ?? 1) - 1, day ?? 1, hour ?? 0, minute ?? 0, second ?? 0);
    return utc - Number(match[7] ?? 0) * 60_000;
  }
  const dated = /^\/Date\((-?\d{1,15})\)\/$/.exec(text ?? '')?.[1];
  if (dated !== undefined) return Number(dated);
  const parsed = /^\d{4}-\d\d-\d\dT/.test(text ?? '') ? Date.parse(text ?? '') : Number.NaN;
  return Number.isNaN(parsed) ? null : parsed;
}
