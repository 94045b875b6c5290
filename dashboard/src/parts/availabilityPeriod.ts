/** Periods over which availability is read: a calendar month, the last days, or from one day to another. Pure. */
import type { Language } from '@muster/shared/api/access.ts';
import { DAY_MS, type Millis } from '@muster/shared/time.ts';

export type Period =
  | { readonly kind: 'fixed'; readonly fromMs: Millis; readonly toMs: Millis }
  /** Ends now, whenever it is read. */
  | { readonly kind: 'last'; readonly spanMs: number };

/** The month that begins `back` months before that of `atMs`. */
export function monthPeriod(atMs: Millis, back = 0): { kind: 'fixed'; fromMs: Millis; toMs: Millis } {
  const at = new Date(atMs);
  const start = (more: number) => new Date(at.getFullYear(), at.getMonth() - back + more, 1).getTime();
  return { kind: 'fixed', fromMs: start(0), toMs: start(1) };
}

/** `2026-11` of a moment. */
export function monthName(atMs: Millis): string {
  return dayName(atMs).slice(0, 7);
}

/** `2026-11-20` of a moment, in the reader's zone. */
export function dayName(atMs: Millis): string {
  const at = new Date(atMs);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** Start of the day `2026-11-20`, or of the one `more` days later; null where it is no date. */
export function dayStart(name: string | undefined, more = 0): Millis | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(name ?? '');
  if (!match) return null;
  const at = new Date(Number(match[1]), Number(match[2]) - 1, Number(match[3]) + more).getTime();
  return Number.isNaN(at) ? null : at;
}

/** `November 2026`, `2026 年 11 月`. */
export function monthText(atMs: Millis, language: Language): string {
  const at = new Date(atMs);
  return language === 'zh'
    ? `${at.getFullYear()} 年 ${at.getMonth() + 1} 月`
    : new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric' }).format(at);
}

/** What the server is asked for; `last` ends at the full minute, so that equal questions are equal. */
export function spanOf(period: Period, nowMs: Millis): { fromMs: Millis; toMs: Millis } {
  if (period.kind === 'fixed') return period;
  const toMs = Math.floor(nowMs / 60_000) * 60_000;
  return { fromMs: toMs - period.spanMs, toMs };
}

export const LAST_SPANS = { '24h': DAY_MS, '7d': 7 * DAY_MS, '30d': 30 * DAY_MS } as const;
