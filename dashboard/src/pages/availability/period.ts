/** From the address of the page to the period it shows. Pure. */
import { DAY_MS, type Millis } from '@muster/shared/time.ts';
import { dayName, dayStart, LAST_SPANS, monthPeriod, type Period } from '../../parts/availabilityPeriod.ts';
import type { FleetAvailabilitySearch } from './search.ts';

/** Closed intervals are kept for three years (rule AV12). */
export const MONTHS_OFFERED = 36;
/** Periods are at most 800 days long (rule AV3). */
const CUSTOM_DAYS_MAX = 800;

export function periodOf(search: FleetAvailabilitySearch, nowMs: Millis): Period {
  const { range } = search;
  if (range === undefined) {
    const startMs = dayStart(search.month && `${search.month}-01`);
    return startMs === null || startMs > nowMs ? monthPeriod(nowMs) : monthPeriod(startMs);
  }
  if (range !== 'days') return { kind: 'last', spanMs: LAST_SPANS[range] };
  const custom = customDays(search, nowMs);
  const fromMs = dayStart(custom.from) ?? nowMs - 7 * DAY_MS;
  const toMs = dayStart(custom.to, 1) ?? nowMs;
  return { kind: 'fixed', fromMs: Math.max(fromMs, toMs - CUSTOM_DAYS_MAX * DAY_MS), toMs };
}

/** First and last day of a period from one day to another; the last seven days where none are chosen. */
export function customDays(
  { from, to }: Pick<FleetAvailabilitySearch, 'from' | 'to'>,
  nowMs: Millis,
): { from: string; to: string } {
  const last = dayStart(to) === null ? dayName(nowMs) : (to ?? '');
  const lastMs = dayStart(last) ?? nowMs;
  const first = dayStart(from) === null ? dayName(lastMs - 6 * DAY_MS) : (from ?? '');
  return first <= last ? { from: first, to: last } : { from: last, to: first };
}

/** Months from the present one back, as starts. */
export function monthsOffered(nowMs: Millis): Millis[] {
  return Array.from({ length: MONTHS_OFFERED }, (_, back) => monthPeriod(nowMs, back).fromMs);
}
