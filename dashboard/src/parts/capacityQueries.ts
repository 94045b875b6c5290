/** The capacity register as pages read it. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { CapacityState, ConsumerMetric } from '@muster/shared/api/capacity.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { MINUTE_MS } from '@muster/shared/time.ts';
import { call } from '../api/client.ts';

export interface CapacityFilter {
  readonly class?: string | undefined;
  /** Empty: those without. */
  readonly site?: string | undefined;
  readonly q?: string | undefined;
}

export const CAPACITY_SORTS = ['days', 'used', 'growth', 'free', 'name'] as const;
export type CapacitySort = (typeof CAPACITY_SORTS)[number];

interface RegisterInput extends CapacityFilter {
  readonly state?: CapacityState | undefined;
  readonly sort?: CapacitySort | undefined;
  readonly limit: number;
}

/** The first rows, with the counts of all. */
export const capacityQuery = (input: RegisterInput) =>
  queryOptions({
    queryKey: ['capacity', input],
    queryFn: ({ signal }) => call(ENDPOINTS.capacityRegister, { query: { ...input } }, signal),
    staleTime: MINUTE_MS,
    refetchInterval: 5 * MINUTE_MS,
    placeholderData: keepPreviousData,
  });

export const capacityPagesQuery = (input: RegisterInput) =>
  infiniteQueryOptions({
    queryKey: ['capacity', 'pages', input],
    queryFn: ({ signal, pageParam }) =>
      call(ENDPOINTS.capacityRegister, { query: { ...input, cursor: pageParam } }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    staleTime: MINUTE_MS,
    placeholderData: keepPreviousData,
  });

export const capacityTrendQuery = (ci: string, instance: string) =>
  queryOptions({
    queryKey: ['capacity', 'trend', ci, instance],
    queryFn: ({ signal }) => call(ENDPOINTS.capacityTrend, { query: { ci, instance } }, signal),
    staleTime: 5 * MINUTE_MS,
  });

export const consumersQuery = (
  input: CapacityFilter & {
    readonly metric: ConsumerMetric;
    readonly window: '24h' | '7d';
    readonly by: 'p95' | 'average';
    readonly limit: number;
  },
) =>
  queryOptions({
    queryKey: ['capacity', 'consumers', input],
    queryFn: ({ signal }) => call(ENDPOINTS.capacityConsumers, { query: { ...input } }, signal),
    staleTime: 5 * MINUTE_MS,
    refetchInterval: 5 * MINUTE_MS,
    placeholderData: keepPreviousData,
  });
