/** Service hours: keeps calendars and assignments, says what is expected of each CI and who says so. */
import {
  ALWAYS_CALENDAR_ID,
  ASSIGNMENTS_MAX,
  CALENDAR_VERSIONS_MAX,
  CALENDARS_MAX,
  OFFICE_CALENDAR_ID,
} from '@muster/shared/api/calendars.ts';
import type { AssignmentLevel, CalendarHours, LaterChoice } from '@muster/shared/api/calendars.ts';
import { CI_CLASSES, isMachineClass } from '@muster/shared/cmdb/classes.ts';
import { invariant } from '@muster/shared/invariant.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import { expectationOf, EXPECTATION_TAGS, OFFICE_HOURS, usableZone } from '../availability/expectation.ts';
import type { ExpectedCi, Expectations } from '../availability/expectation.ts';
import type { Hours } from '../availability/hours.ts';
import { AppError } from '../errors.ts';
import type { Membership } from '../relations/membership.ts';
import type { NodeDirectory } from '../relations/nodes.ts';
import { assignedOn, changeDays, composed } from './compose.ts';
import type { Segment } from './compose.ts';
import type { AssignmentRecord, CalendarRecord, CalendarStore } from './store.ts';

export interface CalendarsDeps {
  readonly store: CalendarStore;
  readonly nodes: Pick<NodeDirectory, 'get'>;
  readonly membership: Membership;
  readonly newId: (prefix: string, nowMs: Millis) => string;
}

/** Who set the hours of a CI, and what else is assigned to it, the nearest first. */
export interface HoursSource {
  /** null: nothing is assigned, the hours of its class hold. */
  readonly setBy: AssignmentRecord | null;
  readonly assigned: readonly AssignmentRecord[];
  /** An id, or `always`. */
  readonly calendarId: string;
}

export interface Calendars {
  readonly expectations: Expectations;
  /** On a day; null: since ever. */
  sourceOf(ci: ExpectedCi, day: string): HoursSource;
  all(): readonly CalendarRecord[];
  /** @throws AppError not-found */
  get(id: string): CalendarRecord;
  assignments(): readonly AssignmentRecord[];
  /** @throws AppError input-invalid, name-taken */
  create(name: string, hours: CalendarHours, by: string, nowMs: Millis): Promise<CalendarRecord>;
  /** `fromDay` undefined: today. @throws AppError not-found, conflict, name-taken, input-invalid, transition-not-allowed */
  update(id: string, change: CalendarChange, by: string, nowMs: Millis): Promise<CalendarRecord>;
  /** @throws AppError not-found, transition-not-allowed */
  remove(id: string, nowMs: Millis): Promise<void>;
  /** @throws AppError not-found, input-invalid, conflict */
  assign(
    wish: Pick<AssignmentRecord, 'level' | 'key' | 'calendarId'> & {
      readonly fromDay?: string | null | undefined;
      readonly later?: LaterChoice | undefined;
    },
    by: string,
    nowMs: Millis,
  ): Promise<AssignmentRecord>;
  /** Tells of changed relations, some seconds after them and all at once. */
  tick(nowMs: Millis): void;
}

export interface CalendarChange {
  readonly name: string;
  readonly hours: CalendarHours;
  readonly fromDay?: string | null | undefined;
  readonly later?: LaterChoice | undefined;
  readonly note: string;
  readonly revision: number;
}

/** Relations change in bursts. */
const RELATIONS_SETTLE_MS = 10 * SECOND_MS;

const ALWAYS: CalendarRecord = {
  id: ALWAYS_CALENDAR_ID,
  name: '24×7',
  versions: [
    {
      fromDay: null,
      zone: null,
      weekly: Array.from({ length: 7 }, () => [{ fromMinute: 0, toMinute: 1_440 }]),
      days: [],
      note: '',
      by: 'system',
      atMs: 0,
    },
  ],
  revision: 0,
  updatedAtMs: null,
};
const OFFICE: CalendarRecord = {
  id: OFFICE_CALENDAR_ID,
  name: 'Office hours',
  versions: [
    {
      fromDay: null,
      zone: null,
      weekly: OFFICE_HOURS.versions[0].weekly.map((ranges) => ranges.map((range) => ({ ...range }))),
      days: [],
      note: '',
      by: 'system',
      atMs: 0,
    },
  ],
  revision: 0,
  updatedAtMs: null,
};

