/** What the pages of the configuration of agents ask. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { ConfigGroups } from '@muster/shared/api/agent-config.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { call } from '../../api/client.ts';
import { AGENT_CONFIG_KEY, STANDINGS_FRESH_MS } from '../../parts/machineConfig.ts';

const KEY = AGENT_CONFIG_KEY;

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

/** How many machines groups are of, and how many would be told something else. */
export const reachQuery = (content: ConfigGroups) =>
  queryOptions({
    queryKey: [...KEY, 'reach', content],
    queryFn: ({ signal }) => call(ENDPOINTS.previewAgentConfig, { body: { content } }, signal),
    // While something is typed the numbers of before stay.
    placeholderData: keepPreviousData,
    retry: false,
  });

export const standingsQuery = queryOptions({
  queryKey: [...KEY, 'agents'],
  queryFn: ({ signal }) => call(ENDPOINTS.listAgentConfigStandings, {}, signal),
  refetchInterval: STANDINGS_FRESH_MS,
});

export const collectedQuery = queryOptions({
  queryKey: ['settings', 'collected'],
  queryFn: ({ signal }) => call(ENDPOINTS.getCollected, {}, signal),
  staleTime: Number.POSITIVE_INFINITY,
});
