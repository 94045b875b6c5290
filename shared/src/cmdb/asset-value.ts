/** What a thing is still worth, and how long its warranty lasts. Pure; dates are YYYY-MM-DD. */
import { DAY_MS, type Millis } from '../time.ts';

/** Months over which a class is written off where nothing else is set. */
export const USEFUL_LIFE_MONTHS_DEFAULT = 48;
export const USEFUL_LIFE_MONTHS_MAX = 600;

export interface Depreciation {
  /** In the currency of the cost, to the cent. */
  readonly value: number;
  readonly monthsLeft: number;
}

/** Linear: the same part of the cost each whole month; null where cost or day of purchase is not known. */
export function valueNow(
  { cost, purchaseDate }: { readonly cost: number | null; readonly purchaseDate: string | null },
  lifeMonths: number,
  nowMs: Millis,
): Depreciation | null {
  if (cost === null || purchaseDate === null) return null;
  const months = Math.max(0, wholeMonths(purchaseDate, nowMs));
  const monthsLeft = Math.max(0, lifeMonths - months);
  return { value: Math.round(((cost * monthsLeft) / lifeMonths) * 100) / 100, monthsLeft };
}

export function wholeMonths(date: string, nowMs: Millis): number {
  const from = new Date(`${date}T00:00:00Z`);
  const now = new Date(nowMs);
  const months = (now.getUTCFullYear() - from.getUTCFullYear()) * 12 + now.getUTCMonth() - from.getUTCMonth();
  return now.getUTCDate() < from.getUTCDate() ? months - 1 : months;
}

/** Whole days until the end of that day; negative: it is over. */
export function daysUntil(date: string, nowMs: Millis): number {
  const today = Math.floor(nowMs / DAY_MS);
  return Math.round(Date.parse(`${date}T00:00:00Z`) / DAY_MS) - today;
}
