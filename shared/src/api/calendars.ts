/** Service hours calendars: when what is agreed to work, the days that differ, and who uses which. */
import { z } from 'zod';
import { endpoint, IdParams, IsoTime } from './endpoint.ts';

export const CALENDARS_MAX = 500;
export const CALENDAR_NAME_MAX = 100;
export const CALENDAR_DAYS_MAX = 3_000;
export const CALENDAR_VERSIONS_MAX = 200;
export const RANGES_PER_DAY_MAX = 8;
export const ASSIGNMENTS_MAX = 5_000;
export const CALENDAR_FILE_BYTES_MAX = 512 * 1024;
export const CALENDAR_FILE_PROBLEMS_MAX = 200;

/** Always there, and never changed: around the clock. */
export const ALWAYS_CALENDAR_ID = 'always';
/** Always there, and may be changed: Monday to Friday, 08 to 18, in the zone of the machine. */
export const OFFICE_CALENDAR_ID = 'office';

/** ISO date of a day that exists. */
export const CalendarDate = z.iso.date();

/** Minutes from midnight, half-open; `toMinute` over 1440 ends on the day after. Hours belong to the day they begin on. */
export const MinuteRange = z
  .object({
    fromMinute: z.number().int().min(0).max(1_439),
    toMinute: z.number().int().min(1).max(2_880),
  })
  .refine(({ fromMinute, toMinute }) => toMinute > fromMinute && toMinute - fromMinute <= 1_440, {
    message: 'A range ends after it begins, a day later at the most.',
  });
export type MinuteRange = z.infer<typeof MinuteRange>;

const Ranges = z.array(MinuteRange).max(RANGES_PER_DAY_MAX);

/** closed: a holiday. workday: works like the weekday named. hours: hours of its own. */
export const DAY_KINDS = ['closed', 'workday', 'hours'] as const;

export const CalendarDay = z.object({
  day: CalendarDate,
  kind: z.enum(DAY_KINDS),
  name: z.string().trim().max(CALENDAR_NAME_MAX),
  /** Of a workday: ISO weekday whose hours it has, 1 = Monday. */
  likeWeekday: z.number().int().min(1).max(7).default(1),
  /** Of `hours`. */
  ranges: Ranges.default([]),
});
export type CalendarDay = z.infer<typeof CalendarDay>;

const Zone = z.string().min(1).max(64).nullable();

/** What is agreed: hours of the seven weekdays, Monday first, and the days that differ. `zone` null: the machine's own. */
export const CalendarHours = z.object({
  zone: Zone,
  weekly: z.array(Ranges).length(7),
  days: z.array(CalendarDay).max(CALENDAR_DAYS_MAX),
});
export type CalendarHours = z.infer<typeof CalendarHours>;

/** Holds from its day on until the next version does. */
export const CalendarVersion = CalendarHours.extend({
  /** null: since ever. */
  fromDay: CalendarDate.nullable(),
  note: z.string(),
  by: z.string(),
  at: IsoTime,
});
export type CalendarVersion = z.infer<typeof CalendarVersion>;

export const CalendarSummary = z.object({
  id: z.string(),
  name: z.string(),
  /** Of the version that holds today. */
  zone: Zone,
  weekly: z.array(z.array(MinuteRange)),
  weeklyMinutes: z.number(),
  days: z.number(),
  /** May not be deleted; `always` may not be changed either. */
  builtIn: z.boolean(),
  /** Machines and services whose hours it sets today. */
  usedBy: z.number(),
  assignments: z.number(),
  updatedAt: IsoTime.nullable(),
  /** Rises with each change; sent back with the next. */
  revision: z.number(),
});
export type CalendarSummary = z.infer<typeof CalendarSummary>;

export const Calendar = CalendarSummary.omit({ days: true }).extend({
  /** Ascending by day; the last whose day is not after today holds. */
  versions: z.array(CalendarVersion),
});
export type Calendar = z.infer<typeof Calendar>;

/** The nearest wins: a CI before its service, its location, its tags, its class. Of several tags the first by name. */
export const ASSIGNMENT_LEVELS = ['class', 'tag', 'location', 'service', 'ci'] as const;
export const AssignmentLevel = z.enum(ASSIGNMENT_LEVELS);
export type AssignmentLevel = z.infer<typeof AssignmentLevel>;

export const CalendarAssignment = z.object({
  id: z.string(),
  level: AssignmentLevel,
  /** Class name, tag, or id of the location, service or CI. */
  key: z.string(),
  /** Title of it for a person. */
  keyName: z.string(),
  /** null: from that day on nothing is assigned here any more. */
  calendarId: z.string().nullable(),
  calendarName: z.string().nullable(),
  fromDay: CalendarDate.nullable(),
  by: z.string(),
  at: IsoTime,
  /** It holds today. */
  inForce: z.boolean(),
  /** Machines and services whose hours this one sets today. */
  usedBy: z.number(),
});
export type CalendarAssignment = z.infer<typeof CalendarAssignment>;

/** What becomes of that which is agreed for days after the day of a change. Not given: refused where there is any. */
const LaterChoice = z.enum(['keep', 'replace']);
export type LaterChoice = z.infer<typeof LaterChoice>;

