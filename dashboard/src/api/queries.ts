/** What pages read, by key; one place says how long an answer may be used. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { AvailabilityFormula } from '@muster/shared/api/availability.ts';
import { LIST_LIMIT_MAX } from '@muster/shared/api/endpoint.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { RANGE_STREAM_TYPE } from '@muster/shared/api/metrics.ts';
import type { MachineSummary } from '@muster/shared/api/machines.ts';
import type { MetricName } from '@muster/shared/metrics/catalogue.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS, toIso, type Millis } from '@muster/shared/time.ts';
import { call, callBytes } from './client.ts';

/** A list is read whole; beyond this it would need pages of its own. */
const LIST_PAGES_MAX = 40;

/** All pages of a list. */
export async function readAll<T>(
  page: (cursor: string | undefined) => Promise<{ items: T[]; nextCursor: string | null }>,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < LIST_PAGES_MAX; pages++) {
    const answer = await page(cursor);
    items.push(...answer.items);
    if (answer.nextCursor === null) break;
    cursor = answer.nextCursor;
  }
  return items;
}

export const overviewQuery = queryOptions({
  queryKey: ['overview'],
  queryFn: ({ signal }) => call(ENDPOINTS.overview, {}, signal),
  staleTime: 10 * SECOND_MS,
});

export const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: ({ signal }) => call(ENDPOINTS.serverStatus, {}, signal),
  refetchInterval: 30 * SECOND_MS,
});

/** All machines with the attributes of the list. Presence is patched live into this answer. */
export const machinesQuery = queryOptions({
  queryKey: ['cis'],
  queryFn: ({ signal }): Promise<MachineSummary[]> =>
    call(ENDPOINTS.listMachines, {}, signal).then((answer) => answer.items),
  staleTime: MINUTE_MS,
  refetchInterval: 5 * MINUTE_MS,
});

export const ciQuery = (id: string) =>
  queryOptions({
    queryKey: ['ci', id],
    queryFn: ({ signal }) => call(ENDPOINTS.getCi, { params: { id } }, signal),
    staleTime: 10 * SECOND_MS,
    refetchInterval: MINUTE_MS,
  });

export const historyQuery = (id: string) =>
  queryOptions({
    queryKey: ['ci', id, 'history'],
    queryFn: ({ signal }) =>
      call(ENDPOINTS.ciHistory, { params: { id }, query: { limit: LIST_LIMIT_MAX } }, signal).then(
        (answer) => answer.items,
      ),
    staleTime: 30 * SECOND_MS,
  });

/** Changes read in one step of the changes tab. */
export const HISTORY_PAGE = 100;

/** The same, page by page, as far back as a reader asks. */
export const historyPagesQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['ci', id, 'history', 'pages'],
    queryFn: ({ signal, pageParam }) =>
      call(
        ENDPOINTS.ciHistory,
        { params: { id }, query: { limit: HISTORY_PAGE, cursor: pageParam } },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    staleTime: 30 * SECOND_MS,
  });

export const softwareQuery = (id: string) =>
  queryOptions({
    queryKey: ['ci', id, 'software'],
    queryFn: ({ signal }) =>
      readAll((cursor) =>
        call(ENDPOINTS.ciSoftware, { params: { id }, query: { limit: LIST_LIMIT_MAX, cursor } }, signal),
      ),
    staleTime: MINUTE_MS,
  });

export const latestQuery = (id: string) =>
  queryOptions({
    queryKey: ['ci', id, 'latest'],
    queryFn: ({ signal }) =>
      call(ENDPOINTS.latestMetrics, { params: { id } }, signal).then((answer) => answer.items),
    refetchInterval: 10 * SECOND_MS,
  });

export const agentQuery = (id: string) =>
  queryOptions({
    queryKey: ['agents', id],
    queryFn: ({ signal }) => call(ENDPOINTS.getAgent, { params: { id } }, signal),
    staleTime: MINUTE_MS,
  });

export const processesQuery = (id: string) =>
  queryOptions({
    queryKey: ['ci', id, 'processes'],
    queryFn: ({ signal }) => call(ENDPOINTS.topProcesses, { params: { id } }, signal),
  });

/** `site`: only machines of it; empty: those without one. */
export const topQuery = (metric: MetricName, n: number, site?: string) =>
  queryOptions({
    queryKey: ['top', metric, n, site ?? null],
    queryFn: ({ signal }) => call(ENDPOINTS.topMetrics, { query: { metric, n, site } }, signal),
    refetchInterval: 10 * SECOND_MS,
    placeholderData: keepPreviousData,
  });

export interface RangeInput {
  readonly ci: string;
  readonly metric: MetricName;
  readonly fromMs: Millis;
  readonly toMs: Millis;
  readonly points: number;
  readonly instance?: string | undefined;
}

/** Points come as columns: as they are drawn, and a tenth of their JSON. */
export function readRange({ ci, metric, fromMs, toMs, points, instance }: RangeInput, signal?: AbortSignal) {
  return callBytes(
    ENDPOINTS.metricRange,
    {
      query: {
        ci,
        metric,
        from: toIso(fromMs),
        to: toIso(toMs),
        points,
        ...(instance === undefined ? {} : { instance }),
      },
    },
    // Kept out of the script of the first page.
    {
      mediaType: RANGE_STREAM_TYPE,
      decoder: async () => (await import('@muster/shared/metrics/range-stream.ts')).decodeRangeStream,
    },
    signal,
  );
}

