/** Metrics of a machine that senders tell and not its agent. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { LIST_LIMIT_MAX } from '@muster/shared/api/endpoint.ts';
import type { LatestValue } from '@muster/shared/api/metrics.ts';
import type { ForeignSeries } from '@muster/shared/api/remote-write.ts';
import { MINUTE_MS, type Millis } from '@muster/shared/time.ts';
import { call } from '../api/client.ts';
import { latestQuery, readAll } from '../api/queries.ts';
import { millis } from '../util/time.ts';

/** Prometheus asks its exporters every minute at the latest, as a rule. */
export const FED_STALE_MS = 5 * MINUTE_MS;

function foreignSeriesQuery(ciId: string) {
  return queryOptions({
    queryKey: ['exchange', 'series', ciId],
    queryFn: ({ signal }) =>
      readAll((cursor) => {
        const query = { limit: LIST_LIMIT_MAX, ...(cursor === undefined ? {} : { cursor }) };
        return call(ENDPOINTS.listForeignSeries, { params: { id: ciId }, query }, signal);
      }),
    refetchInterval: MINUTE_MS,
  });
}

/** What one sender tells by one mapping. */
export interface ForeignSource {
  readonly mapping: string;
  readonly sender: string;
  readonly series: readonly ForeignSeries[];
  readonly sinceMs: Millis;
  /** null: no value of it is held. */
  readonly newestMs: Millis | null;
}

export interface Fed {
  readonly sources: readonly ForeignSource[];
  /** Newest values of these series alone. */
  readonly latest: readonly LatestValue[];
  readonly newestMs: Millis | null;
}

/** null: no sender feeds it, or that is not known yet. */
export function useFed(ciId: string): Fed | null {
  const series = useQuery(foreignSeriesQuery(ciId)).data;
  const latest = useQuery({ ...latestQuery(ciId), enabled: series !== undefined && series.length > 0 }).data;
  return series === undefined ? null : fedBy(series, latest ?? []);
}

/** Those that the agent tells by now are its own again. */
export function fedBy(series: readonly ForeignSeries[], latest: readonly LatestValue[]): Fed | null {
  const foreign = series.filter(({ agentReports }) => !agentReports);
  if (foreign.length === 0) return null;
  const values = new Map(latest.map((value) => [keyOf(value), value]));
  const valuesOf = (some: readonly ForeignSeries[]) => some.flatMap((one) => values.get(keyOf(one)) ?? []);
  const sources = Map.groupBy(foreign, ({ mappingId, sender }) => `${mappingId} ${sender}`);
  return {
    sources: Array.from(sources.values(), (all) => ({
      mapping: all[0]?.mappingName ?? all[0]?.mappingId ?? '',
      sender: all[0]?.sender ?? '',
      series: all,
      sinceMs: Math.min(...all.map(({ since }) => millis(since))),
      newestMs: newestOf(valuesOf(all)),
    })),
    latest: valuesOf(foreign),
    newestMs: newestOf(valuesOf(foreign)),
  };
}

function newestOf(values: readonly LatestValue[]): Millis | null {
  return values.length === 0 ? null : Math.max(...values.map(({ at }) => millis(at)));
}

function keyOf({ metric, instance }: { readonly metric: string; readonly instance: string }): string {
  return `${metric}\0${instance}`;
}