export async function createCalendars({
  store,
  nodes,
  membership,
  newId,
}: CalendarsDeps): Promise<Calendars> {
  const calendars = new Map<string, CalendarRecord>([
    [ALWAYS.id, ALWAYS],
    [OFFICE.id, OFFICE],
    ...(await store.calendars()).map((one) => [one.id, one] as const),
  ]);
  /** By level and key, ascending by day. */
  const assigned = new Map<string, AssignmentRecord[]>();
  const hoursBySegments = new Map<string, Hours>();
  const listeners: ((nowMs: Millis) => void)[] = [];
  let relationsChanged = false;
  let toldMs = -Infinity;
  for (const record of await store.assignments()) {
    const key = keyOf(record);
    assigned.set(key, [...(assigned.get(key) ?? []), record]);
  }
  membership.onChange(() => {
    relationsChanged = true;
  });

  const uses = (level: AssignmentLevel) => [...assigned.values()].some(([first]) => first?.level === level);
  let usesLocations = uses('location');
  let usesServices = uses('service');

  function changed(nowMs: Millis): void {
    usesLocations = uses('location');
    usesServices = uses('service');
    // Hours of calendars as they were are worked out no more; those that stay keep their object.
    for (const key of hoursBySegments.keys())
      if (!key.split(' ').every(isPresent)) hoursBySegments.delete(key);
    for (const listener of listeners) listener(nowMs);
  }

  function isPresent(segmentKey: string): boolean {
    const [, id = '', revision] = segmentKey.split('|');
    return String(calendars.get(id)?.revision) === revision;
  }

  /** Everything that may be assigned to a CI, the nearest first. */
  function candidates({ id, class: ciClass, tags }: ExpectedCi): (readonly AssignmentRecord[])[] {
    const found: (readonly AssignmentRecord[])[] = [];
    const add = (level: AssignmentLevel, key: string) => {
      const records = assigned.get(keyOf({ level, key }));
      if (records) found.push(records);
      else if (level === 'tag' && key === EXPECTATION_TAGS.always) found.push([ALWAYS_BY_TAG]);
    };
    add('ci', id);
    if (usesServices) for (const key of [id, ...membership.servicesOf(id)]) add('service', key);
    if (usesLocations) for (const key of [id, ...membership.locationsOf(id)]) add('location', key);
    for (const tag of [...tags].sort()) add('tag', tag);
    add('class', ciClass);
    return found;
  }

  function defaultId(ciClass: string): string {
    return expectationOf({ class: ciClass, tags: [] }).hours === 'always' ? ALWAYS.id : OFFICE.id;
  }

  function calendarOn(
    found: readonly (readonly AssignmentRecord[])[],
    ciClass: string,
    day: string | null,
  ): string {
    for (const records of found) {
      const held = assignedOn(records, day);
      if (held?.calendarId != null && calendars.has(held.calendarId)) return held.calendarId;
    }
    return defaultId(ciClass);
  }

  function hoursOf(ci: ExpectedCi): Hours {
    const found = candidates(ci);
    const parts: { fromDay: string | null; id: string }[] = [];
    for (const fromDay of changeDays(found)) {
      const id = calendarOn(found, ci.class, fromDay);
      if (parts.at(-1)?.id !== id) parts.push({ fromDay, id });
    }
    const key = parts
      .map(({ fromDay, id }) => `${fromDay ?? ''}|${id}|${calendars.get(id)?.revision}`)
      .join(' ');
    const known = hoursBySegments.get(key);
    if (known !== undefined) return known;
    const made = composed(parts.map(({ fromDay, id }): Segment => ({ fromDay, calendar: calendarOf(id) })));
    hoursBySegments.set(key, made);
    return made;
  }

  function calendarOf(id: string): Segment['calendar'] {
    if (id === ALWAYS.id) return 'always';
    const calendar = calendars.get(id);
    invariant(calendar, 'only calendars that are there are looked up');
    return calendar;
  }

  function get(id: string): CalendarRecord {
    const calendar = calendars.get(id);
    if (!calendar) throw new AppError('not-found', `There is no calendar ${id}.`);
    return calendar;
  }

  function requireFreeName(name: string, ownId: string | null): void {
    for (const other of calendars.values())
      if (other.id !== ownId && other.name.toLowerCase() === name.toLowerCase())
        throw new AppError('name-taken', `There is a calendar ${other.name} already.`);
  }

  function requireKey(level: AssignmentLevel, key: string): void {
    if (level === 'tag') return;
    if (level === 'class') {
      if (!(key in CI_CLASSES)) throw new AppError('not-found', `There is no class ${key}.`);
      return;
    }
    const node = nodes.get(key);
    const fits =
      node !== undefined &&
      (level === 'location'
        ? node.class === 'Location'
        : level === 'service'
          ? isService(node.class)
          : isMachineClass(node.class) || isService(node.class));
    if (!fits)
      throw new AppError('not-found', `There is no ${level === 'ci' ? 'machine or service' : level} ${key}.`);
  }

  async function put(calendar: CalendarRecord, nowMs: Millis): Promise<CalendarRecord> {
    await store.putCalendar(calendar);
    calendars.set(calendar.id, calendar);
    changed(nowMs);
    return calendar;
  }

  return {
    expectations: {
      of: (ci) => ({ hours: hoursOf(ci), roaming: expectationOf(ci).roaming }),
      onChange: (listener) => void listeners.push(listener),
    },
    sourceOf(ci, day) {
      const all = candidates(ci).flatMap((records) => assignedOn(records, day) ?? []);
      const setBy = all.find(({ calendarId }) => calendarId !== null && calendars.has(calendarId)) ?? null;
      return { setBy, assigned: all, calendarId: setBy?.calendarId ?? defaultId(ci.class) };
    },
    all: () => [...calendars.values()].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name)),
    get,
    assignments: () => [...assigned.values()].flat(),
    async create(name, hours, by, nowMs) {
      if (calendars.size >= CALENDARS_MAX)
        throw new AppError('input-invalid', `${CALENDARS_MAX} calendars are the most.`);
      requireFreeName(name, null);
      requireZone(hours.zone);
      const version = { ...tidy(hours), fromDay: null, note: '', by, atMs: nowMs };
      return put(
        { id: newId('cal', nowMs), name, versions: [version], revision: 1, updatedAtMs: nowMs },
        nowMs,
      );
    },
    async update(id, { name, hours, fromDay, later, note, revision }, by, nowMs) {
      const before = get(id);
      if (id === ALWAYS.id) throw new AppError('transition-not-allowed', 'Around the clock stays as it is.');
      if (before.revision !== revision)
        throw new AppError('conflict', `${before.name} was changed meanwhile.`);
      requireFreeName(name, id);
      requireZone(hours.zone);
      const day = fromDay === undefined ? dayIn(hours.zone, nowMs) : fromDay;
      const [kept, planned] = around(before.versions, day, later, name);
      const versions = [
        ...kept,
        { ...tidy(hours), fromDay: kept.length === 0 ? null : day, note, by, atMs: nowMs },
        ...planned,
      ];
      if (versions.length > CALENDAR_VERSIONS_MAX)
        throw new AppError('input-invalid', `A calendar has ${CALENDAR_VERSIONS_MAX} versions at the most.`);
      return put({ id, name, versions, revision: before.revision + 1, updatedAtMs: nowMs }, nowMs);
    },
    async remove(id, nowMs) {
      const { name } = get(id);
      if (id === ALWAYS.id || id === OFFICE.id)
        throw new AppError('transition-not-allowed', `${name} is always there.`);
      // What once was agreed by it would be worked out otherwise without it.
      if ([...assigned.values()].flat().some(({ calendarId }) => calendarId === id))
        throw new AppError('transition-not-allowed', `${name} is or was assigned; assign another instead.`);
      await store.deleteCalendar(id);
      calendars.delete(id);
      changed(nowMs);
    },
    async assign({ level, key, calendarId, fromDay, later }, by, nowMs) {
      requireKey(level, key);
      if (calendarId !== null) get(calendarId);
      const records = assigned.get(keyOf({ level, key })) ?? [];
      const day = fromDay === undefined ? dayIn(null, nowMs) : fromDay;
      const [kept, planned] = around(records, day, later, key);
      const total = [...assigned.values()].reduce((sum, list) => sum + list.length, 0);
      if (total >= ASSIGNMENTS_MAX)
        throw new AppError('input-invalid', `${ASSIGNMENTS_MAX} assignments are the most.`);
      const record = { id: newId('hrs', nowMs), level, key, calendarId, fromDay: day, by, atMs: nowMs };
      const next = [...kept, record, ...planned];
      await store.putAssignments(level, key, next);
      assigned.set(keyOf({ level, key }), next);
      changed(nowMs);
      return record;
    },
    tick(nowMs) {
      if (!relationsChanged || nowMs - toldMs < RELATIONS_SETTLE_MS) return;
      relationsChanged = false;
      toldMs = nowMs;
      if (usesLocations || usesServices) for (const listener of listeners) listener(nowMs);
    },
  };
}

