/** Reading the audit log: page by page for the eye, whole for a file, and the check of its chain. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { AuditEntry } from '@muster/shared/api/access.ts';
import { LIST_LIMIT_MAX } from '@muster/shared/api/endpoint.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { MINUTE_MS } from '@muster/shared/time.ts';
import { call } from '../../api/client.ts';
import { readAll } from '../../api/queries.ts';
import type { AuditSearch } from './search.ts';

/** Entries in one file at most; a longer log is exported period by period. */
export const EXPORT_ENTRIES_MAX = 50_000;

export const auditPagesQuery = (search: AuditSearch) =>
  infiniteQueryOptions({
    queryKey: ['audit', search],
    queryFn: ({ pageParam, signal }) =>
      call(ENDPOINTS.listAudit, { query: { ...filterOf(search), cursor: pageParam } }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    // Pages already read must not shift while somebody reads them.
    staleTime: Number.POSITIVE_INFINITY,
  });

export const auditCheckQuery = queryOptions({
  queryKey: ['audit-check'],
  queryFn: ({ signal }) => call(ENDPOINTS.auditCheck, {}, signal),
});

/** What rollouts bring, for the entries about them. */
export const auditRolloutsQuery = queryOptions({
  queryKey: ['rollouts', 'all'],
  queryFn: ({ signal }) =>
    readAll((cursor) => call(ENDPOINTS.listRollouts, { query: { limit: LIST_LIMIT_MAX, cursor } }, signal)),
  staleTime: MINUTE_MS,
});

/** Everything that is filtered, newest first, up to the limit. */
export async function readAudit(
  search: AuditSearch,
  onProgress: (entries: number) => void,
  signal: AbortSignal,
): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  let cursor: string | undefined;
  do {
    const query = { ...filterOf(search), cursor, limit: LIST_LIMIT_MAX };
    const { items, nextCursor } = await call(ENDPOINTS.listAudit, { query }, signal);
    entries.push(...items);
    onProgress(entries.length);
    cursor = nextCursor ?? undefined;
  } while (cursor !== undefined && entries.length < EXPORT_ENTRIES_MAX);
  return entries;
}

/** Days of the reader's zone become times; the last day is included. */
function filterOf({ action, actor, subject, from, to }: AuditSearch) {
  return {
    action,
    actor,
    subject: subject?.trim() || undefined,
    from: from && startOf(from, 0),
    to: to && startOf(to, 1),
  };
}

function startOf(day: string, later: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}
