/** What the service pages read. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import { call } from '../../api/client.ts';

const FRESH_MS = 30 * SECOND_MS;

export const servicesQuery = queryOptions({
  queryKey: ['services', 'list'],
  queryFn: ({ signal }) => call(ENDPOINTS.listServices, { query: { limit: 500 } }, signal),
  staleTime: FRESH_MS,
  refetchInterval: FRESH_MS,
});

export const serviceQuery = (id: string) =>
  queryOptions({
    queryKey: ['services', id],
    queryFn: ({ signal }) => call(ENDPOINTS.getService, { params: { id } }, signal),
    staleTime: FRESH_MS,
    refetchInterval: FRESH_MS,
  });

export const suggestionsQuery = queryOptions({
  queryKey: ['services', 'suggestions'],
  queryFn: ({ signal }) => call(ENDPOINTS.suggestServices, {}, signal),
  staleTime: 10 * FRESH_MS,
});

export const whatIfQuery = (ids: readonly string[]) =>
  queryOptions({
    queryKey: ['impact', ids],
    queryFn: ({ signal }) => call(ENDPOINTS.getImpact, { query: { ci: ids.join(',') } }, signal),
    enabled: ids.length > 0,
    staleTime: FRESH_MS,
    placeholderData: keepPreviousData,
  });

/** CIs of any class by name. */
export const findQuery = (q: string, ciClass: string) =>
  queryOptions({
    queryKey: ['services', 'find', ciClass, q],
    queryFn: ({ signal }) => call(ENDPOINTS.listCis, { query: { q, class: ciClass, limit: 20 } }, signal),
    enabled: q.trim() !== '',
    staleTime: FRESH_MS,
  });
