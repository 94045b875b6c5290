/**
 * Counters as rates. A rate belongs to the time of the later of two neighbouring samples. Two neighbours are joined
 * when they are not further apart than three intervals; the interval is the smaller of the two distances before them,
 * as far as those lie within the look-back. Only samples before a rate decide about it, so it never changes when newer
 * ones arrive.
 */
import { INTERVAL_MS_DEFAULT } from '@muster/shared/wire/limits.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import { SampleList } from './sample-list.ts';

/** What a rate may depend on: samples up to this long before it. Reading a range of rates starts this much earlier. */
export const RATE_LOOKBACK_MS = HOUR_MS;
const GAP_INTERVALS = 3;
/** Neighbours at the regular interval are joined over three of these even where the machine was just watched live. */
export const JOINED_MS = GAP_INTERVALS * INTERVAL_MS_DEFAULT;
/** Longest distance that is joined while nothing is known about the interval. */
const GAP_MS_UNKNOWN = 5 * MINUTE_MS;

/** Whether two samples `distanceMs` apart are neighbours without a gap; `before1Ms`, `before2Ms`: distances before them, 0 = none. */
export function isJoined(distanceMs: number, before1Ms: number, before2Ms: number): boolean {
  if (distanceMs <= JOINED_MS) return true;
  if (distanceMs > RATE_LOOKBACK_MS) return false;
  if (before1Ms === 0 || distanceMs + before1Ms > RATE_LOOKBACK_MS) return distanceMs <= GAP_MS_UNKNOWN;
  const second = before2Ms > 0 && distanceMs + before1Ms + before2Ms <= RATE_LOOKBACK_MS;
  const intervalMs = second ? Math.min(before1Ms, before2Ms) : before1Ms;
  return distanceMs <= GAP_INTERVALS * intervalMs;
}

/** Per second between two readings of a counter; NaN where either is not a finite number. */
export function ratePerSecond(before: number, after: number, distanceMs: number): number {
  if (!Number.isFinite(before) || !Number.isFinite(after)) return Number.NaN;
  const increase = after < before ? after : after - before;
  return (increase * SECOND_MS) / distanceMs;
}

/**
 * Fills `into` with the rates at the readings from `begin` to before `end`, each at the place of its reading; NaN where
 * there is none. Times ascend; readings before `begin` are looked back at.
 */
export function fillRates(
  times: Float64Array,
  values: Float64Array,
  begin: number,
  end: number,
  into: Float64Array,
): void {
  const distance = (index: number) =>
    index > 0 ? (times[index] as number) - (times[index - 1] as number) : 0;
  let before1Ms = distance(begin - 1);
  let before2Ms = distance(begin - 2);
  if (begin === 0) into[0] = Number.NaN;
  for (let at = Math.max(begin, 1); at < end; at++) {
    const distanceMs = (times[at] as number) - (times[at - 1] as number);
    into[at] = isJoined(distanceMs, before1Ms, before2Ms)
      ? ratePerSecond(values[at - 1] as number, values[at] as number, distanceMs)
      : Number.NaN;
    before2Ms = before1Ms;
    before1Ms = distanceMs;
  }
}

/** Rates of a settled list of counter readings. */
export function toRates(samples: SampleList): { readonly rates: SampleList } {
  const rates = new SampleList();
  const { times, values, length } = samples;
  rates.reserve(length);
  let before1Ms = 0;
  let before2Ms = 0;
  for (let i = 1; i < length; i++) {
    const atMs = times[i] as number;
    const distanceMs = atMs - (times[i - 1] as number);
    if (isJoined(distanceMs, before1Ms, before2Ms)) {
      const rate = ratePerSecond(values[i - 1] as number, values[i] as number, distanceMs);
      if (!Number.isNaN(rate)) rates.push(atMs, rate);
    }
    before2Ms = before1Ms;
    before1Ms = distanceMs;
  }
  return { rates };
}