/** The tag that was there before calendars could be assigned. */
const ALWAYS_BY_TAG: AssignmentRecord = {
  id: 'tag-24x7',
  level: 'tag',
  key: EXPECTATION_TAGS.always,
  calendarId: ALWAYS_CALENDAR_ID,
  fromDay: null,
  by: 'system',
  atMs: 0,
};

function keyOf({ level, key }: Pick<AssignmentRecord, 'level' | 'key'>): string {
  return `${level} ${key}`;
}

function rank({ id }: CalendarRecord): number {
  return id === ALWAYS_CALENDAR_ID ? 0 : id === OFFICE_CALENDAR_ID ? 1 : 2;
}

function isService(ciClass: string): boolean {
  return ciClass === 'Service' || ciClass === 'BusinessApplication';
}

/** What stays before a change that holds from a day on, and after it. @throws AppError conflict */
function around<T extends { readonly fromDay: string | null }>(
  held: readonly T[],
  day: string | null,
  later: LaterChoice | undefined,
  name: string,
): [before: T[], after: T[]] {
  const before = held.filter(({ fromDay }) => day !== null && (fromDay ?? '') < day);
  const after = held.filter(({ fromDay }) => fromDay !== null && (day === null || fromDay > day));
  const next = after[0]?.fromDay;
  if (next != null && later === undefined)
    throw new AppError('conflict', `${name} is agreed otherwise from ${next} on: say whether that stays.`);
  return [before, later === 'replace' ? [] : after];
}

/** Days ascending, each once: the last of equal ones counts. Ranges ascending. */
function tidy({ zone, weekly, days }: CalendarHours): CalendarHours {
  const inOrder = (ranges: CalendarHours['weekly'][number]) =>
    ranges.toSorted((a, b) => a.fromMinute - b.fromMinute);
  const byDay = new Map(days.map((day) => [day.day, { ...day, ranges: inOrder(day.ranges) }]));
  return {
    zone,
    weekly: weekly.map(inOrder),
    days: [...byDay.values()].sort((a, b) => (a.day < b.day ? -1 : 1)),
  };
}

function requireZone(zone: string | null): void {
  if (zone !== null && usableZone(zone) !== zone)
    throw new AppError('input-invalid', `${zone} is no time zone (IANA name).`);
}

/** ISO date now in a zone; null: the server's own. */
export function dayIn(zone: string | null, nowMs: Millis): string {
  return Temporal.Instant.fromEpochMilliseconds(nowMs)
    .toZonedDateTimeISO(usableZone(zone))
    .toPlainDate()
    .toString();
}
