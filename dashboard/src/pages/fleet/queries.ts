/** What only the pages of the agents read. */
import { queryOptions } from '@tanstack/react-query';
import { LIST_LIMIT_MAX } from '@muster/shared/api/endpoint.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import { call } from '../../api/client.ts';

/** Agents that enrolled after a token was made; asked often, so never more than these. */
export const arrivalsQuery = (enrolledSince: string) =>
  queryOptions({
    queryKey: ['agents', 'since', enrolledSince],
    queryFn: ({ signal }) =>
      call(ENDPOINTS.listAgents, { query: { enrolledSince, limit: LIST_LIMIT_MAX } }, signal).then(
        (answer) => answer.items,
      ),
    refetchInterval: 2 * SECOND_MS,
  });
