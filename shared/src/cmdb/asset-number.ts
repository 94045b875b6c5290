/** Patterns of asset numbers: `PC-{year}-{seq:5}` → `PC-2026-00042`. Pure. */

/** What numbers of a pattern may be long. */
export const ASSET_NUMBER_LENGTH_MAX = 64;
const SEQUENCE_DIGITS_MAX = 9;
const PLACE = /\{(year|yy|month|seq(?::(\d))?)\}/g;

export interface PatternDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
}

/** null: the pattern is good. */
export function patternFault(pattern: string): 'empty' | 'no-sequence' | 'unknown-place' | 'too-long' | null {
  if (pattern.trim() === '') return 'empty';
  const rest = pattern.replaceAll(PLACE, '');
  if (/[{}]/.test(rest)) return 'unknown-place';
  if ([...pattern.matchAll(/\{seq(?::\d)?\}/g)].length !== 1) return 'no-sequence';
  if (rest.length + 4 + SEQUENCE_DIGITS_MAX > ASSET_NUMBER_LENGTH_MAX) return 'too-long';
  return null;
}

export function numberOf(pattern: string, date: PatternDate, sequence: number): string {
  return pattern.replaceAll(PLACE, (_, place: string, digits: string | undefined) => {
    if (place === 'year') return String(date.year);
    if (place === 'yy') return String(date.year % 100).padStart(2, '0');
    if (place === 'month') return String(date.month).padStart(2, '0');
    return String(sequence).padStart(Number(digits ?? 1), '0');
  });
}

/** Numbers of one series count on: with the year in the pattern each year begins at 1. */
export function seriesOf(pattern: string, date: PatternDate): string {
  return pattern.replaceAll(PLACE, (whole, place: string) =>
    place.startsWith('seq') ? '{seq}' : numberOf(whole, date, 0),
  );
}

/** Two numbers that differ in case or outer blanks only are one. */
export function assetNumberKey(number: string): string {
  return number.trim().toUpperCase();
}
