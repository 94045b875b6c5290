/** What the pages of the past read. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { CallInput } from '../../api/client.ts';
import { call } from '../../api/client.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import type { AccuracySearch, DriftSearch, FeedSearch, PastSearch } from './search.ts';

const PAGE = 100;
const pages = {
  initialPageParam: undefined as string | undefined,
  getNextPageParam: ({ nextCursor }: { nextCursor: string | null }) => nextCursor ?? undefined,
  placeholderData: keepPreviousData,
};

export const pastCisQuery = ({ at, ...filter }: PastSearch & { at: string }, limit = PAGE) =>
  infiniteQueryOptions({
    queryKey: ['history', 'past', at, filter, limit],
    queryFn: ({ signal, pageParam }) =>
      call(ENDPOINTS.cmdbAsOf, { query: { at, ...filter, limit, cursor: pageParam } }, signal),
    ...pages,
    // What was stays as it was.
    staleTime: 10 * MINUTE_MS,
  });

export const pastCiQuery = (id: string, at: string) =>
  queryOptions({
    queryKey: ['history', 'past', 'ci', id, at],
    queryFn: ({ signal }) => call(ENDPOINTS.ciAsOf, { params: { id }, query: { at } }, signal),
    staleTime: 10 * MINUTE_MS,
  });

export const restoreQuery = (id: string, at: string) =>
  queryOptions({
    queryKey: ['history', 'restore', id, at],
    queryFn: ({ signal }) => call(ENDPOINTS.previewRestore, { params: { id }, query: { at } }, signal),
    staleTime: 0,
  });

export const feedQuery = (search: FeedSearch, limit = PAGE) =>
  infiniteQueryOptions({
    queryKey: ['history', 'feed', search, limit],
    queryFn: ({ signal, pageParam }) =>
      call(ENDPOINTS.listHistory, { query: { ...search, limit, cursor: pageParam } }, signal),
    ...pages,
    staleTime: 30 * SECOND_MS,
  });

export const baselinesQuery = queryOptions({
  queryKey: ['history', 'baselines'],
  queryFn: ({ signal }) => call(ENDPOINTS.listBaselines, {}, signal),
  staleTime: 30 * SECOND_MS,
});

export const modelsQuery = queryOptions({
  queryKey: ['history', 'models'],
  queryFn: ({ signal }) => call(ENDPOINTS.listModels, {}, signal),
  staleTime: 5 * MINUTE_MS,
});

type DriftInput = NonNullable<CallInput<typeof ENDPOINTS.drift>['query']>;

export const driftQuery = (search: DriftSearch, limit = PAGE) => {
  const { mode: _mode, model, ...rest } = search;
  const ofMode: DriftInput =
    search.mode === 'baseline'
      ? {
          baseline: rest.baseline,
          to: rest.to,
          kind: rest.kind,
          q: rest.q,
          ids: rest.ids,
          ignore: rest.ignore,
        }
      : { ...rest, baseline: undefined, model };
  return infiniteQueryOptions({
    queryKey: ['history', 'drift', search, limit],
    queryFn: ({ signal, pageParam }) =>
      call(ENDPOINTS.drift, { query: { ...ofMode, limit, cursor: pageParam } }, signal),
    ...pages,
    staleTime: MINUTE_MS,
  });
};

export const peersQuery = ({ class: ofClass, model, tag, kind, q, ignore }: DriftSearch, limit = PAGE) =>
  infiniteQueryOptions({
    queryKey: ['history', 'peers', ofClass, model, tag, kind, q, ignore, limit],
    queryFn: ({ signal, pageParam }) =>
      call(
        ENDPOINTS.peerDrift,
        { query: { class: ofClass, model, tag, kind, q, ignore, limit, cursor: pageParam } },
        signal,
      ),
    ...pages,
    staleTime: MINUTE_MS,
  });

export const accuracyQuery = (search: AccuracySearch, limit = PAGE) =>
  infiniteQueryOptions({
    queryKey: ['history', 'accuracy', search, limit],
    queryFn: ({ signal, pageParam }) =>
      call(ENDPOINTS.fleetAccuracy, { query: { ...search, limit, cursor: pageParam } }, signal),
    ...pages,
    staleTime: MINUTE_MS,
  });

export const retentionQuery = queryOptions({
  queryKey: ['history', 'retention'],
  queryFn: ({ signal }) => call(ENDPOINTS.getRetention, {}, signal),
  staleTime: MINUTE_MS,
});
