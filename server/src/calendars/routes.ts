/** HTTP operations of service hours. */
import { CALENDAR_FILE_BYTES_MAX, CALENDAR_FILE_PROBLEMS_MAX } from '@muster/shared/api/calendars.ts';
import type { Calendar, CalendarAssignment, CalendarSummary } from '@muster/shared/api/calendars.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { type Millis, toIso } from '@muster/shared/time.ts';
import { expectationOf, stretchAt, usableZone } from '../availability/expectation.ts';
import type { ExpectedCi } from '../availability/expectation.ts';
import { weeklyMinutes } from '../availability/hours.ts';
import type { CiDirectory } from '../cmdb/directory.ts';
import { AppError } from '../errors.ts';
import type { Routes } from '../http/routes.ts';
import type { NodeDirectory } from '../relations/nodes.ts';
import { dayIn } from './calendars.ts';
import type { Calendars } from './calendars.ts';
import { assignedOn, versionOf } from './compose.ts';
import { stateOf } from './import-days.ts';
import { readDaysFile } from './read-file.ts';
import type { AssignmentRecord, CalendarRecord, StoredVersion } from './store.ts';

interface CalendarRouteDeps {
  readonly calendars: Calendars;
  readonly directory: CiDirectory;
  readonly nodes: Pick<NodeDirectory, 'get' | 'all'>;
}

