/** What the page of software reads. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { LIST_LIMIT_MAX } from '@muster/shared/api/endpoint.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { SoftwareProduct } from '@muster/shared/api/software.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import { call } from '../../api/client.ts';
import type { SoftwareSearch } from './search.ts';

const PAGE = 50;
const COUNTING_MS = 3 * SECOND_MS;

function pages<Page extends { readonly nextCursor: string | null }>(
  queryKey: readonly unknown[],
  read: (cursor: string | undefined, signal: AbortSignal) => Promise<Page>,
) {
  return infiniteQueryOptions({
    queryKey,
    queryFn: ({ signal, pageParam }) => read(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: keepPreviousData,
    staleTime: 10 * SECOND_MS,
  });
}

export const productsQuery = ({ q, outdated, sort }: SoftwareSearch) =>
  pages(['software', 'list', q, outdated, sort], (cursor, signal) =>
    call(ENDPOINTS.listSoftware, { query: { q, outdated, sort, limit: PAGE, cursor } }, signal),
  );

export const productQuery = (id: string) =>
  queryOptions({
    queryKey: ['software', 'one', id],
    queryFn: ({ signal }) => call(ENDPOINTS.getSoftware, { params: { id } }, signal),
    staleTime: 10 * SECOND_MS,
  });

export const installsQuery = (id: string) =>
  pages(['software', 'machines', id], (cursor, signal) =>
    call(ENDPOINTS.listSoftwareInstalls, { params: { id }, query: { limit: PAGE, cursor } }, signal),
  );

export const productNamesQuery = (q: string) =>
  queryOptions({
    queryKey: ['software', 'names', q],
    queryFn: ({ signal }): Promise<SoftwareProduct[]> =>
      call(ENDPOINTS.listSoftware, { query: { q, limit: 8 } }, signal).then(({ items }) => items),
    enabled: q !== '',
    placeholderData: keepPreviousData,
  });

export const rulesQuery = queryOptions({
  queryKey: ['software-rules'],
  queryFn: ({ signal }) => call(ENDPOINTS.listSoftwareRules, {}, signal),
  refetchInterval: (query) => (query.state.data?.checking ? COUNTING_MS : false),
});

export const licencesQuery = queryOptions({
  queryKey: ['licences'],
  queryFn: ({ signal }) => call(ENDPOINTS.listLicences, {}, signal),
});

export const licenceQuery = (id: string) =>
  queryOptions({
    queryKey: ['licences', id],
    queryFn: ({ signal }) => call(ENDPOINTS.getLicence, { params: { id } }, signal),
  });

/** The whole list, for a file. */
export async function readAllProducts(search: SoftwareSearch) {
  const items = [];
  let cursor: string | undefined;
  do {
    const { q, outdated, sort } = search;
    const page = await call(ENDPOINTS.listSoftware, {
      query: { q, outdated, sort, limit: LIST_LIMIT_MAX, cursor },
    });
    items.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return items;
}
