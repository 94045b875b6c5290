/** Makes a confirmed suggestion what is expected: a calendar and its assignment, or a tag. */
import { invariant } from '@muster/shared/invariant.ts';
import { toIso } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import { EXPECTATION_TAGS } from '../availability/expectation.ts';
import { dayIn } from '../calendars/calendars.ts';
import { AppError } from '../errors.ts';
import type { ApplyHours } from './hours.ts';
import type { BeforeSuggestion, SuggestionRecord } from './store.ts';
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
    wish: {
      readonly level: 'class' | 'ci';
      readonly key: string;
      readonly calendarId: string | null;
      readonly later: 'keep';
    },
    by: string,
    nowMs: Millis,
  ): Promise<unknown>;
  /** What is assigned where, and from which day on; ascending by day, null first. */
  assignments(): readonly {
    readonly level: string;
    readonly key: string;
    readonly calendarId: string | null;
    readonly fromDay: string | null;
  }[];
}

export interface ApplyDeps {
  readonly calendars: HoursCalendars;
  /** Adds and takes away tags of a machine. @throws AppError */
  readonly tag: (
    ciId: string,
    change: { readonly add: string | null; readonly remove: string },
    actor: string,
    nowMs: Millis,
  ) => Promise<void>;
  readonly tagsOf: (ciId: string) => readonly string[];
}

export function createApplyHours({ calendars, tag, tagsOf }: ApplyDeps): ApplyHours {
  const { roaming, fixed } = EXPECTATION_TAGS;

  /** What is said of it today; one that begins later stays as it is. */
  function calendarOf(level: string, key: string, nowMs: Millis): string | null {
    const today = dayIn(null, nowMs);
    const said = calendars.assignments().filter((one) => one.level === level && one.key === key);
    return said.findLast(({ fromDay }) => fromDay === null || fromDay <= today)?.calendarId ?? null;
  }

  async function applied(
    suggestion: SuggestionRecord,
    actor: string,
    nowMs: Millis,
  ): Promise<BeforeSuggestion> {
    if (suggestion.kind === 'roaming') {
      const untagged = suggestion.ciIds.filter((ciId) => !tagsOf(ciId).includes(roaming));
      const tagged = untagged.map((ciId) => ({ ciId, lost: tagsOf(ciId).includes(fixed) ? fixed : null }));
      for (const ciId of untagged) await tag(ciId, { add: roaming, remove: fixed }, actor, nowMs);
      return { assigned: [], tagged };
    }
    const calendarId =
      suggestion.kind === 'always'
        ? ALWAYS_CALENDAR_ID
        : await createCalendar(calendars, suggestion, actor, nowMs);
    // A whole class needs one assignment, and those who come later are included.
    const isWhole = suggestion.whole && suggestion.locationId === null;
    const level = isWhole ? 'class' : 'ci';
    const keys = isWhole ? [suggestion.class] : suggestion.ciIds;
    const assigned = keys.map((key) => ({ level, key, calendarId: calendarOf(level, key, nowMs) }) as const);
    for (const key of keys) await calendars.assign({ level, key, calendarId, later: 'keep' }, actor, nowMs);
    return { assigned, tagged: [] };
  }

  return {
    apply: applied,
    undo: async ({ assigned, tagged }, actor, nowMs) => {
      for (const one of assigned) await calendars.assign({ ...one, later: 'keep' }, actor, nowMs);
      for (const { ciId, lost } of tagged) await tag(ciId, { add: lost, remove: roaming }, actor, nowMs);
    },
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
