/** Latest values, ranges, highest consumers, catalogue. */
import { z } from 'zod';
import { endpoint, IdParams, IsoTime, IsoTimeInput } from './endpoint.ts';

export const LatestValue = z.object({
  metric: z.string(),
  instance: z.string(),
  value: z.number(),
  unit: z.string(),
  at: IsoTime,
});
export type LatestValue = z.infer<typeof LatestValue>;

/** Points of one series: more than a day by the second. */
export const RANGE_POINTS_MAX = 100_000;
export const RANGE_POINTS_DEFAULT = 300;
/** Machines named in one question. */
export const RANGE_CIS_MAX = 100;
/** Machines times points of one question, and groups times points. */
export const RANGE_ANSWER_POINTS_MAX = 1_000_000;
/** Machines that are joined to groups, or ranked by their mean. */
export const GROUPED_MACHINES_MAX = 20_000;
/** Lines of one answer. */
export const RANGE_GROUPS_MAX = 200;

/** Shares asked for at once. */
export const QUANTILES_MAX = 20;

/** Media type of ranges as columns (metrics/range-stream.ts). */
export const RANGE_STREAM_TYPE = 'application/octet-stream';

export const RANGE_GROUPS = ['class', 'tag', 'location'] as const;
export type RangeGroup = (typeof RANGE_GROUPS)[number];
export const RANGE_AGGREGATES = ['avg', 'max', 'min', 'sum'] as const;
export type RangeAggregate = (typeof RANGE_AGGREGATES)[number];

/** Rows of one `top` answer: a list of all machines is filled by it. */
export const TOP_ROWS_MAX = 20_000;

const Name = z.string().min(1).max(64);

/** One name or several: a parameter that stands once or more often. */
const namesOf = (countMax: number) =>
  z
    .union([Name, z.array(Name).min(1).max(countMax)])
    .transform((names) => (typeof names === 'string' ? [names] : [...new Set(names)]));

/** Which instances: one by its name, or all that fit a pattern. */
const instanceFilter = {
  instance: z.string().max(256).optional(),
  /** `*` stands for any text, `?` for one character. */
  instancePattern: z.string().min(1).max(256).optional(),
};

export const RangeSeries = z.object({
  /** Where several machines were asked for. */
  ci: z.string().optional(),
  /** Where machines were joined: class, tag or location, '' for those without one, and how many machines have points here. */
  group: z.string().optional(),
  machines: z.number().optional(),
  /** Of the points of this series, where there are several machines or groups. */
  stepMs: z.number().optional(),
  instance: z.string(),
  tier: z.enum(['raw', '1m', '10m', '1h']),
  /** [ms, value] on the raw tier where nothing was joined, [ms, average, min, max] otherwise. A gap is the absence of points. */
  points: z.array(z.array(z.number()).min(2).max(4)),
});

