/** What only the list of machines reads: latest values of all, strips of the rows that are seen, saved views. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { STRIP_IDS_MAX } from '@muster/shared/api/machines.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS, toIso } from '@muster/shared/time.ts';
import { call } from '../../api/client.ts';
import type { StripSegment } from '../../ui/PresenceStrip.tsx';
import { nowMs } from '../../util/clock.ts';
import { createBatcher } from './batcher.ts';
import type { Values } from './rows.ts';

export const valuesQuery = queryOptions({
  queryKey: ['machine-values'],
  queryFn: async ({ signal }): Promise<ReadonlyMap<string, Values>> => {
    const { items } = await call(ENDPOINTS.machineValues, {}, signal);
    return new Map(items.map(([id, cpu, memory, disk, mount]) => [id, { cpu, memory, disk, mount }]));
  },
  refetchInterval: 10 * SECOND_MS,
  placeholderData: keepPreviousData,
  // A map is compared by reference; rows are compared one by one where they are made.
  structuralSharing: false,
});

export interface Strip {
  readonly segments: readonly StripSegment[];
  readonly fromMs: number;
  readonly toMs: number;
}

/** Rows come into sight by the dozen: what is asked for within this time goes into one request. */
const STRIP_WAIT_MS = 60;

const strips = createBatcher<Strip>({
  waitMs: STRIP_WAIT_MS,
  keysMax: STRIP_IDS_MAX,
  after: (delayMs, action) => {
    const timer = window.setTimeout(action, delayMs);
    return () => window.clearTimeout(timer);
  },
  async load(ids) {
    const toMs = nowMs();
    const fromMs = toMs - DAY_MS;
    const query = { ids: ids.join(','), from: toIso(fromMs), to: toIso(toMs) };
    const { items } = await call(ENDPOINTS.machineStrips, { query });
    return new Map(
      items.map(({ id, parts }) => [
        id,
        {
          segments: parts.map(([startMs, presence], at) => ({
            fromMs: startMs,
            toMs: parts[at + 1]?.[0] ?? toMs,
            presence,
          })),
          fromMs,
          toMs,
        },
      ]),
    );
  },
});

/** Presence of the last day; null where the machine is not known any more. */
export const stripQuery = (id: string) =>
  queryOptions({
    queryKey: ['machine-strip', id],
    queryFn: ({ signal }) => strips.load(id, signal),
    staleTime: MINUTE_MS,
    gcTime: 5 * MINUTE_MS,
    refetchInterval: MINUTE_MS,
    structuralSharing: false,
  });

export const viewsQuery = queryOptions({
  queryKey: ['views'],
  queryFn: ({ signal }) => call(ENDPOINTS.listViews, {}, signal).then((answer) => answer.items),
  staleTime: MINUTE_MS,
});
