/** Maintenance windows: times agreed beforehand in which alarms stay quiet and absence is planned. ISO/IEC 20000-1 8.7.1. */
import { z } from 'zod';
import { endpoint, IdParams, IsoTime, IsoTimeInput, listOf, Page } from './endpoint.ts';
import { Words } from './incidents.ts';

export const WINDOW_TARGETS_MAX = 2_000;
export const WINDOW_MINUTES_MAX = 7 * 24 * 60;
/** Covered CIs that are named one by one; the rest is counted. */
export const WINDOW_CIS_SHOWN_MAX = 500;
export const PREVIEW_OCCURRENCES = 10;
/** Of the strip of coming windows. */
export const OCCURRENCES_PERIOD_DAYS_MAX = 62;

/** A local time to the minute in the zone of the window: '2026-11-24T02:00'. */
export const LocalMinute = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d$/);
const Minutes = z.int().min(1).max(WINDOW_MINUTES_MAX);

export const WindowSchedule = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('once'), startsAt: IsoTimeInput, endsAt: IsoTimeInput }),
  z.object({
    kind: z.literal('recurring'),
    /** Begin of the first occurrence, if the rule matches it; its time of day is that of all. */
    start: LocalMinute,
    durationMinutes: Minutes,
    /** RFC 5545: 'FREQ=MONTHLY;BYDAY=2TU'. Daily, weekly, monthly or yearly. */
    rule: z.string().trim().min(1).max(400),
    /** Occurrences that do not take place, by their local begin. */
    except: z.array(LocalMinute).max(500).default([]),
  }),
]);
export type WindowSchedule = z.infer<typeof WindowSchedule>;

export const WindowFlexible = z.object({
  durationMinutes: Minutes,
  /** 'ci': each CI begins with its own first trouble. 'window': the first trouble of any begins it for all. */
  per: z.enum(['ci', 'window']),
});
export type WindowFlexible = z.infer<typeof WindowFlexible>;

const Ids = z.array(IdParams.shape.id).max(WINDOW_TARGETS_MAX).default([]);
const Names = z.array(z.string().trim().min(1).max(64)).max(64).default([]);
/** Any of these; at least one. */
export const WindowTargets = z.object({
  ciIds: Ids,
  services: Ids,
  locations: Ids,
  classes: Names,
  tags: Names,
});
export type WindowTargets = z.infer<typeof WindowTargets>;

const Title = z.string().trim().min(1).max(200);
export const WindowFields = z.object({
  title: Title,
  reason: z.string().trim().max(2_000).default(''),
  /** Who agreed to it; none: who sets it. */
  agreedBy: z.string().trim().max(200).default(''),
  targets: WindowTargets,
  /** 'all': with what hangs on the targets (virtual machines of a host, machines behind a switch). */
  children: z.enum(['none', 'all']).default('all'),
  schedule: WindowSchedule,
  /** IANA name. */
  timeZone: z.string().min(1).max(64),
  /** null: in force from begin to end. Else it begins with the first trouble in that time, and lasts its own duration. */
  flexible: WindowFlexible.nullable().default(null),
});
export type WindowFields = z.infer<typeof WindowFields>;

/** 'waiting': a flexible one may begin now, and nothing is wrong yet. */
export const WINDOW_STATES = ['running', 'waiting', 'coming', 'over'] as const;
export const WindowState = z.enum(WINDOW_STATES);
export type WindowState = z.infer<typeof WindowState>;

/** What the clocks of the zone do to an occurrence. */
export const CLOCK_REMARKS = [
  'start-skipped',
  'start-twice',
  'longer-on-the-clock',
  'shorter-on-the-clock',
] as const;
export const ClockRemark = z.enum(CLOCK_REMARKS);
export type ClockRemark = z.infer<typeof ClockRemark>;

export const WindowOccurrence = z.object({
  from: IsoTime,
  to: IsoTime,
  /** As the wall clock of the zone shows it. */
  localFrom: LocalMinute,
  localTo: LocalMinute,
  remark: ClockRemark.nullable(),
});
export type WindowOccurrence = z.infer<typeof WindowOccurrence>;

