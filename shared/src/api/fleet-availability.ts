/** Availability of many machines over a period: figures of all, of groups and of each, day by day, and the outages. */
import { z } from 'zod';
import {
  AvailabilityFigures,
  AvailabilityFormula,
  AvailabilityOutage,
  WithReclassified,
} from './availability.ts';
import { Cursor, endpoint, IsoTime, IsoTimeInput, LIST_LIMIT_DEFAULT, LIST_LIMIT_MAX } from './endpoint.ts';

/** [agreed, down, unknown] seconds of one day. */
const DayFigures = z.tuple([z.number(), z.number(), z.number()]);

export const GroupAvailability = AvailabilityFigures.extend({
  /** Class, site or tag; null: without one. */
  key: z.string().nullable(),
  /** Machines with agreed time in the period, and those of them that had an outage. */
  machines: z.number(),
  machinesWithOutage: z.number(),
  /** One for each of the answer's `days`. */
  days: z.array(DayFigures),
});
export type GroupAvailability = z.infer<typeof GroupAvailability>;

export const MachineAvailability = AvailabilityFigures.extend({
  ciId: z.string(),
  ciName: z.string(),
  ciClass: z.string(),
  site: z.string().nullable(),
  tags: z.array(z.string()),
  days: z.array(DayFigures),
});
export type MachineAvailability = z.infer<typeof MachineAvailability>;

export const AVAILABILITY_GROUPINGS = ['none', 'class', 'site', 'tag'] as const;
/** worst: lowest availability first, then the longest down time; those without known time last. */
export const AVAILABILITY_SORTS = ['worst', 'best', 'name', 'coverage', 'down', 'outages'] as const;

const FleetOutage = AvailabilityOutage.extend({
  ciId: z.string(),
  ciName: z.string(),
  ciClass: z.string(),
  site: z.string().nullable(),
});
export type FleetOutage = z.infer<typeof FleetOutage>;

/** Which machines. `class`, `site` and `tag` together; an empty site or tag: those without. */
const MachineFilter = {
  class: z.string().max(64).optional(),
  site: z.string().max(64).optional(),
  tag: z.string().max(64).optional(),
  /** Part of the name. */
  q: z.string().max(128).optional(),
};

export const fleetAvailabilityEndpoints = {
  availabilitySummary: endpoint({
    id: 'availabilitySummary',
    method: 'GET',
    path: '/availability/summary',
    right: 'read',
    tag: 'availability',
    summary: 'Figures of all machines over [from, to), by group, by machine and by day',
    query: z.object({
      from: IsoTimeInput,
      to: IsoTimeInput,
      /** IANA zone in which the days begin; the server's own where it is not given. */
      zone: z.string().max(64).optional(),
      groupBy: z.enum(AVAILABILITY_GROUPINGS).default('none'),
      formula: AvailabilityFormula.default('known-time'),
      reclassified: WithReclassified,
      ...MachineFilter,
      sort: z.enum(AVAILABILITY_SORTS).default('worst'),
      /** 0: no machines, only the figures of all and of groups. */
      limit: z.coerce.number().int().min(0).max(LIST_LIMIT_MAX).default(LIST_LIMIT_DEFAULT),
      cursor: Cursor.optional(),
    }),
    response: z.object({
      from: IsoTime,
      /** The end of the period, or the time of the answer where that is earlier. */
      to: IsoTime,
      zone: z.string(),
      formula: AvailabilityFormula,
      formulaWords: z.object({ en: z.string(), zh: z.string() }),
      days: z.array(z.object({ from: IsoTime, to: IsoTime })),
      /** All machines that the filter leaves. */
      fleet: GroupAvailability,
      /** Machines in service that the filter leaves, and that have no agreed time in the period and so are in no figure. */
      machinesWithoutAgreed: z.number(),
      /** Largest first; empty without grouping. A machine counts in each of its tags. */
      groups: z.array(GroupAvailability),
      items: z.array(MachineAvailability),
      nextCursor: z.string().nullable(),
    }),
  }),
  availabilityOutages: endpoint({
    id: 'availabilityOutages',
    method: 'GET',
    path: '/availability/outages',
    right: 'read',
    tag: 'availability',
    summary: 'Outages, or stretches without evidence, of the period, the newest first',
    query: z.object({
      from: IsoTimeInput,
      to: IsoTimeInput,
      /** down: outages. unknown: nothing is known although the machine was expected. */
      kind: z.enum(['down', 'unknown']).default('down'),
      reclassified: WithReclassified,
      ...MachineFilter,
      limit: z.coerce.number().int().min(1).max(LIST_LIMIT_MAX).default(LIST_LIMIT_DEFAULT),
      cursor: Cursor.optional(),
    }),
    response: z.object({
      items: z.array(FleetOutage),
      nextCursor: z.string().nullable(),
      total: z.number(),
    }),
  }),
  availabilityServices: endpoint({
    id: 'availabilityServices',
    method: 'GET',
    path: '/availability/services',
    right: 'read',
    tag: 'availability',
    summary: 'Figures of all services over [from, to), worked out of the intervals of what they stand on',
    query: z.object({
      from: IsoTimeInput,
      to: IsoTimeInput,
      formula: AvailabilityFormula.default('known-time'),
      reclassified: WithReclassified,
    }),
    response: z.object({
      formula: AvailabilityFormula,
      formulaWords: z.object({ en: z.string(), zh: z.string() }),
      /** The worst first. */
      items: z.array(
        AvailabilityFigures.extend({
          ciId: z.string(),
          ciName: z.string(),
          ciClass: z.string(),
          /** Machines it stands on, directly or not. */
          members: z.number(),
          /** What it stands on changed too often in this period: no figures. */
          tooOften: z.boolean(),
        }),
      ),
    }),
  }),
};
