/** Reading and writing of presence settings and suggestions. */
import { type QueryClient, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { PresenceSettings } from '@muster/shared/api/presence.ts';
import { call } from '../../api/client.ts';
import { useT } from '../../i18n/i18n.ts';
import { useControlErrorWords } from '../../parts/controlQueries.ts';
import { say } from '../../ui/Toast.tsx';

export const presenceSettingsQuery = queryOptions({
  queryKey: ['presence', 'settings'],
  queryFn: ({ signal }) => call(ENDPOINTS.getPresenceSettings, {}, signal),
});

export const suggestionsQuery = queryOptions({
  queryKey: ['presence', 'suggestions'],
  queryFn: ({ signal }) => call(ENDPOINTS.listPresenceSuggestions, { query: {} }, signal),
});

export function useSaveSettings() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: PresenceSettings) => call(ENDPOINTS.setPresenceSettings, { body }),
    onSuccess: (answer) => queries.setQueryData(presenceSettingsQuery.queryKey, answer),
  });
}

/** Calendars and expectations change with it too. */
export function useDecideSuggestion() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, reason }: { id: string; reason: string | null }) =>
      reason === null
        ? call(ENDPOINTS.confirmPresenceSuggestion, { params: { id }, body: {} })
        : call(ENDPOINTS.dismissPresenceSuggestion, { params: { id }, body: { reason } }),
    onSuccess: () => readAgain(queries),
  });
}

export function useUndoDecision() {
  const t = useT();
  const queries = useQueryClient();
  const words = useControlErrorWords();
  return useMutation({
    mutationFn: (id: string) => call(ENDPOINTS.undoPresenceSuggestion, { params: { id }, body: {} }),
    onSuccess: async () => {
      say(t('presence.undone'));
      await readAgain(queries);
    },
    onError: (error) => say(words(error)),
  });
}

function readAgain(queries: QueryClient): Promise<unknown> {
  return Promise.all([
    queries.invalidateQueries({ queryKey: suggestionsQuery.queryKey }),
    queries.invalidateQueries({ queryKey: ['calendars'] }),
  ]);
}
