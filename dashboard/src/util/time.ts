/** Times and spans as people read them: relative for the recent, absolute in records, 24 h clock, local zone. */
import type { Language } from '@muster/shared/api/access.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Millis } from '@muster/shared/time.ts';
import type { Translate } from '../i18n/catalogue.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** ISO 8601 → ms; null stays null. */
export function millis(iso: string): Millis;
export function millis(iso: string | null | undefined): Millis | null;
export function millis(iso: string | null | undefined): Millis | null {
  return iso === null || iso === undefined ? null : Date.parse(iso);
}

const two = (value: number) => String(value).padStart(2, '0');

/** `10:42`, with seconds `10:42:08`. */
export function clockTime(atMs: Millis, seconds = false): string {
  const at = new Date(atMs);
  const text = `${two(at.getHours())}:${two(at.getMinutes())}`;
  return seconds ? `${text}:${two(at.getSeconds())}` : text;
}

/** `20 Nov 2026`, `2026-11-20`. */
export function dateText(atMs: Millis, language: Language): string {
  const at = new Date(atMs);
  return language === 'zh'
    ? `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
    : `${at.getDate()} ${MONTHS[at.getMonth()] ?? ''} ${at.getFullYear()}`;
}

/** Without the year: `20 Nov`, `11-20`. */
export function dayText(atMs: Millis, language: Language): string {
  const at = new Date(atMs);
  return language === 'zh'
    ? `${two(at.getMonth() + 1)}-${two(at.getDate())}`
    : `${at.getDate()} ${MONTHS[at.getMonth()] ?? ''}`;
}

/** `20 Nov 2026, 10:42:08` / `2026-11-20 10:42:08`. */
export function dateTimeText(atMs: Millis, language: Language, seconds = true): string {
  return `${dateText(atMs, language)}${language === 'zh' ? ' ' : ', '}${clockTime(atMs, seconds)}`;
}

/** Time for a record read soon: the clock today, day and clock this year, else the whole date. */
export function recordTime(atMs: Millis, nowMs: Millis, language: Language): string {
  if (sameDay(atMs, nowMs)) return clockTime(atMs);
  if (new Date(atMs).getFullYear() === new Date(nowMs).getFullYear()) {
    return `${dayText(atMs, language)} ${clockTime(atMs)}`;
  }
  return dateTimeText(atMs, language, false);
}

export function sameDay(aMs: Millis, bMs: Millis): boolean {
  return new Date(aMs).toDateString() === new Date(bMs).toDateString();
}

export function startOfDay(atMs: Millis): Millis {
  const at = new Date(atMs);
  return new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
}

/** By the local day in which they fall; days and the things of a day in the order in which they come. */
export function byDay<T>(things: readonly T[], atOf: (thing: T) => Millis): [dayMs: Millis, ofDay: T[]][] {
  const days = new Map<Millis, T[]>();
  for (const thing of things) {
    const dayMs = startOfDay(atOf(thing));
    const ofDay = days.get(dayMs);
    if (ofDay) ofDay.push(thing);
    else days.set(dayMs, [thing]);
  }
  return [...days];
}

export function startOfMonth(atMs: Millis): Millis {
  const at = new Date(atMs);
  return new Date(at.getFullYear(), at.getMonth(), 1).getTime();
}

/** `UTC+8`, `UTC−3:30`, `UTC`. */
export function zoneText(atMs: Millis): string {
  const minutes = -new Date(atMs).getTimezoneOffset();
  if (minutes === 0) return 'UTC';
  const size = Math.abs(minutes);
  const rest = size % 60 === 0 ? '' : `:${two(size % 60)}`;
  return `UTC${minutes > 0 ? '+' : '−'}${Math.floor(size / 60)}${rest}`;
}

/** A length of time in its two largest units: `0.8 s`, `42 s`, `3 min 52 s` (`exact`), `11 min`, `3 h 10 min`, `19 d 4 h`. */
export function spanText(ms: number, t: Translate, exact = false): string {
  const size = Math.max(0, ms);
  if (size < 9_950) return t('time.seconds', { value: (size / SECOND_MS).toFixed(1) });
  if (size < MINUTE_MS - 500) return t('time.seconds', { value: Math.round(size / SECOND_MS) });
  if (size < HOUR_MS) {
    const minutes = Math.floor(size / MINUTE_MS);
    const seconds = Math.floor((size % MINUTE_MS) / SECOND_MS);
    if (exact && seconds > 0) return t('time.minutesSeconds', { a: minutes, b: seconds });
    return t('time.minutes', { value: Math.max(1, minutes) });
  }
  if (size < DAY_MS) {
    const minutes = Math.floor((size % HOUR_MS) / MINUTE_MS);
    const hours = Math.floor(size / HOUR_MS);
    return minutes === 0
      ? t('time.hours', { value: hours })
      : t('time.hoursMinutes', { a: hours, b: minutes });
  }
  const days = Math.floor(size / DAY_MS);
  const hours = Math.floor((size % DAY_MS) / HOUR_MS);
  if (days >= 30 || hours === 0) return t('time.days', { value: days });
  return t('time.daysHours', { a: days, b: hours });
}

/** The same, whole seconds below a minute: for values that do not change by tenths. */
export function wholeSpanText(ms: number, t: Translate): string {
  return ms < MINUTE_MS
    ? t('time.seconds', { value: Math.max(0, Math.round(ms / SECOND_MS)) })
    : spanText(ms, t);
}

/** A countdown: `3:52`, from an hour on without seconds: `7 h 39 min`, `2 d 21 h`. */
export function countdownText(ms: number, t: Translate): string {
  if (ms >= HOUR_MS) return spanText(ms, t);
  const seconds = Math.floor(Math.max(0, ms) / SECOND_MS);
  return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
}

/** `11 min ago`; below a second `just now`. */
export function agoText(atMs: Millis, nowMs: Millis, t: Translate): string {
  const ageMs = nowMs - atMs;
  return ageMs < SECOND_MS ? t('time.justNow') : t('time.ago', { span: wholeSpanText(ageMs, t) });
}
