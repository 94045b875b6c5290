/** What the pages of incidents read. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { LIST_LIMIT_MAX } from '@muster/shared/api/endpoint.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { IncidentSummary } from '@muster/shared/api/incidents.ts';
import { MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import { call } from '../../api/client.ts';

/** At work or waiting to close: as many as there are. Live messages are patched into this answer. */
export const unfinishedIncidentsQuery = queryOptions({
  queryKey: ['incidents', 'unfinished'],
  queryFn: async ({ signal }): Promise<IncidentSummary[]> => {
    const items: IncidentSummary[] = [];
    let cursor: string | undefined;
    do {
      const page = await call(
        ENDPOINTS.listIncidents,
        { query: { state: 'unfinished', limit: LIST_LIMIT_MAX, cursor } },
        signal,
      );
      items.push(...page.items);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return items;
  },
  staleTime: 10 * SECOND_MS,
});

export interface OverFilter {
  readonly state?: 'closed' | 'cancelled' | undefined;
  readonly priority?: string | undefined;
  readonly assignee?: string | undefined;
  readonly unclaimed?: 'true' | undefined;
  readonly q?: string | undefined;
}

const OVER_PAGE = 50;

/** Closed and cancelled ones, newest first, as far back as a reader asks. */
export const overIncidentsQuery = (filter: OverFilter) =>
  infiniteQueryOptions({
    queryKey: ['incidents', 'over', filter],
    queryFn: ({ signal, pageParam }) =>
      call(
        ENDPOINTS.listIncidents,
        { query: { ...filter, state: filter.state ?? 'over', limit: OVER_PAGE, cursor: pageParam } },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    staleTime: 30 * SECOND_MS,
    placeholderData: keepPreviousData,
  });

export const similarIncidentsQuery = (id: string) =>
  queryOptions({
    queryKey: ['incident', id, 'similar'],
    queryFn: ({ signal }) => call(ENDPOINTS.similarIncidents, { params: { id } }, signal),
    staleTime: 5 * MINUTE_MS,
  });

const TIMELINE_PAGE = 100;

/** Entries that do not come with the incident: what is older than `cursor`, or all by people or by the machine. */
export const timelineQuery = (
  id: string,
  from: { readonly cursor?: string | undefined; readonly by?: 'people' | 'machine' | undefined },
) =>
  infiniteQueryOptions({
    queryKey: ['incident', id, 'timeline', from],
    queryFn: ({ signal, pageParam }) =>
      call(
        ENDPOINTS.incidentTimeline,
        { params: { id }, query: { limit: TIMELINE_PAGE, cursor: pageParam, by: from.by } },
        signal,
      ),
    initialPageParam: from.cursor,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    staleTime: 10 * SECOND_MS,
  });
