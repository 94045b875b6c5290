/** What is read from a file of days that differ, and what could not be read. */
import type { CalendarDay } from '@muster/shared/api/calendars.ts';
import type { Words } from '@muster/shared/api/incidents.ts';

export interface ReadDay extends CalendarDay {
  readonly line: number;
}
export interface ReadProblem {
  readonly line: number;
  readonly words: Words;
}
export interface ReadDays {
  readonly days: readonly ReadDay[];
  readonly problems: readonly ReadProblem[];
}

const SHOWN_CHARS_MAX = 40;
export function short(text: string): string {
  return text.length > SHOWN_CHARS_MAX ? `${text.slice(0, SHOWN_CHARS_MAX)}…` : text;
}
