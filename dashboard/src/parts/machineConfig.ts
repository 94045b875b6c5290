/** What agents are told by their groups: values, labels, checks. */
import { queryOptions } from '@tanstack/react-query';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import { call } from '../api/client.ts';

/** All that is asked about the configuration of agents begins with it. */
export const AGENT_CONFIG_KEY = ['settings', 'agent-config'] as const;

/** Agents tell what they work by within seconds of a change. */
export const STANDINGS_FRESH_MS = 5 * SECOND_MS;

/** The present version, with all groups. */
export const configQuery = queryOptions({
  queryKey: [...AGENT_CONFIG_KEY, 'present'],
  queryFn: ({ signal }) => call(ENDPOINTS.getAgentConfig, {}, signal),
});

export const machineConfigQuery = (id: string) =>
  queryOptions({
    queryKey: [...AGENT_CONFIG_KEY, 'machine', id],
    queryFn: ({ signal }) => call(ENDPOINTS.getAgentConfigOf, { params: { id } }, signal),
  });
