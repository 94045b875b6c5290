/** The capacity register: file systems by days to full, their daily history and forecast, and the top consumers. */
import { z } from 'zod';
import { endpoint, IsoTime, listOf, Page } from './endpoint.ts';

/** Days that a trend looks back at the most; its forecast ends after half of what it has seen. */
export const CAPACITY_HISTORY_DAYS_MAX = 180;
/** Days with data before a trend is told. */
export const CAPACITY_DAYS_NEEDED = 7;
/** Days of the small line in a row. */
export const CAPACITY_SPARK_DAYS = 90;

/** Days from now: the middle one, and the interval that holds 80 % of them. `late` null: not within the horizon. */
const Crossing = z.object({ days: z.number(), early: z.number(), late: z.number().nullable() });

/**
 * full: nothing is left. forecast: full within the horizon. later: growing, but not full before the horizon ends.
 * no-trend: steady, shrinking or unclear. waiting: not enough days yet.
 */
export const CAPACITY_STATES = ['full', 'forecast', 'later', 'no-trend', 'waiting'] as const;
export const CapacityState = z.enum(CAPACITY_STATES);
export type CapacityState = z.infer<typeof CapacityState>;

export const CapacityRow = z.object({
  ciId: z.string(),
  ciName: z.string(),
  ciClass: z.string(),
  site: z.string().nullable(),
  /** Mount point. */
  instance: z.string(),
  /** Latest values, and their time. `sizeBytes`: what users can fill, used + available. */
  at: IsoTime,
  usedBytes: z.number(),
  sizeBytes: z.number(),
  freeBytes: z.number(),
  /** 0 to 100, as df prints it. */
  utilisation: z.number(),
  /** Highest level of the rules in force, with its floor worked in; null where no rule watches it. */
  threshold: z
    .object({
      percent: z.number(),
      severity: z.enum(['warning', 'critical']),
      ruleId: z.string(),
      ruleName: z.string(),
      /** As `Rule.nameWords`. */
      ruleNameWords: z.object({ en: z.string(), zh: z.string() }).optional(),
    })
    .nullable(),
  state: CapacityState,
  growthBytesPerDay: z.number().nullable(),
  /** Days to full, and to the threshold; null without a forecast, 0 days when it is reached. */
  full: Crossing.nullable(),
  reachesThreshold: Crossing.nullable(),
  /** End of the horizon: not full before it. Only with `later`. */
  notBefore: IsoTime.nullable(),
  noTrend: z.enum(['steady', 'shrinking', 'unclear']).nullable(),
  /** Days with data that the trend rests on, and where they begin. */
  historyDays: z.number(),
  since: IsoTime.nullable(),
  /** Why the history begins anew: the file system was resized, cleaned out, or filled at once. */
  restart: z.object({ at: IsoTime, why: z.enum(['grew', 'shrank', 'cleaned', 'jumped']) }).nullable(),
  /** Median error of earlier forecasts, in days; null where they cannot be tried. */
  backTestDays: z.number().nullable(),
  /** Daily peaks of utilisation, oldest first, one for each of the last days; null: no data. */
  spark: z.array(z.number().nullable()),
});
export type CapacityRow = z.infer<typeof CapacityRow>;

/** What consumes most: metrics that are compared across machines. */
export const CONSUMER_METRICS = [
  'cpu.utilisation',
  'memory.utilisation',
  'disk.utilisation',
  'network.received',
  'network.transmitted',
] as const;
export const ConsumerMetric = z.enum(CONSUMER_METRICS);
export type ConsumerMetric = z.infer<typeof ConsumerMetric>;
export const CONSUMER_WINDOWS = ['24h', '7d'] as const;

/** Which machines; an empty site: those without. */
const MachineFilter = {
  class: z.string().max(64).optional(),
  site: z.string().max(64).optional(),
  /** Part of the machine's name or of the mount point. */
  q: z.string().max(128).optional(),
};

export const capacityEndpoints = {
  capacityRegister: endpoint({
    id: 'capacityRegister',
    method: 'GET',
    path: '/capacity',
    right: 'read',
    tag: 'capacity',
    summary: 'File systems by days to full, the most urgent first',
    query: Page.extend({
      ...MachineFilter,
      state: CapacityState.optional(),
      /** days: soonest full first. used: fullest first. growth: fastest first. */
      sort: z.enum(['days', 'used', 'growth', 'free', 'name']).default('days'),
    }),
    response: listOf(CapacityRow).extend({
      /** All file systems that class, site and q leave. */
      counts: z.object({
        total: z.number(),
        full: z.number(),
        /** Full now or within so many days, by the middle of the forecast. */
        within30: z.number(),
        within90: z.number(),
        later: z.number(),
        noTrend: z.number(),
        waiting: z.number(),
        /** Days with data of the one that waits least. */
        waitingDaysMost: z.number(),
      }),
      /** Of all machines: to choose from. null: without a site. */
      classes: z.array(z.object({ value: z.string(), count: z.number() })),
      sites: z.array(z.object({ value: z.string().nullable(), count: z.number() })),
      /** Machines whose history has been read since the server started, of all; the oldest reading. */
      progress: z.object({ machines: z.number(), done: z.number(), oldestAt: IsoTime.nullable() }),
    }),
  }),
  capacityTrend: endpoint({
    id: 'capacityTrend',
    method: 'GET',
    path: '/capacity/trend',
    right: 'read',
    tag: 'capacity',
    summary: 'Daily peaks of one file system and the forecast that follows from them',
    query: z.object({ ci: z.string().min(1).max(64), instance: z.string().min(1).max(256) }),
    response: z.object({
      row: CapacityRow,
      /** [ms of the day, peak of used bytes, bytes that users can fill], ascending; a day without data is not there. */
      days: z.array(z.tuple([z.number(), z.number(), z.number()])),
      /** [ms, low, middle, high] bytes to the end of the horizon; empty without a trend. */
      forecast: z.array(z.tuple([z.number(), z.number(), z.number(), z.number()])),
      horizonAt: IsoTime.nullable(),
    }),
  }),
  capacityConsumers: endpoint({
    id: 'capacityConsumers',
    method: 'GET',
    path: '/capacity/consumers',
    right: 'read',
    tag: 'capacity',
    summary: 'Machines that use most, by the 95th percentile or the average of ten-minute averages',
    query: z.object({
      metric: ConsumerMetric.default('cpu.utilisation'),
      window: z.enum(CONSUMER_WINDOWS).default('24h'),
      by: z.enum(['p95', 'average']).default('p95'),
      ...MachineFilter,
      limit: z.coerce.number().int().min(1).max(100).default(10),
    }),
    response: z.object({
      unit: z.string(),
      items: z.array(
        z.object({
          ciId: z.string(),
          ciName: z.string(),
          ciClass: z.string(),
          site: z.string().nullable(),
          instance: z.string(),
          p95: z.number(),
          average: z.number(),
          max: z.number(),
          /** Time of the reading. */
          at: IsoTime,
        }),
      ),
    }),
  }),
};