export const WindowCi = z.object({
  id: z.string(),
  name: z.string(),
  class: z.string(),
  /** How it came into the window. */
  via: z.enum(['named', 'class', 'tag', 'location', 'service', 'depends']),
});
export type WindowCi = z.infer<typeof WindowCi>;

const Named = z.object({ id: z.string(), name: z.string(), class: z.string() });

export const MaintenanceWindow = z.object({
  id: z.string(),
  title: z.string(),
  reason: z.string(),
  agreedBy: z.string(),
  targets: z.object({
    cis: z.array(Named),
    services: z.array(Named),
    locations: z.array(Named),
    classes: z.array(z.string()),
    tags: z.array(z.string()),
  }),
  children: z.enum(['none', 'all']),
  /** null: it was ended. */
  schedule: WindowSchedule.nullable(),
  timeZone: z.string(),
  flexible: WindowFlexible.nullable(),
  state: WindowState,
  /** The stretch that is in force now; of several CIs with their own begin the one that ends last. */
  now: z.object({ from: IsoTime, to: IsoTime }).nullable(),
  /** The occurrence that runs or comes next. */
  next: WindowOccurrence.nullable(),
  /** The last stretch it was in force; null: none yet. */
  last: z.object({ from: IsoTime, to: IsoTime }).nullable(),
  covered: z.number(),
  createdBy: z.string(),
  createdAt: IsoTime,
  changedAt: IsoTime,
  /** When and by whom it was ended or cancelled. */
  ended: z.object({ at: IsoTime, by: z.string() }).nullable(),
});
export type MaintenanceWindow = z.infer<typeof MaintenanceWindow>;

export const WindowPreview = z.object({
  /** What is wrong with the time or the rule; null: nothing, and the rest holds. */
  problem: Words.nullable(),
  occurrences: z.array(WindowOccurrence),
  covered: z.object({
    total: z.number(),
    /** The first of them, up to WINDOW_CIS_SHOWN_MAX. */
    items: z.array(WindowCi),
  }),
  /** Members of a service that stay out, because they also carry one that is not in the window. */
  spared: z.array(z.object({ id: z.string(), name: z.string(), service: Named })),
  /** Other windows that share CIs and time with the coming occurrences. */
  conflicts: z.array(
    z.object({ id: z.string(), title: z.string(), from: IsoTime, to: IsoTime, cis: z.number() }),
  ),
  /** Hours in which the covered machines are expected: a window inside them is felt. */
  serviceHours: z.object({
    /** Expected around the clock: any window is inside. */
    always: z.number(),
    /** Of those with hours: how many have some in a coming occurrence. */
    hit: z.number(),
    free: z.number(),
    firstHit: z.object({ name: z.string(), at: IsoTime }).nullable(),
  }),
});
export type WindowPreview = z.infer<typeof WindowPreview>;

const WindowDetail = MaintenanceWindow.extend({
  occurrences: z.array(WindowOccurrence),
  cis: z.array(WindowCi),
});