export const metricsEndpoints = {
  metricCatalogue: endpoint({
    id: 'metricCatalogue',
    method: 'GET',
    path: '/metrics/catalogue',
    right: 'read',
    tag: 'metrics',
    summary: 'Every metric with unit, kind, interval, rollup and words',
    response: z.object({
      items: z.array(
        z.object({
          metric: z.string(),
          unit: z.string(),
          kind: z.enum(['gauge', 'counter']),
          decimals: z.number(),
          instance: z.string(),
          /** How often it is read while nobody watches. */
          intervalMs: z.number(),
          /** What is kept of it beyond the raw samples; counters by their rates. */
          rollup: z.object({
            of: z.enum(['value', 'rate']),
            keeps: z.array(z.enum(['average', 'minimum', 'maximum', 'last'])),
            histogram: z.enum(['percent', 'log']).nullable(),
          }),
          title: z.object({ en: z.string(), zh: z.string() }),
        }),
      ),
    }),
  }),
  latestMetrics: endpoint({
    id: 'latestMetrics',
    method: 'GET',
    path: '/cis/:id/metrics/latest',
    right: 'read',
    tag: 'metrics',
    summary: 'Latest values of a machine; counters as rates',
    params: IdParams,
    response: z.object({ items: z.array(LatestValue) }),
  }),
  metricRange: endpoint({
    id: 'metricRange',
    method: 'GET',
    path: '/metrics/range',
    right: 'read',
    tag: 'metrics',
    summary:
      'One metric over time, of one CI, of several (`ci` repeated), or joined to a line for each class, tag or location; counters as rates; gaps stay gaps',
    query: z.object({
      /** Needed without `group`. */
      ci: namesOf(RANGE_CIS_MAX).optional(),
      metric: Name,
      from: IsoTimeInput,
      to: IsoTimeInput,
      points: z.coerce.number().int().min(2).max(RANGE_POINTS_MAX).default(RANGE_POINTS_DEFAULT),
      ...instanceFilter,
      /** Without `ci` all machines are joined. */
      group: z.enum(RANGE_GROUPS).optional(),
      aggregate: z.enum(RANGE_AGGREGATES).optional(),
    }),
    repeated: ['ci'],
    otherForms: { [RANGE_STREAM_TYPE]: 'The same as columns; docs/spec/metrics.md, ME70, has the form' },
    response: z.object({ unit: z.string(), stepMs: z.number(), series: z.array(RangeSeries) }),
  }),
  metricQuantiles: endpoint({
    id: 'metricQuantiles',
    method: 'GET',
    path: '/metrics/quantiles',
    right: 'read',
    tag: 'metrics',
    summary:
      'How percentages and rates of one CI were spread over whole hours: values that a share of them did not exceed',
    query: z.object({
      ci: Name,
      metric: Name,
      instance: z.string().max(256).optional(),
      from: IsoTimeInput,
      to: IsoTimeInput,
      /** Shares from 0 to 1, with commas between them. */
      q: z
        .string()
        .default('0.5,0.95,0.99')
        .transform((text) => text.split(',').map(Number))
        .pipe(z.array(z.number().min(0).max(1)).max(QUANTILES_MAX)),
    }),
    response: z.object({
      unit: z.string(),
      tier: z.literal('1h'),
      /** At most so far off: percentage points, or per cent of the value. */
      within: z.object({ value: z.number(), unit: z.enum(['points', '%']) }),
      q: z.array(z.number()),
      series: z.array(
        z.object({
          instance: z.string(),
          /** Values counted. */
          count: z.number(),
          /** In the order of `q`. */
          values: z.array(z.number()),
        }),
      ),
    }),
  }),
  topMetrics: endpoint({
    id: 'topMetrics',
    method: 'GET',
    path: '/metrics/top',
    right: 'read',
    tag: 'metrics',
    summary: 'Latest values over all machines, or means over a range, highest first',
    query: z.object({
      metric: Name,
      n: z.coerce.number().int().min(1).max(TOP_ROWS_MAX).default(10),
      /** Only machines of this site; empty: those without one. */
      site: z.string().max(64).optional(),
      ...instanceFilter,
      /** With both, machines are ranked by their mean over this range. */
      from: IsoTimeInput.optional(),
      to: IsoTimeInput.optional(),
    }),
    response: z.object({
      unit: z.string(),
      items: z.array(
        z.object({
          ciId: z.string(),
          ciName: z.string(),
          /** With the tags it says which rules apply. */
          ciClass: z.string(),
          tags: z.array(z.string()),
          instance: z.string(),
          value: z.number(),
          /** Of the sample, or of the last point within the range. */
          at: IsoTime,
          /** How often the agent of the machine is told to read it. */
          intervalMs: z.number(),
        }),
      ),
    }),
  }),
  topProcesses: endpoint({
    id: 'topProcesses',
    method: 'GET',
    path: '/cis/:id/processes',
    right: 'read',
    tag: 'metrics',
    summary: 'Top processes as last reported while somebody watched',
    params: IdParams,
    response: z.object({
      at: IsoTime.nullable(),
      items: z.array(
        z.object({
          pid: z.number(),
          name: z.string(),
          user: z.string(),
          cpuPercent: z.number(),
          residentBytes: z.number(),
          readBytesPerSecond: z.number().nullable(),
          writtenBytesPerSecond: z.number().nullable(),
        }),
      ),
    }),
  }),
};
