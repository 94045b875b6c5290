/** What the page about notification channels reads. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { LIST_LIMIT_MAX } from '@muster/shared/api/endpoint.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import { call } from '../../api/client.ts';

const LOG_PAGE = 25;

export const channelsQuery = queryOptions({
  queryKey: ['channels'],
  queryFn: ({ signal }) =>
    call(ENDPOINTS.listChannels, { query: { limit: LIST_LIMIT_MAX } }, signal).then(({ items }) => items),
  staleTime: 5 * SECOND_MS,
  refetchInterval: 20 * SECOND_MS,
});

/** `undefined`: of all channels. */
export const deliveriesQuery = (channel: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ['deliveries', channel ?? 'all'],
    queryFn: ({ signal, pageParam }) =>
      call(ENDPOINTS.listDeliveries, { query: { limit: LOG_PAGE, cursor: pageParam, channel } }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: 20 * SECOND_MS,
  });
