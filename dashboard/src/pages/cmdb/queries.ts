/** What the CMDB pages read. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { CiSummary } from '@muster/shared/api/cmdb.ts';
import { LIST_LIMIT_MAX } from '@muster/shared/api/endpoint.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import { call } from '../../api/client.ts';
import type { CisSearch } from './search.ts';

/** Rows of one step of the list, and changes of one step of the history. */
const LIST_PAGE = 100;
const HISTORY_PAGE = 50;

export const classesQuery = queryOptions({
  queryKey: ['cmdb', 'classes'],
  queryFn: ({ signal }) => call(ENDPOINTS.listClasses, {}, signal),
  staleTime: 30 * SECOND_MS,
  refetchInterval: MINUTE_MS,
});

function listInput(
  { stale, new: _new, ...filter }: CisSearch,
  fields: readonly string[],
  limit: number,
  cursor: string | undefined,
) {
  return {
    query: {
      ...filter,
      ...(stale === undefined ? {} : { staleDays: Number(stale) }),
      evidence: '1' as const,
      fields: fields.join(','),
      limit,
      cursor,
    },
  };
}

/** `fields`: attributes that the rows are to have. */
export const cisQuery = (search: CisSearch, fields: readonly string[]) =>
  infiniteQueryOptions({
    queryKey: ['cmdb', 'list', search, fields],
    queryFn: ({ signal, pageParam }) =>
      call(ENDPOINTS.listCis, listInput(search, fields, LIST_PAGE, pageParam), signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: keepPreviousData,
    staleTime: 30 * SECOND_MS,
  });

/** Reads the whole list, telling after each page how many there are so far. */
export async function readAllCis(
  search: CisSearch,
  fields: readonly string[],
  rowsMax: number,
  onRows: (count: number) => void,
  signal: AbortSignal,
): Promise<CiSummary[]> {
  const items: CiSummary[] = [];
  let cursor: string | undefined;
  do {
    const page = await call(ENDPOINTS.listCis, listInput(search, fields, LIST_LIMIT_MAX, cursor), signal);
    items.push(...page.items);
    onRows(items.length);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && items.length < rowsMax);
  return items.slice(0, rowsMax);
}

export const assetQuery = (id: string) =>
  queryOptions({
    queryKey: ['assets', 'one', id],
    queryFn: ({ signal }) => call(ENDPOINTS.getAsset, { params: { id } }, signal),
    staleTime: 10 * SECOND_MS,
  });

export const impactQuery = (id: string) =>
  queryOptions({
    queryKey: ['ci', id, 'cmdb', 'impact'],
    queryFn: ({ signal }) => call(ENDPOINTS.ciImpact, { params: { id } }, signal),
    staleTime: MINUTE_MS,
  });

export const identityQuery = (id: string) =>
  queryOptions({
    queryKey: ['ci', id, 'cmdb', 'identity'],
    queryFn: ({ signal }) => call(ENDPOINTS.ciIdentity, { params: { id } }, signal),
    staleTime: MINUTE_MS,
  });

export const ciHistoryQuery = (id: string, withParts: boolean) =>
  infiniteQueryOptions({
    queryKey: ['ci', id, 'history', 'cmdb', withParts],
    queryFn: ({ signal, pageParam }) =>
      call(
        ENDPOINTS.ciHistory,
        {
          params: { id },
          query: { limit: HISTORY_PAGE, cursor: pageParam, ...(withParts ? {} : { own: '1' as const }) },
        },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    staleTime: 30 * SECOND_MS,
  });
