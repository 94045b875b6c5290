/** What the agent of one machine is told by its groups: values, labels, checks. */
import { queryOptions } from '@tanstack/react-query';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import { call } from '../api/client.ts';

/** All that is asked about the configuration of agents begins with it. */
export const AGENT_CONFIG_KEY = ['settings', 'agent-config'] as const;

/** Agents tell what they work by within seconds of a change. */
export const STANDINGS_FRESH_MS = 5 * SECOND_MS;

export const machineConfigQuery = (id: string) =>
  queryOptions({
    queryKey: [...AGENT_CONFIG_KEY, 'machine', id],
    queryFn: ({ signal }) => call(ENDPOINTS.getAgentConfigOf, { params: { id } }, signal),
  });
