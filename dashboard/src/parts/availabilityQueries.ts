/** Availability of many machines as pages read it. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type {
  AVAILABILITY_GROUPINGS,
  AVAILABILITY_SORTS,
  FleetOutage,
  MachineAvailability,
} from '@muster/shared/api/fleet-availability.ts';
import type { AvailabilityFormula } from '@muster/shared/api/availability.ts';
import { LIST_LIMIT_MAX } from '@muster/shared/api/endpoint.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { MINUTE_MS, SECOND_MS, toIso } from '@muster/shared/time.ts';
import { call } from '../api/client.ts';
import { nowMs } from '../util/clock.ts';
import { type Period, spanOf } from './availabilityPeriod.ts';

export interface AvailabilityFilter {
  readonly class?: string | undefined;
  /** Empty: those without. */
  readonly site?: string | undefined;
  readonly tag?: string | undefined;
  readonly q?: string | undefined;
}

interface SummaryInput extends AvailabilityFilter {
  readonly period: Period;
  readonly formula?: AvailabilityFormula;
  readonly reclassified?: 'yes' | 'no';
  readonly groupBy?: (typeof AVAILABILITY_GROUPINGS)[number];
  readonly sort?: (typeof AVAILABILITY_SORTS)[number];
  readonly limit: number;
}

/** Days begin where the reader is. */
function zone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function summary(input: SummaryInput, cursor?: string, signal?: AbortSignal) {
  const { period, ...rest } = input;
  const { fromMs, toMs } = spanOf(period, nowMs());
  return call(
    ENDPOINTS.availabilitySummary,
    { query: { from: toIso(fromMs), to: toIso(toMs), zone: zone(), ...rest, cursor } },
    signal,
  );
}

/** Figures of all and of groups, and the first machines. */
export const availabilitySummaryQuery = (input: SummaryInput) =>
  queryOptions({
    queryKey: ['availability', 'summary', input],
    queryFn: ({ signal }) => summary(input, undefined, signal),
    staleTime: MINUTE_MS,
    refetchInterval: MINUTE_MS,
    placeholderData: keepPreviousData,
  });

/** Machines page by page. */
export const availabilityMachinesQuery = (input: SummaryInput) =>
  infiniteQueryOptions({
    queryKey: ['availability', 'machines', input],
    queryFn: ({ signal, pageParam }) => summary(input, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    staleTime: MINUTE_MS,
    placeholderData: keepPreviousData,
  });

/** A list is read whole; beyond this many pages it would no longer be a table. */
const CSV_PAGES_MAX = 40;

/** All machines of the filter, for a file. */
export async function readAllAvailability(
  input: Omit<SummaryInput, 'limit'>,
): Promise<MachineAvailability[]> {
  const items: MachineAvailability[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < CSV_PAGES_MAX; page++) {
    const answer = await summary({ ...input, limit: LIST_LIMIT_MAX }, cursor);
    items.push(...answer.items);
    if (answer.nextCursor === null) break;
    cursor = answer.nextCursor;
  }
  return items;
}

interface OutagesInput extends AvailabilityFilter {
  readonly period: Period;
  readonly kind: 'down' | 'unknown';
  readonly reclassified: 'yes' | 'no';
  readonly limit: number;
}

function outages({ period, ...rest }: OutagesInput, cursor: string | undefined, signal?: AbortSignal) {
  const { fromMs, toMs } = spanOf(period, nowMs());
  return call(
    ENDPOINTS.availabilityOutages,
    { query: { from: toIso(fromMs), to: toIso(toMs), ...rest, cursor } },
    signal,
  );
}

/** All outages of the filter, for a file. */
export async function readAllOutages(input: Omit<OutagesInput, 'limit'>): Promise<FleetOutage[]> {
  const items: FleetOutage[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < CSV_PAGES_MAX; page++) {
    const answer = await outages({ ...input, limit: LIST_LIMIT_MAX }, cursor);
    items.push(...answer.items);
    if (answer.nextCursor === null) break;
    cursor = answer.nextCursor;
  }
  return items;
}

export const outagesQuery = (input: OutagesInput) =>
  infiniteQueryOptions({
    queryKey: ['availability', 'outages', input],
    queryFn: ({ signal, pageParam }) => outages(input, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    staleTime: MINUTE_MS,
    placeholderData: keepPreviousData,
  });

/** Targets with their budgets now, of one CI or of all. */
export const targetsQuery = (ci?: string) =>
  queryOptions({
    queryKey: ['availability', 'targets', ci ?? null],
    queryFn: ({ signal }) =>
      call(ENDPOINTS.listTargets, { query: { ci } }, signal).then(({ items }) => items),
    staleTime: MINUTE_MS,
    refetchInterval: 30 * SECOND_MS,
  });
