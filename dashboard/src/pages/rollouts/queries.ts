/** What the pages of upgrades read and do. Nothing is asked for while the tab is hidden. */
import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { LIST_LIMIT_MAX } from '@muster/shared/api/endpoint.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { RingName, Rollout, RolloutAgentState } from '@muster/shared/api/rollouts.ts';
import { SECOND_MS, type Millis } from '@muster/shared/time.ts';
import { ApiError, call } from '../../api/client.ts';
import { readAll } from '../../api/queries.ts';
import { useErrorWords } from '../../ui/ErrorPanel.tsx';
import type { RolloutBody } from './draft.ts';
import { isMoving, type Move } from './progress.ts';

/** While a rollout moves; while none does, somebody may start one. */
const MOVING_MS = 2 * SECOND_MS;
const STILL_MS = 15 * SECOND_MS;
const AGENTS_PAGE = 100;
/** Who reads many pages of agents has them read again less often: all of them are asked for each time. */
const AGENTS_PAGES_LIVE = 3;
const HISTORY_PAGE = 10;

const pace = (rollout: Pick<Rollout, 'state'> | null | undefined) =>
  rollout && isMoving(rollout.state) ? MOVING_MS : STILL_MS;

export const releasesQuery = queryOptions({
  queryKey: ['releases'],
  queryFn: ({ signal }) =>
    readAll((cursor) => call(ENDPOINTS.listReleases, { query: { limit: LIST_LIMIT_MAX, cursor } }, signal)),
  refetchInterval: STILL_MS,
});

export const releaseTrustQuery = queryOptions({
  queryKey: ['release-trust'],
  queryFn: ({ signal }) => call(ENDPOINTS.getReleaseTrust, {}, signal),
  refetchInterval: STILL_MS,
});

/** null: there was none yet. */
export const latestRolloutQuery = queryOptions({
  queryKey: ['rollouts', 'latest'],
  queryFn: ({ signal }) =>
    call(ENDPOINTS.listRollouts, { query: { limit: 1 } }, signal).then(
      ({ items: [latest] }) => latest ?? null,
    ),
  refetchInterval: ({ state: { data } }) => pace(data),
});

export const rolloutQuery = (id: string) =>
  queryOptions({
    queryKey: ['rollouts', 'one', id],
    queryFn: ({ signal }) => call(ENDPOINTS.getRollout, { params: { id } }, signal),
    refetchInterval: ({ state: { data } }) => pace(data),
  });

export const historyQuery = infiniteQueryOptions({
  queryKey: ['rollouts', 'history'],
  queryFn: ({ signal, pageParam }) =>
    call(ENDPOINTS.listRollouts, { query: { limit: HISTORY_PAGE, cursor: pageParam } }, signal),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  refetchInterval: STILL_MS,
});

export interface AgentFilter {
  readonly state?: RolloutAgentState | undefined;
  readonly ring?: RingName | undefined;
}

const agentsKey = (id: string) => ['rollouts', 'agents', id] as const;

/** `state`: of the rollout, for how often they are asked for. */
export const rolloutAgentsQuery = ({ id, state }: Pick<Rollout, 'id' | 'state'>, filter: AgentFilter) =>
  infiniteQueryOptions({
    queryKey: [...agentsKey(id), filter],
    queryFn: ({ signal, pageParam }) =>
      call(
        ENDPOINTS.listRolloutAgents,
        { params: { id }, query: { ...filter, limit: AGENTS_PAGE, cursor: pageParam } },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state: { data } }) =>
      isMoving(state) && (data?.pages.length ?? 0) <= AGENTS_PAGES_LIVE ? MOVING_MS : STILL_MS,
  });

/** What the agents went through by then is shown with the state that followed from it, and not when their turn comes. */
export function useAgentsReadAgain({ id, state }: Pick<Rollout, 'id' | 'state'>): void {
  const queries = useQueryClient();
  const seen = useRef({ id, state });
  useEffect(() => {
    const before = seen.current;
    seen.current = { id, state };
    if (before.id === id && before.state !== state)
      void queries.invalidateQueries({ queryKey: agentsKey(id) });
  }, [queries, id, state]);
}

export const previewQuery = (body: RolloutBody | null) =>
  queryOptions({
    queryKey: ['rollouts', 'preview', body],
    queryFn: ({ signal }) => {
      if (body === null) throw new Error('nothing is asked for without a plan');
      return call(ENDPOINTS.previewRollout, { body }, signal);
    },
    enabled: body !== null,
    staleTime: 10 * SECOND_MS,
    retry: false,
  });

/** When the server last answered, if it does not any more; null while it does. */
export function silentSince({
  error,
  dataUpdatedAt,
}: {
  error: unknown;
  dataUpdatedAt: Millis;
}): Millis | null {
  return error === null ? null : dataUpdatedAt;
}

/** Whatever is done, all that is shown of it is read again. */
function useRolloutMutation<Input, Output>(act: (input: Input) => Promise<Output>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSettled: () =>
      Promise.all(
        ['rollouts', 'releases', 'agents'].map((key) => queries.invalidateQueries({ queryKey: [key] })),
      ),
  });
}

export function useStart() {
  return useRolloutMutation((body: RolloutBody) => call(ENDPOINTS.createRollout, { body }));
}

export function useMove(id: string) {
  return useRolloutMutation((body: { to: Move; note: string }) =>
    call(ENDPOINTS.moveRollout, { params: { id }, body }),
  );
}

export function useRemoveRelease() {
  return useRolloutMutation((serial: number) => call(ENDPOINTS.deleteRelease, { params: { serial } }));
}

export function usePin(id: string) {
  return useRolloutMutation((body: { pinned: boolean; note: string }) =>
    call(ENDPOINTS.pinAgent, { params: { id }, body }),
  );
}

/** Of what was typed, and of a step that came too late, the server's own words say most. */
export function useRolloutErrorWords(): (error: unknown) => string {
  const words = useErrorWords();
  return (error) =>
    error instanceof ApiError && ['input-invalid', 'transition-not-allowed'].includes(error.code)
      ? error.message
      : words(error);
}
