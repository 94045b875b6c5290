/** The open incidents, kept current: in a storm each message is put into the list instead of reading it all again. */
import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { IncidentSummary } from '@muster/shared/api/incidents.ts';
import { openIncidentsQuery } from '../api/queries.ts';
import { useLiveIncidentList } from './liveIncidents.ts';

/** `refetchIntervalMs` for where nobody would press "again". */
export function useOpenIncidents(refetchIntervalMs?: number): UseQueryResult<IncidentSummary[]> {
  useLiveIncidentList(openIncidentsQuery, 'open');
  return useQuery({ ...openIncidentsQuery, refetchInterval: refetchIntervalMs ?? false });
}
