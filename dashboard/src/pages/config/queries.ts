/** What the pages of the configuration of agents ask. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import { call } from '../../api/client.ts';

/** Agents tell what they work by within seconds of a change. */
const STANDINGS_FRESH_MS = 5 * SECOND_MS;

const KEY = ['settings', 'agent-config'] as const;

export const configQuery = queryOptions({
  queryKey: [...KEY, 'present'],
  queryFn: ({ signal }) => call(ENDPOINTS.getAgentConfig, {}, signal),
});

export const versionQuery = (version: number) =>
  queryOptions({
    queryKey: [...KEY, 'version', version],
    queryFn: ({ signal }) => call(ENDPOINTS.getAgentConfigVersion, { params: { version } }, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const versionsQuery = infiniteQueryOptions({
  queryKey: [...KEY, 'versions'],
  queryFn: ({ signal, pageParam }) =>
    call(
      ENDPOINTS.listAgentConfigVersions,
      { query: { limit: 10, ...(pageParam === null ? {} : { cursor: pageParam }) } },
      signal,
    ),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.nextCursor,
});

export const standingsQuery = queryOptions({
  queryKey: [...KEY, 'agents'],
  queryFn: ({ signal }) => call(ENDPOINTS.listAgentConfigStandings, {}, signal),
  refetchInterval: STANDINGS_FRESH_MS,
});

export const machineConfigQuery = (id: string) =>
  queryOptions({
    queryKey: [...KEY, 'machine', id],
    queryFn: ({ signal }) => call(ENDPOINTS.getAgentConfigOf, { params: { id } }, signal),
    refetchInterval: STANDINGS_FRESH_MS,
  });

export const collectedQuery = queryOptions({
  queryKey: ['settings', 'collected'],
  queryFn: ({ signal }) => call(ENDPOINTS.getCollected, {}, signal),
  staleTime: Number.POSITIVE_INFINITY,
});

export const AGENT_CONFIG_KEY = KEY;
