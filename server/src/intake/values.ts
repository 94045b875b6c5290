/** Single values as other agents write them: text, numbers, yes and no, dates, sizes, speeds. null = not told. */
import { DAY_MS, HOUR_MS, MINUTE_MS, type Millis } from '@muster/shared/time.ts';
import { isPlaceholder } from '../inventory/junk.ts';

export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };
export type Item = { readonly [key: string]: Value };

export const TEXT_CHARS_MAX = 512;

/** Trimmed; empty and 'N/A' are not told. */
export function text(item: Item | undefined, key: string, charsMax: number = TEXT_CHARS_MAX): string | null {
  const value = item?.[key];
  if (value === null || value === undefined || typeof value === 'object' || typeof value === 'boolean')
    return null;
  const trimmed = String(value).replace(/\s+/g, ' ').trim();
  return trimmed === '' || /^n\/?a$/i.test(trimmed) ? null : trimmed.slice(0, charsMax);
}

/** The first of the keys that tells. */
export function firstText(item: Item | undefined, ...keys: string[]): string | null {
  for (const key of keys) {
    const value = text(item, key);
    if (value !== null) return value;
  }
  return null;
}

/** Text of firmware or a driver: what makers write where they wrote nothing is not told. */
export function named(item: Item | undefined, ...keys: string[]): string | null {
  for (const key of keys) {
    const value = text(item, key);
    if (value !== null && !isPlaceholder(value)) return value;
  }
  return null;
}

/** The number at the beginning: 1600 of '1600 MT/s'. */
export function number(item: Item | undefined, key: string): number | null {
  const value = item?.[key];
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string') return null;
  const [digits] = /^\s*-?\d{1,15}(?:[.,]\d{1,9})?/.exec(value) ?? [];
  return digits === undefined ? null : Number(digits.trim().replace(',', '.'));
}

/** What a table says of a word from outside; 'constructor' and its like stand in no table. */
export function entryOf<T>(
  table: Readonly<Record<string, T>>,
  word: string | null | undefined,
): T | undefined {
  return typeof word === 'string' && Object.hasOwn(table, word) ? table[word] : undefined;
}

/** Above zero: agents write 0 where they know nothing. */
export function positive(item: Item | undefined, key: string): number | null {
  const value = number(item, key);
  return value !== null && value > 0 ? value : null;
}

export function integer(item: Item | undefined, key: string): number | null {
  const value = number(item, key);
  return value === null ? null : Math.trunc(value);
}

const MIB = 2 ** 20;

/** Sizes of memory and file systems: MiB, as `df -m` counts. */
export function mebibytes(item: Item | undefined, key: string): number | null {
  const value = positive(item, key);
  return value === null ? null : Math.round(value * MIB);
}

/** Sizes of disks: millions of bytes, as makers count. */
export function megabytes(item: Item | undefined, key: string): number | null {
  const value = positive(item, key);
  return value === null ? null : Math.round(value * 1e6);
}

const WORDS: Readonly<Record<string, boolean>> = {
  '1': true,
  true: true,
  yes: true,
  on: true,
  enabled: true,
  running: true,
  '0': false,
  false: false,
  no: false,
  off: false,
  disabled: false,
  stopped: false,
};

export function yesNo(item: Item | undefined, key: string): boolean | null {
  const value = item?.[key];
  if (typeof value === 'boolean') return value;
  const word = text(item, key)?.toLowerCase();
  return entryOf(WORDS, word) ?? null;
}

/** Items of a list of objects; anything else in it is left out. */
export function items(value: Value | undefined): Item[] {
  const list = Array.isArray(value) ? (value as readonly Value[]) : value === undefined ? [] : [value];
  return list.filter(
    (entry): entry is Item => typeof entry === 'object' && entry !== null && !Array.isArray(entry),
  );
}

/** Items of a list of texts. */
export function texts(value: Value | undefined): string[] {
  const list = Array.isArray(value) ? (value as readonly Value[]) : [value ?? null];
  return list.flatMap((entry) => (typeof entry === 'string' && entry.trim() !== '' ? [entry.trim()] : []));
}

/**
 * Dates: ISO 8601 with or without offset, `YYYY/MM/DD`, `DD/MM/YYYY`, `YYYYMMDD`. Without an offset it is local time of
 * the machine: `offsetMs` is what it is ahead of UTC. Before 1971 it is the zero of some counter, and not told.
 */
export function dateMs(value: string | null, offsetMs: Millis = 0): Millis | null {
  if (value === null) return null;
  const found = dateParts(value);
  if (found === null) return null;
  const { year, month, day, rest } = found;
  if (month < 1 || month > 12 || day < 1 || day > 31 || year < EARLIEST_YEAR || year > 9_999) return null;
  const dayMs = Date.UTC(year, month - 1, day);
  const clock = /^[ T](\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,:]\d+)?\s*(Z|[+-]\d{2}:?\d{2})?/.exec(rest);
  if (!clock) return dayMs;
  const [, hour, minute, second = '0', zone] = clock;
  const timeMs = Number(hour) * HOUR_MS + Number(minute) * MINUTE_MS + Number(second) * 1_000;
  if (timeMs >= DAY_MS) return dayMs;
  return dayMs + timeMs - (zone === undefined ? offsetMs : offsetOf(zone));
}

const EARLIEST_YEAR = 1971;

function dateParts(value: string): { year: number; month: number; day: number; rest: string } | null {
  const yearFirst =
    /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?!\d)/.exec(value) ?? /^(\d{4})(\d{2})(\d{2})(?!\d)/.exec(value);
  if (yearFirst) {
    const [all, year, month, day] = yearFirst;
    return { year: Number(year), month: Number(month), day: Number(day), rest: value.slice(all.length) };
  }
  const dayFirst = /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?!\d)/.exec(value);
  if (!dayFirst) return null;
  const [all, day, month, year] = dayFirst;
  return { year: Number(year), month: Number(month), day: Number(day), rest: value.slice(all.length) };
}

/** '+0200', '+02:00', 'Z' → milliseconds ahead of UTC. */
export function offsetOf(zone: string | null): Millis {
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(zone ?? '') ?? [];
  if (sign === undefined) return 0;
  return (sign === '-' ? -1 : 1) * (Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS);
}

/** By code point, which is the same on every machine: lists of agents written in Perl come in another order each time. */
export function sortedBy<T>(list: readonly T[], keyOf: (entry: T) => string): T[] {
  return list
    .map((entry) => [keyOf(entry), entry] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, entry]) => entry);
}

/** The first of each key stays. */
export function unique<T>(list: readonly T[], keyOf: (entry: T) => string): T[] {
  const seen = new Set<string>();
  return list.filter((entry) => {
    const key = keyOf(entry);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
