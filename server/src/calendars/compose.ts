/** Hours as the availability calculation wants them: from the versions of calendars and from what was assigned when. Pure. */
import type { CalendarDay, CalendarHours } from '@muster/shared/api/calendars.ts';
import { invariant } from '@muster/shared/invariant.ts';
import { ALL_DAY } from '../availability/hours.ts';
import type { Hours, HoursVersion, MinuteRange } from '../availability/hours.ts';
import type { AssignmentRecord, CalendarRecord, StoredVersion } from './store.ts';

/** From a day on (null: since ever) a calendar holds. */
export interface Segment {
  readonly fromDay: string | null;
  readonly calendar: CalendarRecord | 'always';
}

const ALWAYS_VERSION: Omit<HoursVersion, 'fromDay'> = {
  zone: null,
  weekly: Array.from({ length: 7 }, () => [ALL_DAY]),
  days: new Map(),
};

/** `segments`: ascending by day, the first since ever. */
export function composed(segments: readonly Segment[]): Hours {
  if (segments.every(({ calendar }) => calendar === 'always')) return 'always';
  const [first, ...rest] = segments.flatMap((segment, i) =>
    versionsIn(segment, segments[i + 1]?.fromDay ?? null),
  );
  invariant(first, 'hours have a first segment');
  return { versions: [first, ...rest] };
}

function versionsIn({ fromDay, calendar }: Segment, untilDay: string | null): HoursVersion[] {
  if (calendar === 'always') return [{ ...ALWAYS_VERSION, fromDay }];
  const { versions } = calendar;
  const held = versions.findLast((one) => !isAfter(one.fromDay, fromDay)) ?? versions[0];
  invariant(held, 'a calendar has a version');
  const later = versions.filter(
    (one) => isAfter(one.fromDay, fromDay) && (untilDay === null || (one.fromDay ?? '') < untilDay),
  );
  return [versionOf(held, fromDay), ...later.map((one) => versionOf(one, one.fromDay))];
}

/** null is before all days. */
function isAfter(a: string | null, b: string | null): boolean {
  return a !== null && (b === null || a > b);
}

export function versionOf(stored: CalendarHours, fromDay: StoredVersion['fromDay']): HoursVersion {
  const { zone, weekly } = stored;
  return {
    fromDay,
    zone,
    weekly,
    days: new Map(stored.days.map((day) => [day.day, rangesOfDay(day, weekly)])),
  };
}

function rangesOfDay(
  { kind, likeWeekday, ranges }: CalendarDay,
  weekly: CalendarHours['weekly'],
): readonly MinuteRange[] {
  switch (kind) {
    case 'closed':
      return [];
    case 'workday':
      return weekly[likeWeekday - 1] ?? [];
    case 'hours':
      return ranges;
  }
}

/** What is assigned to one level and key on a day; null: nothing. `records` ascending by day. */
export function assignedOn(
  records: readonly AssignmentRecord[],
  day: string | null,
): AssignmentRecord | null {
  const held = records.findLast(({ fromDay }) => !isAfter(fromDay, day));
  return held === undefined || held.calendarId === null ? null : held;
}

/** Days on which the answer for a CI may change, of all that may be assigned to it; since ever first. */
export function changeDays(candidates: readonly (readonly AssignmentRecord[])[]): (string | null)[] {
  const days = new Set(candidates.flatMap((records) => records.flatMap(({ fromDay }) => fromDay ?? [])));
  return [null, ...[...days].sort()];
}
