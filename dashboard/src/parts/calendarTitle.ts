/** What a calendar is called: those that are always there in the reader's language. */
import { ALWAYS_CALENDAR_ID, OFFICE_CALENDAR_ID } from '@muster/shared/api/calendars.ts';
import type { Translate } from '../i18n/catalogue.ts';

/** As the server names it until somebody gives it another name. */
const OFFICE_NAME = 'Office hours';

export function calendarTitle(
  { id, name }: { readonly id: string; readonly name: string },
  t: Translate,
): string {
  if (id === ALWAYS_CALENDAR_ID) return t('calendars.builtIn.always');
  return id === OFFICE_CALENDAR_ID && name === OFFICE_NAME ? t('calendars.builtIn.office') : name;
}
