/** All machines by site with their state, kept current by what the live connection tells. */
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { MINUTE_MS } from '@muster/shared/time.ts';
import { call } from '../api/client.ts';
import { useLive } from '../app/live.ts';
import { patchRoll, type Roll } from './rollCells.ts';

export const rollQuery = queryOptions({
  queryKey: ['roll'],
  queryFn: ({ signal }) => call(ENDPOINTS.rollCall, {}, signal),
  staleTime: MINUTE_MS,
  refetchInterval: 5 * MINUTE_MS,
});

/** `wanted` false reads and watches nothing. */
export function useRoll(wanted: boolean): Roll | undefined {
  const queries = useQueryClient();
  const { data } = useQuery({ ...rollQuery, enabled: wanted });
  useLive(wanted ? { name: 'presence' } : null, (message) => {
    if (message.type !== 'presence') return;
    const before = queries.getQueryData(rollQuery.queryKey);
    if (before === undefined) return;
    const after = patchRoll(before, message.items);
    // A machine nobody knew yet: names and sites are the server's to tell.
    if (after === null) void queries.invalidateQueries({ queryKey: rollQuery.queryKey });
    else if (after !== before) queries.setQueryData(rollQuery.queryKey, after);
  });
  return data;
}
