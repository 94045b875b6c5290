/** What only the pages of the agents read. */
import { queryOptions } from '@tanstack/react-query';
import { LIST_LIMIT_MAX } from '@muster/shared/api/endpoint.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import { call } from '../../api/client.ts';
import { agentsQuery, readAll } from '../../api/queries.ts';

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

export const installPlatformsQuery = queryOptions({
  queryKey: ['install-platforms'],
  queryFn: ({ signal }) => call(ENDPOINTS.getInstallPlatforms, {}, signal),
});

/** Those of machines that the agent configuration labels so. */
export const labelledAgentsQuery = (label: string) =>
  queryOptions({
    ...agentsQuery,
    queryKey: ['agents', 'labelled', label],
    queryFn: ({ signal }) =>
      readAll((cursor) =>
        call(ENDPOINTS.listAgents, { query: { limit: LIST_LIMIT_MAX, label, cursor } }, signal),
      ),
  });
