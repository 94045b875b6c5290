/** What a person does beside the states: merge, split, link, priority by hand, filing. */
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import { type CallInput, call } from '../../api/client.ts';
import { useWords } from '../../i18n/i18n.ts';
import { useIncidentMutation, type Versioned } from '../../parts/incidentActions.ts';

type Body<Id extends keyof typeof ENDPOINTS> = CallInput<(typeof ENDPOINTS)[Id]>['body'];

export const relatedQuery = (id: string) =>
  queryOptions({
    queryKey: ['incidents', 'related', id],
    queryFn: ({ signal }) => call(ENDPOINTS.relatedIncidents, { params: { id } }, signal),
    staleTime: 30 * SECOND_MS,
  });

export const categoriesQuery = queryOptions({
  queryKey: ['incident-categories'],
  queryFn: ({ signal }) => call(ENDPOINTS.getIncidentCategories, {}, signal),
  staleTime: 5 * MINUTE_MS,
});

export const matrixQuery = queryOptions({
  queryKey: ['priority-matrix'],
  queryFn: ({ signal }) => call(ENDPOINTS.getPriorityMatrix, {}, signal),
  staleTime: 5 * MINUTE_MS,
});

/** Letters from which a title says anything. */
const TITLE_MIN = 4;

export const candidatesQuery = (report: {
  readonly ci: string | undefined;
  readonly category: string;
  readonly title: string;
}) => {
  const title = report.title.trim().length < TITLE_MIN ? undefined : report.title.trim();
  const category = report.category === '' ? undefined : report.category;
  return queryOptions({
    queryKey: ['incidents', 'candidates', report.ci, category, title],
    queryFn: ({ signal }) =>
      call(ENDPOINTS.incidentCandidates, { query: { ci: report.ci, category, title } }, signal),
    enabled: report.ci !== undefined || title !== undefined,
    placeholderData: keepPreviousData,
    staleTime: 10 * SECOND_MS,
  });
};

/** Categories with their whole names, for choosing; retired ones only where they are in use. */
export function useCategories(inUse: string | null): { value: string; label: string }[] {
  const words = useWords();
  const items = useQuery(categoriesQuery).data?.items ?? [];
  const titleOf = (id: string) => {
    const held = items.find((one) => one.id === id);
    return held ? words(held.title) : id;
  };
  return items
    .filter(({ id, retired }) => !retired || id === inUse)
    .map(({ id }) => ({
      value: id,
      label: id
        .split('.')
        .map((_part, i, parts) => titleOf(parts.slice(0, i + 1).join('.')))
        .join(' › '),
    }));
}

export function useMerge(incident: Versioned) {
  return useIncidentMutation(
    incident.ref,
    (body: Body<'mergeIncidents'>) =>
      call(ENDPOINTS.mergeIncidents, {
        params: { id: incident.id },
        body: { ...body, version: incident.version },
      }),
    true,
  );
}

export function useSplit(incident: Versioned) {
  return useIncidentMutation(
    incident.ref,
    (body: Body<'splitIncident'>) =>
      call(ENDPOINTS.splitIncident, {
        params: { id: incident.id },
        body: { ...body, version: incident.version },
      }),
    true,
  );
}

export function useLink(incident: Versioned) {
  return useIncidentMutation(
    incident.ref,
    (parentId: string | null) =>
      call(ENDPOINTS.linkIncident, {
        params: { id: incident.id },
        body: { parentId, version: incident.version },
      }),
    true,
  );
}

export function useSetPriority(incident: Versioned) {
  return useIncidentMutation(
    incident.ref,
    (body: Body<'setIncidentPriority'>) =>
      call(ENDPOINTS.setIncidentPriority, {
        params: { id: incident.id },
        body: { ...body, version: incident.version },
      }),
    true,
  );
}

export function useFile(incident: Versioned) {
  return useIncidentMutation(
    incident.ref,
    (body: Body<'fileIncident'>) =>
      call(ENDPOINTS.fileIncident, {
        params: { id: incident.id },
        body: { ...body, version: incident.version },
      }),
    true,
  );
}
