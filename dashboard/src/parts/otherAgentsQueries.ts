/** Reads and writes of other people's agents. */
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { LIST_LIMIT_MAX } from '@muster/shared/api/endpoint.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { type CallInput, call } from '../api/client.ts';

const KEY = ['intake'] as const;
const REFRESH_MS = 10_000;

export const intakeSitesQuery = queryOptions({
  queryKey: [...KEY, 'sites'],
  queryFn: async ({ signal }) =>
    (await call(ENDPOINTS.listIntakeSites, { query: { limit: LIST_LIMIT_MAX } }, signal)).items,
  refetchInterval: REFRESH_MS,
});

const DELIVERIES_PER_PAGE = 50;

export function intakeDeliveriesQuery(site: string | undefined, result: 'taken' | 'refused' | undefined) {
  return infiniteQueryOptions({
    queryKey: [...KEY, 'deliveries', site, result],
    queryFn: ({ pageParam, signal }) =>
      call(
        ENDPOINTS.listIntakeDeliveries,
        { query: { limit: DELIVERIES_PER_PAGE, cursor: pageParam, site, result } },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    refetchInterval: REFRESH_MS,
  });
}

export function reportersQuery(ciId: string) {
  return queryOptions({
    queryKey: [...KEY, 'reporters', ciId],
    queryFn: async ({ signal }) =>
      (await call(ENDPOINTS.listReporters, { params: { id: ciId } }, signal)).items,
  });
}

export function useMakeIntakeSite() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: NonNullable<CallInput<typeof ENDPOINTS.createIntakeSite>['body']>) =>
      call(ENDPOINTS.createIntakeSite, { body }),
    onSettled: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}

export function useRevokeIntakeSite() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => call(ENDPOINTS.revokeIntakeSite, { params: { id } }),
    onSettled: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}
