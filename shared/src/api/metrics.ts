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

export const RANGE_POINTS_MAX = 5_000;
export const RANGE_POINTS_DEFAULT = 300;

/** Rows of one `top` answer: a list of all machines is filled by it. */
export const TOP_ROWS_MAX = 20_000;

export const RangeSeries = z.object({
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
    summary: 'Every metric with unit, kind and words',
    response: z.object({
      items: z.array(
        z.object({
          metric: z.string(),
          unit: z.string(),
          kind: z.enum(['gauge', 'counter']),
          decimals: z.number(),
          instance: z.string(),
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
    summary: 'One metric of one CI over time; counters as rates; gaps stay gaps',
    query: z.object({
      ci: z.string().min(1).max(64),
      metric: z.string().min(1).max(64),
      from: IsoTimeInput,
      to: IsoTimeInput,
      points: z.coerce.number().int().min(2).max(RANGE_POINTS_MAX).default(RANGE_POINTS_DEFAULT),
      instance: z.string().max(256).optional(),
    }),
    response: z.object({ unit: z.string(), stepMs: z.number(), series: z.array(RangeSeries) }),
  }),
  topMetrics: endpoint({
    id: 'topMetrics',
    method: 'GET',
    path: '/metrics/top',
    right: 'read',
    tag: 'metrics',
    summary: 'Latest values over all machines, highest first',
    query: z.object({
      metric: z.string().min(1).max(64),
      n: z.coerce.number().int().min(1).max(TOP_ROWS_MAX).default(10),
      /** Only machines of this site; empty: those without one. */
      site: z.string().max(64).optional(),
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
          at: IsoTime,
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
