/** What people do about identity: merge, undo, split, decide; each says what it did. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { MINUTE_MS } from '@muster/shared/time.ts';
import { call } from '../api/client.ts';
import { useErrorWords } from '../ui/ErrorPanel.tsx';
import { say } from '../ui/Toast.tsx';

export const reviewsQuery = queryOptions({
  queryKey: ['cmdb', 'reviews'],
  queryFn: ({ signal }) => call(ENDPOINTS.listIdentityReviews, { query: { state: 'open' } }, signal),
  refetchInterval: MINUTE_MS,
});

export const junkQuery = queryOptions({
  queryKey: ['cmdb', 'junk'],
  queryFn: ({ signal }) => call(ENDPOINTS.listJunkValues, {}, signal),
});

export const mergePreviewQuery = (keep: string, other: string) =>
  queryOptions({
    queryKey: ['cmdb', 'merge-preview', keep, other],
    queryFn: ({ signal }) => call(ENDPOINTS.mergePreview, { query: { keep, others: other } }, signal),
  });

/** Runs one such call; what hangs on CIs is read again, and a failure is said. */
export function useIdentityAction() {
  const queries = useQueryClient();
  const words = useErrorWords();
  return useMutation({
    mutationFn: (act: () => Promise<unknown>) => act(),
    onSuccess: () => {
      for (const key of ['cmdb', 'ci', 'cis', 'machines'])
        void queries.invalidateQueries({ queryKey: [key] });
    },
    onError: (error) => say(words(error)),
  });
}
