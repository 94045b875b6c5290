/** Metrics of a machine that senders tell and not its agent. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { LIST_LIMIT_MAX } from '@muster/shared/api/endpoint.ts';
import type { LatestValue } from '@muster/shared/api/metrics.ts';
import type { ForeignSeries } from '@muster/shared/api/remote-write.ts';
import { MINUTE_MS, type Millis } from '@muster/shared/time.ts';
import { call } from '../api/client.ts';
import { latestQuery, readAll } from '../api/queries.ts';
import { millis } from '../util/time.ts';

/** Prometheus asks its exporters every minute at the latest, as a rule: three times without an answer. */
export const FED_STALE_MS = 3 * MINUTE_MS;

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
  readonly keys: ReadonlySet<string>;
  /** Newest values of these series alone. */
  readonly latest: readonly LatestValue[];
  readonly newestMs: Millis | null;
}

export function isToldBy(fed: Fed, metric: string, instance: string): boolean {
  return fed.keys.has(keyOf({ metric, instance }));
}

export interface FedAnswer {
  /** undefined: not known, or not yet; null: no sender feeds it. */
  readonly fed: Fed | null | undefined;
  /** Why it is not known. */
  readonly error: Error | null;
  readonly retry: () => void;
}

export function useFed(ciId: string): FedAnswer {
  const { data: series, error, refetch } = useQuery(foreignSeriesQuery(ciId));
  const latest = useQuery({ ...latestQuery(ciId), enabled: series !== undefined && series.length > 0 }).data;
  const fed = useMemo(() => series && fedBy(series, latest ?? []), [series, latest]);
  return { fed, error: series === undefined ? error : null, retry: () => void refetch() };
}

/** Who tells how a machine does; without an agent that is not known before it is known who feeds it. */
export function whoTells(
  agentId: string | null,
  { fed, error }: Pick<FedAnswer, 'fed' | 'error'>,
): 'agent' | 'senders' | 'nobody' | 'unread' | 'unreadable' {
  if (agentId !== null) return 'agent';
  if (fed === undefined) return error === null ? 'unread' : 'unreadable';
  return fed === null ? 'nobody' : 'senders';
}

/** Values of senders still come. */
export function isFedAt(fed: Fed | null | undefined, nowMs: Millis): boolean {
  return fed?.newestMs != null && nowMs - fed.newestMs < FED_STALE_MS;
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
    keys: new Set(foreign.map(keyOf)),
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
