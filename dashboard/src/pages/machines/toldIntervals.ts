/** What the agent of a machine was told of how often to read samples: by it charts tell what is missing. */
import { type QueryClient, queryOptions } from '@tanstack/react-query';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { MINUTE_MS } from '@muster/shared/time.ts';
import { call } from '../../api/client.ts';
import type { ToldInterval } from '../../charts/rhythm.ts';
import { millis } from '../../util/time.ts';

const intervalsQuery = (ci: string) =>
  queryOptions({
    queryKey: ['told-intervals', ci],
    queryFn: async () =>
      (await call(ENDPOINTS.listAgentConfigIntervals, { params: { id: ci } })).items.map(
        ({ since, intervalMs }): ToldInterval => ({
          sinceMs: millis(since) ?? Number.NEGATIVE_INFINITY,
          intervalMs,
        }),
      ),
    staleTime: MINUTE_MS,
  });

/** As of a range that is shown `shiftMs` later; empty where it cannot be read: then the points alone tell. */
export async function toldIntervals(
  client: QueryClient,
  ci: string,
  shiftMs: number,
): Promise<readonly ToldInterval[]> {
  const told = await client.fetchQuery(intervalsQuery(ci)).catch(() => []);
  return told.map((one) => ({ ...one, sinceMs: one.sinceMs + shiftMs }));
}
