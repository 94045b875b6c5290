/** What the maintenance pages read and do. */
import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { MaintenanceWindow, WindowOccurrence } from '@muster/shared/api/maintenance.ts';
import { DAY_MS, SECOND_MS, toIso, type Millis } from '@muster/shared/time.ts';
import { call, type CallInput, type CallOutput } from '../../api/client.ts';
import { useT } from '../../i18n/i18n.ts';
import { useControlErrorWords } from '../../parts/controlQueries.ts';
import { say } from '../../ui/Toast.tsx';
import type { Show } from './search.ts';

const PAGE = 50;
export const STRIP_DAYS = 14;
export const PROLONG_MINUTES = 30;

export const windowsQuery = (show: Show | undefined) =>
  infiniteQueryOptions({
    queryKey: ['maintenance', 'list', show],
    queryFn: ({ signal, pageParam }) =>
      call(ENDPOINTS.listMaintenanceWindows, { query: { show, limit: PAGE, cursor: pageParam } }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: 15 * SECOND_MS,
  });

export const windowQuery = (id: string) =>
  queryOptions({
    queryKey: ['maintenance', 'one', id],
    queryFn: ({ signal }) => call(ENDPOINTS.getMaintenanceWindow, { params: { id } }, signal),
    refetchInterval: 15 * SECOND_MS,
  });

export const stripQuery = (fromMs: Millis) =>
  queryOptions({
    queryKey: ['maintenance', 'strip', fromMs],
    queryFn: ({ signal }) =>
      call(
        ENDPOINTS.listMaintenanceOccurrences,
        { query: { from: toIso(fromMs), to: toIso(fromMs + STRIP_DAYS * DAY_MS) } },
        signal,
      ),
    placeholderData: keepPreviousData,
    refetchInterval: 60 * SECOND_MS,
  });

export type WindowDetail = CallOutput<typeof ENDPOINTS.getMaintenanceWindow>;

export type PreviewBody = CallInput<typeof ENDPOINTS.previewMaintenanceWindow>['body'];

export const previewQuery = (body: PreviewBody | null) =>
  queryOptions({
    queryKey: ['maintenance', 'preview', body],
    queryFn: ({ signal }) => {
      if (body === null) throw new Error('nothing is asked for without a draft');
      return call(ENDPOINTS.previewMaintenanceWindow, { body }, signal);
    },
    enabled: body !== null,
    placeholderData: keepPreviousData,
    staleTime: 30 * SECOND_MS,
  });

/** A change of a window; the lists are read again. */
export function useWindowMutation<Input, Output>(act: (input: Input) => Promise<Output>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSettled: () => queries.invalidateQueries({ queryKey: ['maintenance'] }),
  });
}

export function useProlong() {
  const t = useT();
  const words = useControlErrorWords();
  const extend = ({ id, minutes }: { id: string; minutes: number }) =>
    call(ENDPOINTS.extendMaintenanceWindow, { params: { id }, body: { minutes } });
  const mutation = useWindowMutation(extend);
  const undo = useWindowMutation(extend);
  const onError = (error: Error) => say(words(error));
  return {
    isPending: mutation.isPending,
    run: (window: MaintenanceWindow) =>
      mutation.mutate(
        { id: window.id, minutes: PROLONG_MINUTES },
        {
          onSuccess: () =>
            say(t('maintenance.prolonged', { title: window.title, minutes: PROLONG_MINUTES }), {
              label: t('ui.undo'),
              onPress: () =>
                undo.mutate(
                  { id: window.id, minutes: -PROLONG_MINUTES },
                  {
                    onSuccess: () => say(t('maintenance.prolongUndone', { title: window.title })),
                    onError,
                  },
                ),
            }),
          onError,
        },
      ),
  };
}

/** One occurrence does not take place; one that runs ends. */
export function useSkip() {
  return useWindowMutation(
    ({ window, occurrence }: { window: MaintenanceWindow; occurrence: WindowOccurrence }) =>
      call(ENDPOINTS.skipMaintenanceOccurrence, {
        params: { id: window.id },
        body: { from: occurrence.from },
      }),
  );
}

export function useEnd() {
  return useWindowMutation(({ id }: MaintenanceWindow) =>
    call(ENDPOINTS.endMaintenanceWindow, { params: { id } }),
  );
}