/** Figures and intervals over the last `spanMs`; the end moves with each reading. */
export const availabilityQuery = (ci: string, spanMs: number, nowMs: () => Millis) =>
  queryOptions({
    queryKey: ['availability', ci, spanMs],
    queryFn: async ({ signal }) => {
      const toMs = nowMs();
      const fromMs = toMs - spanMs;
      const answer = await call(
        ENDPOINTS.getAvailability,
        { query: { ci, from: toIso(fromMs), to: toIso(toMs) } },
        signal,
      );
      return { ...answer, fromMs, toMs };
    },
    staleTime: MINUTE_MS,
    refetchInterval: spanMs <= DAY_MS ? MINUTE_MS : 5 * MINUTE_MS,
  });

/** The same over a fixed period, e.g. a calendar month. */
export const periodAvailabilityQuery = (
  ci: string,
  fromMs: Millis,
  toMs: Millis,
  formula: AvailabilityFormula = 'known-time',
) =>
  queryOptions({
    queryKey: ['availability', ci, fromMs, toMs, formula],
    queryFn: ({ signal }) =>
      call(
        ENDPOINTS.getAvailability,
        { query: { ci, from: toIso(fromMs), to: toIso(toMs), formula } },
        signal,
      ),
    staleTime: MINUTE_MS,
    placeholderData: keepPreviousData,
  });

export const openIncidentsQuery = queryOptions({
  queryKey: ['incidents', 'open'],
  queryFn: ({ signal }) =>
    readAll((cursor) =>
      call(ENDPOINTS.listIncidents, { query: { state: 'open', limit: LIST_LIMIT_MAX, cursor } }, signal),
    ),
  staleTime: 10 * SECOND_MS,
});

export const ciIncidentsQuery = (ci: string) =>
  queryOptions({
    queryKey: ['incidents', 'ci', ci],
    queryFn: ({ signal }) =>
      call(ENDPOINTS.listIncidents, { query: { ci, limit: LIST_LIMIT_MAX } }, signal).then(
        (answer) => answer.items,
      ),
    staleTime: 10 * SECOND_MS,
  });

export const incidentQuery = (ref: string) =>
  queryOptions({
    queryKey: ['incident', ref],
    queryFn: ({ signal }) => call(ENDPOINTS.getIncident, { params: { id: ref } }, signal),
  });

export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: ({ signal }) =>
    readAll((cursor) => call(ENDPOINTS.listUsers, { query: { limit: LIST_LIMIT_MAX, cursor } }, signal)),
  staleTime: 5 * MINUTE_MS,
});

export const rulesQuery = queryOptions({
  queryKey: ['rules'],
  queryFn: ({ signal }) =>
    readAll((cursor) => call(ENDPOINTS.listRules, { query: { limit: LIST_LIMIT_MAX, cursor } }, signal)),
  staleTime: MINUTE_MS,
});

/** What is in force on a machine, series by series. */
export const rulesInForceQuery = (ciId: string) =>
  queryOptions({
    queryKey: ['rules', 'in-force', ciId],
    queryFn: ({ signal }) => call(ENDPOINTS.rulesInForce, { params: { id: ciId } }, signal),
    staleTime: 30 * SECOND_MS,
  });

/** A large fleet is read anew less often: the whole list is some megabytes. */
const AGENTS_MANY = 500;

export const agentsQuery = queryOptions({
  queryKey: ['agents'],
  queryFn: ({ signal }) =>
    readAll((cursor) => call(ENDPOINTS.listAgents, { query: { limit: LIST_LIMIT_MAX, cursor } }, signal)),
  staleTime: 5 * SECOND_MS,
  refetchInterval: ({ state }) => ((state.data?.length ?? 0) > AGENTS_MANY ? MINUTE_MS : 10 * SECOND_MS),
});

/** Newest first, those that are over too. */
export const enrolmentTokensQuery = queryOptions({
  queryKey: ['enrolment-tokens'],
  queryFn: ({ signal }) =>
    readAll((cursor) =>
      call(ENDPOINTS.listEnrolmentTokens, { query: { limit: LIST_LIMIT_MAX, cursor } }, signal),
    ),
  staleTime: 10 * SECOND_MS,
  refetchInterval: 30 * SECOND_MS,
});

/** Agents that somebody has to let in. */
export const waitingAgentsQuery = queryOptions({
  queryKey: ['agents', 'waiting'],
  queryFn: ({ signal }) =>
    call(ENDPOINTS.listAgents, { query: { state: 'pending', limit: LIST_LIMIT_MAX } }, signal).then(
      (answer) => answer.items,
    ),
  staleTime: 10 * SECOND_MS,
  refetchInterval: 30 * SECOND_MS,
});

export const openAlertsQuery = queryOptions({
  queryKey: ['alerts', 'open'],
  queryFn: ({ signal }) =>
    readAll((cursor) =>
      call(ENDPOINTS.listAlerts, { query: { state: 'open', limit: LIST_LIMIT_MAX, cursor } }, signal),
    ),
  staleTime: 10 * SECOND_MS,
  refetchInterval: 30 * SECOND_MS,
});
