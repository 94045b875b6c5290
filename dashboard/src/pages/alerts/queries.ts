/** What the alerts page reads. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import { call } from '../../api/client.ts';
import type { AlertsSearch } from './search.ts';

const PAGE = 100;
/** Values move with each sample; more pages than these are read again only when something happens. */
const LIVE_PAGES_MAX = 2;
const LIVE_MS = 10 * SECOND_MS;

export const alertsQuery = ({ state, machine, ...filter }: AlertsSearch) =>
  infiniteQueryOptions({
    queryKey: ['alerts', 'pages', { state, machine, ...filter }],
    queryFn: ({ signal, pageParam }) =>
      call(
        ENDPOINTS.listAlerts,
        {
          query: {
            ...filter,
            ci: machine,
            q: filter.q?.trim() || undefined,
            state: state ?? 'live',
            limit: PAGE,
            cursor: pageParam,
          },
        },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: (query) =>
      state !== 'resolved' && (query.state.data?.pages.length ?? 0) <= LIVE_PAGES_MAX ? LIVE_MS : false,
  });

/** How many are quiet for which reason, read again as often as the list. */
export const alertCountsQuery = queryOptions({
  queryKey: ['alerts', 'counts'],
  queryFn: ({ signal }) => call(ENDPOINTS.countAlerts, {}, signal),
  refetchInterval: LIVE_MS,
});

/** The alert that was opened last among those that are over; null: there was none. */
export const lastResolvedQuery = queryOptions({
  queryKey: ['alerts', 'last-resolved'],
  queryFn: ({ signal }) =>
    call(ENDPOINTS.listAlerts, { query: { state: 'resolved', limit: 1 } }, signal).then(
      ({ items }) => items[0] ?? null,
    ),
});