export const maintenanceEndpoints = {
  listMaintenanceWindows: endpoint({
    id: 'listMaintenanceWindows',
    method: 'GET',
    path: '/maintenance-windows',
    right: 'read',
    tag: 'maintenance',
    summary: 'Maintenance windows: running first, then by what comes next, the past last',
    query: Page.extend({
      /** 'coming' and 'recurring' share none: what recurs is listed there alone. */
      show: z.enum(['running', 'coming', 'recurring', 'past']).optional(),
      ci: z.string().max(64).optional(),
    }),
    response: listOf(MaintenanceWindow),
  }),
  getMaintenanceWindow: endpoint({
    id: 'getMaintenanceWindow',
    method: 'GET',
    path: '/maintenance-windows/:id',
    right: 'read',
    tag: 'maintenance',
    summary: 'One window with its next occurrences and the CIs it covers',
    params: IdParams,
    response: WindowDetail,
  }),
  createMaintenanceWindow: endpoint({
    id: 'createMaintenanceWindow',
    method: 'POST',
    path: '/maintenance-windows',
    right: 'maintenance.write',
    tag: 'maintenance',
    summary: 'Set a window; it counts from now on, never for the past',
    status: 201,
    body: WindowFields,
    response: MaintenanceWindow,
  }),
  updateMaintenanceWindow: endpoint({
    id: 'updateMaintenanceWindow',
    method: 'PATCH',
    path: '/maintenance-windows/:id',
    right: 'maintenance.write',
    tag: 'maintenance',
    summary: 'Change a window from now on; what was agreed until now keeps its past',
    params: IdParams,
    body: z.object({
      title: Title.optional(),
      reason: z.string().trim().max(2_000).optional(),
      agreedBy: z.string().trim().max(200).optional(),
      targets: WindowTargets.optional(),
      children: z.enum(['none', 'all']).optional(),
      schedule: WindowSchedule.optional(),
      timeZone: z.string().min(1).max(64).optional(),
      flexible: WindowFlexible.nullable().optional(),
    }),
    response: MaintenanceWindow,
  }),
  endMaintenanceWindow: endpoint({
    id: 'endMaintenanceWindow',
    method: 'DELETE',
    path: '/maintenance-windows/:id',
    right: 'maintenance.write',
    tag: 'maintenance',
    summary: 'End a running window now, or cancel one to come, with all its occurrences; its past stays',
    params: IdParams,
    response: MaintenanceWindow,
  }),
  extendMaintenanceWindow: endpoint({
    id: 'extendMaintenanceWindow',
    method: 'POST',
    path: '/maintenance-windows/:id/extend',
    right: 'maintenance.write',
    tag: 'maintenance',
    summary: 'The running occurrence lasts longer; less than zero takes that back',
    params: IdParams,
    body: z.object({
      minutes: z
        .int()
        .min(-24 * 60)
        .max(24 * 60)
        .refine((minutes) => minutes !== 0, 'not zero'),
    }),
    response: MaintenanceWindow,
  }),
  skipMaintenanceOccurrence: endpoint({
    id: 'skipMaintenanceOccurrence',
    method: 'POST',
    path: '/maintenance-windows/:id/skip',
    right: 'maintenance.write',
    tag: 'maintenance',
    summary: 'One occurrence does not take place; one that runs ends now',
    params: IdParams,
    body: z.object({ from: IsoTimeInput }),
    response: MaintenanceWindow,
  }),
  previewMaintenanceWindow: endpoint({
    id: 'previewMaintenanceWindow',
    method: 'POST',
    path: '/maintenance-windows/preview',
    right: 'read',
    tag: 'maintenance',
    summary: 'What a window would mean: occurrences, covered CIs, conflicts, service hours',
    audited: false,
    body: z.object({
      targets: WindowTargets,
      children: z.enum(['none', 'all']).default('all'),
      schedule: WindowSchedule,
      timeZone: z.string().min(1).max(64),
      flexible: WindowFlexible.nullable().default(null),
      /** The window that is being changed: no conflict with itself. */
      windowId: z.string().max(64).nullable().default(null),
    }),
    response: WindowPreview,
  }),
  listMaintenanceOccurrences: endpoint({
    id: 'listMaintenanceOccurrences',
    method: 'GET',
    path: '/maintenance-occurrences',
    right: 'read',
    tag: 'maintenance',
    summary: 'When windows take place in a period of at most 62 days, by begin',
    query: z.object({ from: IsoTimeInput, to: IsoTimeInput }),
    response: z.object({
      items: z.array(
        z.object({
          windowId: z.string(),
          title: z.string(),
          from: IsoTime,
          to: IsoTime,
          flexible: z.boolean(),
          covered: z.number(),
        }),
      ),
      /** More than is shown. */
      cut: z.boolean(),
    }),
  }),
  getCiMaintenance: endpoint({
    id: 'getCiMaintenance',
    method: 'GET',
    path: '/cis/:id/maintenance',
    right: 'read',
    tag: 'maintenance',
    summary:
      'The window a CI is in, those it will be in, and the times it was in one during the last 30 days',
    params: IdParams,
    response: z.object({
      now: z.object({ windowId: z.string(), title: z.string(), from: IsoTime, to: IsoTime }).nullable(),
      windows: z.array(MaintenanceWindow),
      past: z.array(z.object({ windowId: z.string(), title: z.string(), from: IsoTime, to: IsoTime })),
    }),
  }),
};
