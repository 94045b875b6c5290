/** Makes a confirmed suggestion what is expected: a calendar and its assignment, or a tag. */
import { invariant } from '@muster/shared/invariant.ts';
import { toIso } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import { EXPECTATION_TAGS } from '../availability/expectation.ts';
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
        : (await calendars.create(nameOf(suggestion, nowMs), hoursOf(suggestion), actor, nowMs)).id;
    // A whole class needs one assignment, and those who come later are included.
    if (suggestion.whole && suggestion.locationId === null) {
      await calendars.assign({ level: 'class', key: suggestion.class, calendarId }, actor, nowMs);
      return;
    }
    for (const key of suggestion.ciIds)
      await calendars.assign({ level: 'ci', key, calendarId }, actor, nowMs);
  };
}

/** Unique: no two are confirmed in one group on one day with equal ids. */
function nameOf({ class: name, id }: SuggestionRecord, nowMs: Millis): string {
  return `${groupTitle(name, null).en} ${toIso(nowMs).slice(0, 10)} ${id.slice(-6)}`;
}

/** In the zone of each machine: habits are of the clock on the wall. */
function hoursOf({ hours }: SuggestionRecord): CalendarHours {
  invariant(hours, 'a suggestion of hours has hours');
  return { zone: null, weekly: hours.map((range) => (range ? [range] : [])), days: [] };
}
