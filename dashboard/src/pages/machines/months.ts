/** Calendar months and their days in the reader's zone. Pure. */
import type { Language } from '@muster/shared/api/access.ts';
import type { Millis } from '@muster/shared/time.ts';

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;
const WEEKDAYS = {
  en: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'],
  zh: ['周日', '周一', '周二', '周三', '周四', '周五', '周六'],
} as const;

/** `2026-11` of a moment. */
export function monthName(atMs: Millis): string {
  const at = new Date(atMs);
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}`;
}

/** The month that begins `back` months before that of `atMs`, half-open. */
export function monthSpan(atMs: Millis, back = 0): { fromMs: Millis; toMs: Millis } {
  const at = new Date(atMs);
  const start = (more: number) => new Date(at.getFullYear(), at.getMonth() - back + more, 1).getTime();
  return { fromMs: start(0), toMs: start(1) };
}

/** Months from that of `firstMs` to that of `lastMs`, newest first, at most `max`. */
export function monthsBetween(firstMs: Millis, lastMs: Millis, max: number): Millis[] {
  const months: Millis[] = [];
  for (let back = 0; back < max; back++) {
    const { fromMs, toMs } = monthSpan(lastMs, back);
    if (toMs <= firstMs) break;
    months.push(fromMs);
  }
  return months;
}

/** `November 2026`, `2026 年 11 月`. */
export function monthText(atMs: Millis, language: Language): string {
  const at = new Date(atMs);
  return language === 'zh'
    ? `${at.getFullYear()} 年 ${at.getMonth() + 1} 月`
    : `${MONTHS[at.getMonth()] ?? ''} ${at.getFullYear()}`;
}

/** `Fri 20`, `20 日 周五`. */
export function weekdayText(atMs: Millis, language: Language): string {
  const at = new Date(atMs);
  const weekday = WEEKDAYS[language][at.getDay()] ?? '';
  return language === 'zh' ? `${at.getDate()} 日 ${weekday}` : `${weekday} ${at.getDate()}`;
}

/** Starts of the local days from that of `fromMs` to before `toMs`; a day of 23 or 25 hours is one day. */
export function daysBetween(fromMs: Millis, toMs: Millis): Millis[] {
  const first = new Date(fromMs);
  const days: Millis[] = [];
  for (let day = 0; ; day++) {
    const atMs = new Date(first.getFullYear(), first.getMonth(), first.getDate() + day).getTime();
    if (atMs >= toMs) return days;
    days.push(atMs);
  }
}

export function nextDay(dayMs: Millis): Millis {
  const at = new Date(dayMs);
  return new Date(at.getFullYear(), at.getMonth(), at.getDate() + 1).getTime();
}

/** `2026-11-20` of a moment, as a field for a date holds it. */
export function dayField(atMs: Millis): string {
  return `${monthName(atMs)}-${String(new Date(atMs).getDate()).padStart(2, '0')}`;
}

/** The last moment of a local day written as `2026-11-20`. */
export function endOfDay(day: string): Millis {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + 1).getTime() - 1;
}
