/** Requests to judge the record otherwise, as pages read and change them. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { LIST_LIMIT_MAX } from '@muster/shared/api/endpoint.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { MINUTE_MS } from '@muster/shared/time.ts';
import { call } from '../api/client.ts';
import { say } from '../ui/Toast.tsx';

/** Beside those that wait, which are all there. */
const DECIDED_MAX = 50;

export const reclassificationsQuery = queryOptions({
  queryKey: ['availability', 'reclassifications'],
  queryFn: async ({ signal }) => {
    const [waiting, newest] = await Promise.all([
      call(ENDPOINTS.listReclassifications, { query: { state: 'pending', limit: LIST_LIMIT_MAX } }, signal),
      call(ENDPOINTS.listReclassifications, { query: { limit: DECIDED_MAX } }, signal),
    ]);
    const decided = newest.items.filter(({ state }) => state !== 'pending');
    return { pending: waiting.pending, items: [...waiting.items, ...decided] };
  },
  staleTime: MINUTE_MS,
  refetchInterval: MINUTE_MS,
});

/** Writes, then reads everything again that a judgement may change. */
export function useJudging<Input>(
  write: (input: Input) => Promise<unknown>,
  sentence: string,
  done?: () => void,
) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: write,
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['availability'] });
      say(sentence);
      done?.();
    },
  });
}