const ImportedDay = CalendarDay.extend({
  /** Line of the file. */
  line: z.number(),
  /** new: not in the calendar. same: as it is there. other: there, but different. twice: already in this file. */
  state: z.enum(['new', 'same', 'other', 'twice']),
});

export const calendarsEndpoints = {
  listCalendars: endpoint({
    id: 'listCalendars',
    method: 'GET',
    path: '/calendars',
    right: 'read',
    tag: 'calendars',
    summary: 'All service hours calendars',
    response: z.object({ items: z.array(CalendarSummary) }),
  }),
  createCalendar: endpoint({
    id: 'createCalendar',
    method: 'POST',
    path: '/calendars',
    right: 'calendars.write',
    tag: 'calendars',
    summary: 'Adds a calendar that holds since ever',
    body: CalendarHours.extend({ name: z.string().trim().min(1).max(CALENDAR_NAME_MAX) }),
    response: Calendar,
    status: 201,
    bodyBytesMax: 2 * 1024 * 1024,
  }),
  listCalendarAssignments: endpoint({
    id: 'listCalendarAssignments',
    method: 'GET',
    path: '/calendars/assignments',
    right: 'read',
    tag: 'calendars',
    summary: 'Which calendar holds for which class, tag, location, service or CI, with what held before',
    response: z.object({ items: z.array(CalendarAssignment) }),
  }),
  assignCalendar: endpoint({
    id: 'assignCalendar',
    method: 'PUT',
    path: '/calendars/assignments',
    right: 'calendars.write',
    tag: 'calendars',
    summary: 'Assigns a calendar from a day on; the days before keep what was agreed for them',
    body: z.object({
      level: AssignmentLevel,
      key: z.string().min(1).max(64),
      calendarId: z.string().min(1).max(64).nullable(),
      /** null: since ever. Not given: today. */
      fromDay: CalendarDate.nullable().optional(),
      later: LaterChoice.optional(),
    }),
    response: CalendarAssignment,
  }),
  getServiceHours: endpoint({
    id: 'getServiceHours',
    method: 'GET',
    path: '/calendars/service-hours',
    right: 'read',
    tag: 'calendars',
    summary: 'The hours of one CI today, and which level sets them',
    query: z.object({ ci: z.string().min(1).max(64) }),
    response: z.object({
      calendarId: z.string(),
      calendarName: z.string(),
      /** Zone in which they are read: fixed, or the machine's own. */
      zone: z.string(),
      zoneOfMachine: z.boolean(),
      roaming: z.boolean(),
      /** `default`: nothing is assigned, the hours of the class hold. */
      setBy: z.object({
        level: z.enum([...ASSIGNMENT_LEVELS, 'default']),
        key: z.string(),
        keyName: z.string(),
      }),
      /** All that is assigned to it, the nearest first; the first holds. */
      assigned: z.array(
        z.object({
          level: AssignmentLevel,
          key: z.string(),
          keyName: z.string(),
          calendarId: z.string(),
          calendarName: z.string(),
        }),
      ),
      inHours: z.boolean(),
      /** When that changes next; null: never. */
      changesAt: IsoTime.nullable(),
    }),
  }),
  getCalendar: endpoint({
    id: 'getCalendar',
    method: 'GET',
    path: '/calendars/:id',
    right: 'read',
    tag: 'calendars',
    summary: 'One calendar with all its versions',
    params: IdParams,
    response: Calendar,
  }),
  updateCalendar: endpoint({
    id: 'updateCalendar',
    method: 'PUT',
    path: '/calendars/:id',
    right: 'calendars.write',
    tag: 'calendars',
    summary: 'Changes a calendar from a day on; the days before keep what was agreed for them',
    params: IdParams,
    body: CalendarHours.extend({
      name: z.string().trim().min(1).max(CALENDAR_NAME_MAX),
      /** null: since ever. Not given: today in the zone of the calendar. A version of that very day is replaced. */
      fromDay: CalendarDate.nullable().optional(),
      later: LaterChoice.optional(),
      note: z.string().trim().max(500).default(''),
      revision: z.number().int(),
    }),
    response: Calendar,
    bodyBytesMax: 2 * 1024 * 1024,
  }),
  deleteCalendar: endpoint({
    id: 'deleteCalendar',
    method: 'DELETE',
    path: '/calendars/:id',
    right: 'calendars.write',
    tag: 'calendars',
    summary: 'Deletes a calendar that was never assigned',
    params: IdParams,
  }),
  previewCalendarImport: endpoint({
    id: 'previewCalendarImport',
    method: 'POST',
    path: '/calendars/:id/import-preview',
    right: 'calendars.write',
    tag: 'calendars',
    summary: 'Reads days that differ from an .ics, CSV or XLSX file and compares them; changes nothing',
    params: IdParams,
    body: z.object({
      fileName: z.string().max(255),
      contentBase64: z.base64().max(Math.ceil(CALENDAR_FILE_BYTES_MAX / 3) * 4),
    }),
    response: z.object({
      format: z.enum(['ics', 'csv', 'xlsx']),
      days: z.array(ImportedDay),
      /** Lines that could not be read, with what is wrong. */
      problems: z.array(z.object({ line: z.number(), words: z.object({ en: z.string(), zh: z.string() }) })),
      problemsBeyond: z.number(),
    }),
    bodyBytesMax: 1024 * 1024,
    audited: false,
  }),
};
