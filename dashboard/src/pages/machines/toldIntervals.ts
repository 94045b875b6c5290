/** What agents were told of how often to read samples: by it charts tell what is missing. */
import { queryOptions, useQueries } from '@tanstack/react-query';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import { call } from '../../api/client.ts';
import type { Pace, ToldInterval } from '../../charts/rhythm.ts';
import { AGENT_CONFIG_KEY } from '../../parts/machineConfig.ts';
import { millis } from '../../util/time.ts';

/** Points further apart are averages over a minute or more. */
const RAW_STEP_MS_MAX = 30 * SECOND_MS;

interface Asked {
  readonly spanMs: number;
  readonly points: number;
}

/** A change that is saved here is read at once, that of others within a minute. */
export const toldQuery = (ci: string, { spanMs, points }: Asked) =>
  queryOptions({
    queryKey: [...AGENT_CONFIG_KEY, 'intervals', ci],
    queryFn: async ({ signal }) =>
      (await call(ENDPOINTS.listAgentConfigIntervals, { params: { id: ci } }, signal)).items.map(
        ({ since, intervalMs }): ToldInterval => ({
          sinceMs: millis(since) ?? Number.NEGATIVE_INFINITY,
          intervalMs,
        }),
      ),
    enabled: spanMs / points <= RAW_STEP_MS_MAX,
    staleTime: MINUTE_MS,
    refetchInterval: MINUTE_MS,
    retry: false,
  });

/** Machine by machine, asked for together with their ranges; undefined where it cannot be read or makes no difference. */
export function useTold(machines: readonly { readonly ci: string; readonly request: Asked }[]) {
  return useQueries({ queries: machines.map(({ ci, request }) => toldQuery(ci, request)), combine });
}

interface Answer {
  readonly data: readonly ToldInterval[] | undefined;
  readonly isLoading: boolean;
  readonly errorUpdateCount: number;
}

export function combine(answers: readonly Answer[]) {
  return {
    data: answers.map(({ data }) => data),
    // What could not be read is asked for again each minute, and nothing waits for it.
    loading: answers.some(({ isLoading, errorUpdateCount }) => isLoading && errorUpdateCount === 0),
  };
}

/** As of a range that is shown `shiftMs` later. Of averages over a minute or more it makes no difference. */
export function withTold<T extends Pace & { readonly tier: string }>(
  range: T,
  told: readonly ToldInterval[] | undefined,
  shiftMs: number,
): T {
  if (range.tier !== 'raw' || told === undefined) return range;
  return { ...range, told: told.map((one) => ({ ...one, sinceMs: one.sinceMs + shiftMs })) };
}
