/** What only the overview reads. */
import { queryOptions } from '@tanstack/react-query';
import { LIST_LIMIT_MAX } from '@muster/shared/api/endpoint.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import { call } from '../../api/client.ts';

export const channelsQuery = queryOptions({
  queryKey: ['first-steps', 'channels'],
  queryFn: ({ signal }) =>
    call(ENDPOINTS.listChannels, { query: { limit: LIST_LIMIT_MAX } }, signal).then((answer) => answer.items),
  staleTime: 10 * SECOND_MS,
});
