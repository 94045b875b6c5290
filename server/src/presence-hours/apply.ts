/** Makes a confirmed suggestion what is expected: a calendar and its assignment, or a tag. */
import { invariant } from '@muster/shared/invariant.ts';
import { toIso } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import { EXPECTATION_TAGS } from '../availability/expectation.ts';
import { AppError } from '../errors.ts';
import type { ApplyHours } from './hours.ts';
import type { SuggestionRecord } from './store.ts';
import { groupTitle } from './words.ts';

/** Around the clock: always there. */
const ALWAYS_CALENDAR_ID = 'always';

interface CalendarHours {
  /** null: of the machine. */
  zone: null;
  weekly: { fromMinute: number; toMinute: number }[][];
  days: [];
}

/** What is needed of the calendars. */
export interface HoursCalendars {
  create(name: string, hours: CalendarHours, by: string, nowMs: Millis): Promise<{ readonly id: string }>;
  assign(
    wish: { readonly level: 'class' | 'ci'; readonly key: string; readonly calendarId: string },
    by: string,
    nowMs: Millis,
  ): Promise<unknown>;
}

export interface ApplyDeps {
  readonly calendars: HoursCalendars;
  /** Adds and takes away tags of a machine. @throws AppError */
  readonly tag: (
    ciId: string,
    change: { readonly add: string; readonly remove: string },
    actor: string,
    nowMs: Millis,
  ) => Promise<void>;
}

export function createApplyHours({ calendars, tag }: ApplyDeps): ApplyHours {
  return async (suggestion, actor, nowMs) => {
    if (suggestion.kind === 'roaming') {
      const change = { add: EXPECTATION_TAGS.roaming, remove: EXPECTATION_TAGS.fixed };
      for (const ciId of suggestion.ciIds) await tag(ciId, change, actor, nowMs);
      return;
    }
    const calendarId =
      suggestion.kind === 'always'
        ? ALWAYS_CALENDAR_ID
        : await createCalendar(calendars, suggestion, actor, nowMs);
    // A whole class needs one assignment, and those who come later are included.
    if (suggestion.whole && suggestion.locationId === null) {
      await calendars.assign({ level: 'class', key: suggestion.class, calendarId }, actor, nowMs);
      return;
    }
    for (const key of suggestion.ciIds)
      await calendars.assign({ level: 'ci', key, calendarId }, actor, nowMs);
  };
}

/** Further calendars of one class and day are numbered. */
const NAMES_MAX = 50;

/** Its id. */
async function createCalendar(
  calendars: HoursCalendars,
  suggestion: SuggestionRecord,
  actor: string,
  nowMs: Millis,
): Promise<string> {
  const name = `${groupTitle(suggestion.class, null).en} ${toIso(nowMs).slice(0, 10)}`;
  for (let number = 1; ; number++) {
    try {
      const numbered = number === 1 ? name : `${name} (${number})`;
      return (await calendars.create(numbered, hoursOf(suggestion), actor, nowMs)).id;
    } catch (error) {
      const isTaken = error instanceof AppError && error.code === 'name-taken';
      if (!isTaken || number === NAMES_MAX) throw error;
    }
  }
}

/** In the zone of each machine: habits are of the clock on the wall. */
function hoursOf({ hours }: SuggestionRecord): CalendarHours {
  invariant(hours, 'a suggestion of hours has hours');
  return { zone: null, weekly: hours.map((range) => (range ? [range] : [])), days: [] };
}
