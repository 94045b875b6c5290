/** Requests to judge the record otherwise, as pages read and change them. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { MINUTE_MS } from '@muster/shared/time.ts';
import { call } from '../api/client.ts';
import { say } from '../ui/Toast.tsx';

const SHOWN_MAX = 50;

export const reclassificationsQuery = queryOptions({
  queryKey: ['availability', 'reclassifications'],
  queryFn: ({ signal }) => call(ENDPOINTS.listReclassifications, { query: { limit: SHOWN_MAX } }, signal),
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
