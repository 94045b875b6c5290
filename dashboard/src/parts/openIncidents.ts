/** The open incidents, kept current: in a storm each message is put into the list instead of reading it all again. */
import { type UseQueryResult, useQuery, useQueryClient } from '@tanstack/react-query';
import type { IncidentSummary } from '@muster/shared/api/incidents.ts';
import { openIncidentsQuery } from '../api/queries.ts';
import { useLive } from '../app/live.ts';
import { patched } from './incidentPatch.ts';

/** `refetchIntervalMs` for where nobody would press "again". */
export function useOpenIncidents(refetchIntervalMs?: number): UseQueryResult<IncidentSummary[]> {
  const queries = useQueryClient();
  useLive({ name: 'incidents' }, (message) => {
    if (message.type !== 'incident') return;
    queries.setQueryData(
      openIncidentsQuery.queryKey,
      (before) => before && patched(before, message.incident, 'open'),
    );
  });
  return useQuery({ ...openIncidentsQuery, refetchInterval: refetchIntervalMs ?? false });
}
