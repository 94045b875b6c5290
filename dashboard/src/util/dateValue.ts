/** What a browser's field for a date or time holds, as pages say it. Pure. */
import type { Language } from '@muster/shared/api/access.ts';
import { dateText, dateTimeText } from './time.ts';

/** @param value of an `<input>`: `2026-03-04`, `2026-03-04T15:06`, `2026-03-04T15:06:07`, `15:06`; null for anything else */
export function dateValueText(value: string, language: Language): string | null {
  if (/^\d{2}:\d{2}/.test(value)) return value;
  const [day = '', clock = ''] = value.split('T');
  // Without a time it would be midnight of UTC, which is another day west of it.
  const atMs = Date.parse(clock === '' ? `${day}T00:00` : value);
  if (Number.isNaN(atMs)) return null;
  return clock === ''
    ? dateText(atMs, language)
    : dateTimeText(atMs, language, clock.length > 'hh:mm'.length);
}
