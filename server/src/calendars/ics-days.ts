/** Days that differ, from an iCalendar file. Apart, so that its reader is loaded by those who have such a file. */
import { readIcs } from './ics.ts';
import { bounded } from './import-days.ts';
import type { ReadDays } from './read-days.ts';

/** @param years first and last year into which yearly events are repeated */
export function daysOfIcs(text: string, years: readonly [first: number, last: number]): ReadDays {
  return bounded(readIcs(text, years));
}
