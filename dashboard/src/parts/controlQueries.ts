/** What the pages of findings, changes and software read and do. */
import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query';
import { LIST_LIMIT_MAX } from '@muster/shared/api/endpoint.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { FINDINGS_DECIDED_MAX, type FindingKind, type FindingState } from '@muster/shared/api/findings.ts';
import type { ChangeState } from '@muster/shared/api/changes.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import { ApiError, type CallInput, call } from '../api/client.ts';
import { useErrorWords } from '../ui/ErrorPanel.tsx';

const PAGE = 50;

export interface FindingFilter {
  readonly state?: FindingState | undefined;
  readonly kind?: FindingKind | undefined;
  readonly ci?: string | undefined;
}

export const findingsQuery = (filter: FindingFilter) =>
  infiniteQueryOptions({
    queryKey: ['findings', filter],
    queryFn: ({ signal, pageParam }) =>
      call(
        ENDPOINTS.listFindings,
        { query: { ...filter, limit: LIST_LIMIT_MAX, cursor: pageParam } },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: keepPreviousData,
    staleTime: 10 * SECOND_MS,
    refetchInterval: 30 * SECOND_MS,
  });

export const changesQuery = (filter: {
  readonly state?: ChangeState | undefined;
  readonly ci?: string | undefined;
}) =>
  infiniteQueryOptions({
    queryKey: ['changes', filter],
    queryFn: ({ signal, pageParam }) =>
      call(ENDPOINTS.listChanges, { query: { ...filter, limit: PAGE, cursor: pageParam } }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: keepPreviousData,
    staleTime: 10 * SECOND_MS,
  });

/** Approved changes of a CI, for a finding that one of them explains. */
export const approvedChangesQuery = queryOptions({
  queryKey: ['changes', 'approved'],
  queryFn: ({ signal }) =>
    call(ENDPOINTS.listChanges, { query: { state: 'approved', limit: LIST_LIMIT_MAX } }, signal).then(
      ({ items }) => items,
    ),
  staleTime: 10 * SECOND_MS,
});

export function useControlMutation<Input, Output>(act: (input: Input) => Promise<Output>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSettled: () =>
      Promise.all(
        ['findings', 'changes', 'software', 'licences', 'software-rules'].map((key) =>
          queries.invalidateQueries({ queryKey: [key] }),
        ),
      ),
  });
}

export type DecideBody = CallInput<typeof ENDPOINTS.decideFindings>['body'];
export type ChangeBody = CallInput<typeof ENDPOINTS.createChange>['body'];

export function useDecide() {
  return useControlMutation(async (body: DecideBody) => {
    for (let from = 0; from < body.ids.length; from += FINDINGS_DECIDED_MAX) {
      const ids = body.ids.slice(from, from + FINDINGS_DECIDED_MAX);
      const [failed] = (await call(ENDPOINTS.decideFindings, { body: { ...body, ids } })).failed;
      if (failed) throw new ApiError({ code: failed.code, status: 409, detail: failed.detail });
    }
  });
}

export function useRequestChange() {
  return useControlMutation((body: ChangeBody) => call(ENDPOINTS.createChange, { body }));
}

/** What the server said of the input stands where there is no better sentence. */
export function useControlErrorWords(): (error: unknown) => string {
  const words = useErrorWords();
  return (error) =>
    error instanceof ApiError && ['input-invalid', 'transition-not-allowed', 'forbidden'].includes(error.code)
      ? error.message
      : words(error);
}
