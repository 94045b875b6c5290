/** A list of incidents that live messages keep current: in a storm it is not read again with each of them. */
import { useIsFetching, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import type { IncidentSummary } from '@muster/shared/api/incidents.ts';
import { useLive } from '../app/live.ts';
import { type IncidentSpan, patched } from './incidentPatch.ts';

interface IncidentListQuery {
  /** As TanStack Query types it: the key knows what it holds. */
  readonly queryKey: readonly unknown[];
}

/**
 * `onTold`: each message, besides. An answer that was made before a message but comes after it would take it back:
 * what was told while the list was being read is put in again.
 */
export function useLiveIncidentList(
  { queryKey }: IncidentListQuery,
  span: IncidentSpan,
  onTold?: (incident: IncidentSummary) => void,
): void {
  const queries = useQueryClient();
  const key = JSON.stringify(queryKey);
  const isReading = useIsFetching({ queryKey, exact: true }) > 0;
  const toldMeanwhile = useRef<IncidentSummary[]>([]);
  const put = useCallback(
    (told: readonly IncidentSummary[]) =>
      queries.setQueryData<IncidentSummary[]>(
        JSON.parse(key) as readonly unknown[],
        (before) => before && told.reduce((list, one) => patched(list, one, span), before),
      ),
    [queries, key, span],
  );
  useLive({ name: 'incidents' }, (message) => {
    if (message.type !== 'incident') return;
    if (queries.isFetching({ queryKey, exact: true }) > 0) toldMeanwhile.current.push(message.incident);
    put([message.incident]);
    onTold?.(message.incident);
  });
  useEffect(() => {
    if (!isReading && toldMeanwhile.current.length > 0) put(toldMeanwhile.current.splice(0));
  }, [isReading, put]);
}
