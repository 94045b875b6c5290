/** Registry exports (.reg): keys with typed values. */
import { linesOf } from './lines.ts';

export type RegValue = string | number | readonly string[] | Uint8Array;

export interface RegKey {
  /** Whole path, as printed, without the brackets: 'HKEY_LOCAL_MACHINE\SOFTWARE\…' */
  readonly path: string;
  /** Name → value; '' is the default value. */
  readonly values: ReadonlyMap<string, RegValue>;
}

/** All keys in the order of the file. Deleted keys and values ('[-…]', '=-') are left out. */
export function parseRegFile(text: string): RegKey[] {
  const keys: { path: string; values: Map<string, RegValue> }[] = [];
  const lines = linesOf(text);
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const path = /^\[([^-].*)\]\s*$/.exec(line)?.[1];
    if (path !== undefined) keys.push({ path, values: new Map() });
    else if (line.startsWith('[')) keys.push({ path: '', values: new Map() });
    const head = path === undefined ? nameOf(line) : null;
    if (head === null) continue;
    const [whole, end] = continued(head.rest, lines, at);
    at = end;
    const value = valueOf(whole);
    if (value !== null) keys.at(-1)?.values.set(head.name, value);
  }
  return keys.filter(({ path }) => path !== '');
}

function nameOf(line: string): { name: string; rest: string } | null {
  if (line.startsWith('@=')) return { name: '', rest: line.slice(2) };
  if (!line.startsWith('"')) return null;
  const end = closingQuote(line, 1);
  if (end === -1 || line[end + 1] !== '=') return null;
  return { name: unescaped(line.slice(1, end)), rest: line.slice(end + 2) };
}

function closingQuote(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at;
  }
  return -1;
}

/** A value that goes on: hexadecimal bytes after a backslash, a text with line feeds until its quote. */
function continued(
  first: string,
  lines: readonly string[],
  start: number,
): readonly [value: string, end: number] {
  const parts = [first];
  let at = start;
  if (first.startsWith('"')) {
    let open = closingQuote(first, 1) === -1;
    while (open && at + 1 < lines.length && at - start < MAX_TEXT_LINES) {
      at += 1;
      const next = lines[at] ?? '';
      parts.push(next);
      open = closingQuote(next, 0) === -1;
    }
    return open ? [first, start] : [parts.join('\n'), at];
  }
  while (first.startsWith('hex') && (lines[at] ?? '').trimEnd().endsWith('\\') && at + 1 < lines.length) {
    at += 1;
    parts.push((lines[at] ?? '').trim());
  }
  return [parts.map((part) => part.trimEnd().replace(/\\$/, '')).join(''), at];
}

/** A text value with more line feeds is a broken file. */
const MAX_TEXT_LINES = 50;

function unescaped(text: string): string {
  return text.replace(/\\(["\\])/g, '$1');
}

function valueOf(text: string): RegValue | null {
  if (text.startsWith('"')) {
    const end = closingQuote(text, 1);
    return end === -1 ? null : unescaped(text.slice(1, end));
  }
  const dword = /^dword:([0-9a-f]{1,8})\s*$/i.exec(text)?.[1];
  if (dword !== undefined) return Number.parseInt(dword, 16);
  const typed = /^hex(?:\(([0-9a-f])\))?:/i.exec(text);
  return typed === null
    ? null
    : typedValue(typed[1]?.toLowerCase() ?? '3', bytesOf(text.slice(typed[0].length)));
}

function bytesOf(text: string): Uint8Array {
  const bytes = text
    .split(',')
    .flatMap((pair) => (/^\s*[0-9a-f]{1,2}\s*$/i.test(pair) ? [Number.parseInt(pair, 16)] : []));
  return Uint8Array.from(bytes);
}

function typedValue(type: string, bytes: Uint8Array): RegValue {
  if (type === '1' || type === '2') return textOfBytes(bytes);
  if (type === '7')
    return utf16(bytes)
      .split('\0')
      .filter((item) => item !== '');
  if (type === '4' || type === 'b') return littleEndian(bytes);
  return bytes;
}

function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
}

function utf16(bytes: Uint8Array): string {
  return new TextDecoder('utf-16le').decode(bytes);
}

/** UTF-16 little-endian text up to its terminator. */
export function textOfBytes(bytes: Uint8Array): string {
  return utf16(bytes).split('\0')[0] ?? '';
}

/** The value as trimmed text; null where it is absent or empty. Drivers store texts as raw bytes, too. */
export function regText(key: RegKey | undefined, name: string): string | null {
  const value = key?.values.get(name);
  if (value === undefined || Array.isArray(value)) return null;
  const text = value instanceof Uint8Array ? textOfBytes(value) : String(value);
  return text.trim() === '' ? null : text.trim();
}

/** The value as a number; texts that hold one count. */
export function regNumber(key: RegKey | undefined, name: string): number | null {
  const value = key?.values.get(name);
  if (typeof value === 'number') return value;
  if (value instanceof Uint8Array && (value.length === 4 || value.length === 8)) return littleEndian(value);
  if (typeof value !== 'string') return null;
  if (/^0x[0-9a-f]{1,8}$/i.test(value)) return Number.parseInt(value, 16);
  return /^\d{1,15}$/.test(value) ? Number(value) : null;
}

/** The path's parts; registry paths are the same in any letter case. */
export function regParts(path: string): string[] {
  return path.split('\\');
}
