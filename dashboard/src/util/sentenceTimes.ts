/** Times that the server wrote into a sentence, in the reader's own zone and as short as the reader needs them. */
import type { Language } from '@muster/shared/api/access.ts';
import type { Millis } from '@muster/shared/time.ts';
import { clockTime, dateTimeText, recordTime, sameDay } from './time.ts';

/** As the server writes them: `20 Nov 2026, 10:42:08 (+01:00)`, `2026-11-20 10:42:08（+01:00）`. */
const ENGLISH = /(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}), (\d{2}:\d{2}:\d{2}) \(([+-]\d{2}:\d{2})\)/g;
const CHINESE = /(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})（([+-]\d{2}:\d{2})）(?=(\p{Script=Han})?)/gu;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * A message carries date and zone of the machine; a page names its zone once. What is no time stays as it is.
 * `exact` keeps the seconds, for what was judged by them.
 */
export function withLocalTimes(sentence: string, nowMs: Millis, language: Language, exact = false): string {
  const shown = (iso: string, whole: string) => {
    const atMs = Date.parse(iso);
    if (Number.isNaN(atMs)) return whole;
    if (!exact) return recordTime(atMs, nowMs, language);
    return sameDay(atMs, nowMs) ? clockTime(atMs, true) : dateTimeText(atMs, language);
  };
  return sentence
    .replace(ENGLISH, (whole, day: string, month: string, year: string, clock: string, zone: string) => {
      const number = String(MONTHS.indexOf(month) + 1).padStart(2, '0');
      return shown(`${year}-${number}-${day.padStart(2, '0')}T${clock}${zone}`, whole);
    })
    .replace(CHINESE, (whole, day: string, clock: string, zone: string, next: string | undefined) => {
      const text = shown(`${day}T${clock}${zone}`, whole);
      return text === whole || next === undefined ? text : `${text} `;
    });
}
