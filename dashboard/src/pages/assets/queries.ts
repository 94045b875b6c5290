/** What the asset pages read. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { LIST_LIMIT_MAX } from '@muster/shared/api/endpoint.ts';
import type { AssetRow, Assignment } from '@muster/shared/api/assets.ts';
import type { ImportRow, RowOutcome } from '@muster/shared/api/imports.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import { call, type CallInput } from '../../api/client.ts';

export type AssetFilter = NonNullable<CallInput<typeof ENDPOINTS.listAssets>['query']>;

export const assetsQuery = (query: AssetFilter) =>
  queryOptions({
    queryKey: ['assets', 'list', query],
    queryFn: ({ signal }) =>
      call(ENDPOINTS.listAssets, { query: { ...query, limit: LIST_LIMIT_MAX } }, signal),
    placeholderData: keepPreviousData,
    staleTime: 10 * SECOND_MS,
  });

/** Pages of the whole list; more is a matter for the API. */
const PAGES_MAX = 100;
export function readAllAssets(query: AssetFilter): Promise<AssetRow[]> {
  return readAll((cursor) =>
    call(ENDPOINTS.listAssets, { query: { ...query, limit: LIST_LIMIT_MAX, cursor } }),
  );
}

export function readAllAssignments(state: 'open' | 'overdue'): Promise<Assignment[]> {
  return readAll((cursor) =>
    call(ENDPOINTS.listAssignments, { query: { state, limit: LIST_LIMIT_MAX, cursor } }),
  );
}

export function readAllImportRows(id: string, outcome: RowOutcome | undefined): Promise<ImportRow[]> {
  return readAll((cursor) =>
    call(ENDPOINTS.listImportRows, { params: { id }, query: { outcome, limit: LIST_LIMIT_MAX, cursor } }),
  );
}

/** Page after page: a file has the whole list, not only what is on the screen. */
async function readAll<T>(
  page: (cursor: string | undefined) => Promise<{ items: readonly T[]; nextCursor: string | null }>,
): Promise<T[]> {
  const rows: T[] = [];
  let cursor: string | undefined;
  for (let read = 0; read < PAGES_MAX; read++) {
    const { items, nextCursor } = await page(cursor);
    rows.push(...items);
    if (nextCursor === null) break;
    cursor = nextCursor;
  }
  return rows;
}

export const assignmentsQuery = (state: 'open' | 'overdue') =>
  queryOptions({
    queryKey: ['assets', 'assignments', state],
    queryFn: ({ signal }) =>
      call(ENDPOINTS.listAssignments, { query: { state, limit: LIST_LIMIT_MAX } }, signal),
    staleTime: 10 * SECOND_MS,
  });

export const assignmentQuery = (id: string) =>
  queryOptions({
    queryKey: ['assets', 'assignment', id],
    queryFn: ({ signal }) => call(ENDPOINTS.getAssignment, { params: { id } }, signal),
  });

export const importsQuery = queryOptions({
  queryKey: ['imports'],
  queryFn: ({ signal }) => call(ENDPOINTS.listImports, {}, signal),
  staleTime: 5 * SECOND_MS,
});

export const importQuery = (id: string) =>
  queryOptions({
    queryKey: ['imports', id],
    queryFn: ({ signal }) => call(ENDPOINTS.getImport, { params: { id } }, signal),
    refetchInterval: ({ state }) =>
      state.data?.state === 'applying' || state.data?.state === 'undoing' ? SECOND_MS : false,
  });

export const importRowsQuery = (
  id: string,
  version: string,
  outcome: 'new' | 'changed' | 'unchanged' | 'error' | undefined,
) =>
  queryOptions({
    queryKey: ['imports', id, 'rows', version, outcome ?? 'all'],
    queryFn: ({ signal }) =>
      call(ENDPOINTS.listImportRows, { params: { id }, query: { limit: 200, outcome } }, signal),
    placeholderData: keepPreviousData,
  });

export const locationsQuery = queryOptions({
  queryKey: ['assets', 'locations'],
  queryFn: ({ signal }) => call(ENDPOINTS.listLocations, {}, signal),
  staleTime: 10 * SECOND_MS,
});

export const stocktakesQuery = queryOptions({
  queryKey: ['stocktakes'],
  queryFn: ({ signal }) => call(ENDPOINTS.listStocktakes, {}, signal),
  staleTime: 10 * SECOND_MS,
});

export const stocktakeQuery = (id: string) =>
  queryOptions({
    queryKey: ['stocktakes', id],
    queryFn: ({ signal }) => call(ENDPOINTS.getStocktake, { params: { id } }, signal),
    refetchInterval: MINUTE_MS,
  });

export const labelCisQuery = (ids: readonly string[]) =>
  queryOptions({
    queryKey: ['labels', ids],
    queryFn: ({ signal }) => Promise.all(ids.map((id) => call(ENDPOINTS.getCi, { params: { id } }, signal))),
    staleTime: MINUTE_MS,
  });