export function addCalendarRoutes(routes: Routes, deps: CalendarRouteDeps): void {
  const { calendars, directory, nodes } = deps;

  /** Machines, and services that are not machines. */
  function* expectedCis(): Generator<ExpectedCi> {
    yield* directory.all();
    for (const node of nodes.all())
      if (node.class === 'Service' || node.class === 'BusinessApplication')
        yield { id: node.id, class: node.class, tags: [] };
  }

  function usage(nowMs: Millis) {
    const day = dayIn(null, nowMs);
    const byCalendar = new Map<string, number>();
    const byAssignment = new Map<string, number>();
    const count = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);
    for (const ci of expectedCis()) {
      const { calendarId, setBy } = calendars.sourceOf(ci, day);
      count(byCalendar, calendarId);
      if (setBy) count(byAssignment, setBy.id);
    }
    return { day, byCalendar, byAssignment };
  }

  function base(calendar: CalendarRecord, used: ReturnType<typeof usage>): Omit<CalendarSummary, 'days'> {
    const version = versionOn(calendar, used.day);
    return {
      id: calendar.id,
      name: calendar.name,
      zone: version.zone,
      weekly: version.weekly.map((ranges) => ranges.map((range) => ({ ...range }))),
      weeklyMinutes: weeklyMinutes(versionOf(version, null)),
      builtIn: calendar.id === 'always' || calendar.id === 'office',
      usedBy: used.byCalendar.get(calendar.id) ?? 0,
      assignments: inForce(calendars.assignments(), used.day).filter(
        ({ calendarId }) => calendarId === calendar.id,
      ).length,
      updatedAt: calendar.updatedAtMs === null ? null : toIso(calendar.updatedAtMs),
      revision: calendar.revision,
    };
  }

  function whole(calendar: CalendarRecord, nowMs: Millis): Calendar {
    return {
      ...base(calendar, usage(nowMs)),
      versions: calendar.versions.map(({ atMs, ...version }) => ({
        ...structuredClone(version),
        at: toIso(atMs),
      })),
    };
  }

  const nameOf = ({ level, key }: Pick<AssignmentRecord, 'level' | 'key'>): string =>
    level === 'class' || level === 'tag' ? key : (nodes.get(key)?.name ?? key);
  const calendarName = (id: string): string => calendars.all().find((one) => one.id === id)?.name ?? id;

  function assignmentView(record: AssignmentRecord, used: ReturnType<typeof usage>): CalendarAssignment {
    const { atMs, ...rest } = record;
    const isInForce = inForce(calendars.assignments(), used.day).some(({ id }) => id === record.id);
    return {
      ...rest,
      keyName: nameOf(record),
      calendarName: record.calendarId === null ? null : calendarName(record.calendarId),
      at: toIso(atMs),
      inForce: isInForce,
      usedBy: used.byAssignment.get(record.id) ?? 0,
    };
  }

  routes.add(ENDPOINTS.listCalendars, async (_input, { nowMs }) => {
    const used = usage(nowMs);
    return {
      items: calendars
        .all()
        .map((one) => ({ ...base(one, used), days: versionOn(one, used.day).days.length })),
    };
  });

  routes.add(ENDPOINTS.getServiceHours, async ({ query }, { nowMs }) => {
    const entry = directory.get(query.ci);
    const node = nodes.get(query.ci);
    if (!entry && !node) throw new AppError('not-found', `There is no machine and no service ${query.ci}.`);
    const ci: ExpectedCi = entry ?? { id: query.ci, class: node?.class ?? '', tags: [] };
    const day = dayIn(entry?.timeZone ?? null, nowMs);
    const { setBy, assigned, calendarId } = calendars.sourceOf(ci, day);
    const zone = versionOn(calendars.get(calendarId), day).zone;
    const stretch = stretchAt(calendars.expectations.of(ci), entry?.timeZone ?? null, nowMs);
    return {
      calendarId,
      calendarName: calendarName(calendarId),
      zone: zone ?? usableZone(entry?.timeZone ?? null),
      zoneOfMachine: zone === null,
      roaming: expectationOf(ci).roaming,
      setBy: setBy
        ? { level: setBy.level, key: setBy.key, keyName: nameOf(setBy) }
        : { level: 'default' as const, key: ci.class, keyName: ci.class },
      assigned: assigned.flatMap(({ level, key, calendarId: id }) =>
        id === null
          ? []
          : [{ level, key, keyName: nameOf({ level, key }), calendarId: id, calendarName: calendarName(id) }],
      ),
      inHours: stretch.inHours,
      changesAt: stretch.toMs === Infinity ? null : toIso(stretch.toMs),
    };
  });

  routes.add(ENDPOINTS.listCalendarAssignments, async (_input, { nowMs }) => {
    const used = usage(nowMs);
    return { items: calendars.assignments().map((record) => assignmentView(record, used)) };
  });

  routes.add(ENDPOINTS.assignCalendar, async ({ body }, { actor, nowMs }) =>
    assignmentView(await calendars.assign(body, actor.name, nowMs), usage(nowMs)),
  );

  routes.add(ENDPOINTS.getCalendar, async ({ params }, { nowMs }) => whole(calendars.get(params.id), nowMs));

  routes.add(ENDPOINTS.createCalendar, async ({ body }, { actor, nowMs }) => {
    const { name, ...hours } = body;
    return whole(await calendars.create(name, hours, actor.name, nowMs), nowMs);
  });

  routes.add(ENDPOINTS.updateCalendar, async ({ params, body }, { actor, nowMs }) => {
    const { name, fromDay, later, note, revision, ...hours } = body;
    const change = { name, hours, fromDay, later, note, revision };
    return whole(await calendars.update(params.id, change, actor.name, nowMs), nowMs);
  });

  routes.add(ENDPOINTS.deleteCalendar, async ({ params }, { nowMs }) => {
    await calendars.remove(params.id, nowMs);
    return {};
  });

  routes.add(ENDPOINTS.previewCalendarImport, async ({ params, body }, { nowMs }) => {
    const calendar = calendars.get(params.id);
    const content = Buffer.from(body.contentBase64, 'base64');
    if (content.byteLength > CALENDAR_FILE_BYTES_MAX)
      throw new AppError('body-too-large', `A file may have ${CALENDAR_FILE_BYTES_MAX} bytes.`);
    const { format, read } = await readDaysFile(content, nowMs);
    const held = new Map(versionOn(calendar, dayIn(null, nowMs)).days.map((day) => [day.day, day]));
    const seen = new Set<string>();
    const days = read.days.map((day) => {
      const isRepeated = seen.has(day.day);
      seen.add(day.day);
      return { ...day, ranges: [...day.ranges], state: stateOf(day, held.get(day.day), isRepeated) };
    });
    return {
      format,
      days,
      problems: read.problems.slice(0, CALENDAR_FILE_PROBLEMS_MAX).map(({ line, words }) => ({
        line,
        words: { ...words },
      })),
      problemsBeyond: Math.max(0, read.problems.length - CALENDAR_FILE_PROBLEMS_MAX),
    };
  });
}

/** The version that holds on a day. */
export function versionOn({ versions }: CalendarRecord, day: string): StoredVersion {
  const held = versions.findLast(({ fromDay }) => fromDay === null || fromDay <= day) ?? versions[0];
  if (!held) throw new AppError('server-error', 'A calendar has no version.');
  return held;
}

/** Of each level and key what holds on a day. */
function inForce(records: readonly AssignmentRecord[], day: string): AssignmentRecord[] {
  const places = Map.groupBy(records, ({ level, key }) => `${level} ${key}`);
  return [...places.values()].flatMap((list) => assignedOn(list, day) ?? []);
}
