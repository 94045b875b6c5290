/** Which time the charts show: a range that ends now, or a fixed one; and what it is compared with. Pure. */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Millis } from '@muster/shared/time.ts';
import { isPause, type Pace } from '../../charts/rhythm.ts';
import { type Span, ZOOM_MS_MAX } from '../../charts/zoom.ts';
import type { LiveSearch, PeriodName, RangeName } from './search.ts';

/** Length of each range, the points asked for, and how often its history is read again. */
export const RANGE_SPECS = {
  '15m': { spanMs: 15 * MINUTE_MS, points: 900, refreshMs: 0 },
  '1h': { spanMs: HOUR_MS, points: 360, refreshMs: 10 * SECOND_MS },
  '24h': { spanMs: DAY_MS, points: 360, refreshMs: MINUTE_MS },
  '7d': { spanMs: 7 * DAY_MS, points: 360, refreshMs: 5 * MINUTE_MS },
  '30d': { spanMs: 30 * DAY_MS, points: 360, refreshMs: 10 * MINUTE_MS },
  '1y': { spanMs: 365 * DAY_MS, points: 365, refreshMs: HOUR_MS },
} as const satisfies Record<RangeName, { spanMs: number; points: number; refreshMs: number }>;

export const RANGE_DEFAULT: RangeName = '15m';
/** Points of a fixed range: about two for each three px of a chart on a wide screen. */
export const FIXED_POINTS = 480;

export interface TimeWindow {
  /** The range shown, or the one that a fixed range leads back to. */
  readonly range: RangeName;
  readonly fixed: Span | null;
}

/** A fixed range that makes no sense is none. */
export function windowOf({ range = RANGE_DEFAULT, from, to }: LiveSearch): TimeWindow {
  const span = { fromMs: Date.parse(from ?? ''), toMs: Date.parse(to ?? '') };
  const lengthMs = span.toMs - span.fromMs;
  return { range, fixed: lengthMs > 0 && lengthMs <= ZOOM_MS_MAX ? span : null };
}

export function spanOf({ range, fixed }: TimeWindow): number {
  return fixed === null ? RANGE_SPECS[range].spanMs : fixed.toMs - fixed.fromMs;
}

/** Percentiles are of whole hours: in less than a day they would say little. */
export function showsPercentiles(window: TimeWindow): boolean {
  return spanOf(window) >= DAY_MS;
}

/** What the address holds of a fixed range. */
export function fixedSearch({ fromMs, toMs }: Span): { from: string; to: string } {
  const iso = (atMs: Millis) => new Date(atMs).toISOString().replace(/\.\d+/, '');
  return { from: iso(fromMs), to: iso(toMs) };
}

/** A line of a chart as far as its begin goes. */
export interface BeginningLine extends Pace {
  readonly times: ArrayLike<Millis>;
}

/**
 * Since when a machine that became known within the range has data; null for one that was known before, or whose data
 * reaches before the range: what it lacks is a gap, and may have been there earlier.
 */
export function dataSince(lines: Iterable<BeginningLine>, fromMs: Millis, bornMs: Millis): Millis | null {
  if (bornMs <= fromMs) return null;
  let sinceMs: Millis | null = null;
  for (const line of lines) {
    const { times, stepMs } = line;
    const firstMs = times[0];
    if (firstMs === undefined) continue;
    // A line that goes on from before has its first point of the range where the next one was due.
    if (!isPause(times, 0, { fromMs, toMs: firstMs }, line)) return null;
    // The first average begins before the first sample of it.
    const beganMs = firstMs < bornMs && firstMs + stepMs > bornMs ? bornMs : firstMs;
    sinceMs = Math.min(sinceMs ?? beganMs, beganMs);
  }
  return sinceMs;
}

/** How far back the compared period lies; a day and a week are those of the local calendar, 23 or 25 h long too. */
export function periodShiftMs(period: PeriodName, endMs: Millis, spanMs: number): number {
  if (period === 'before') return spanMs;
  const at = new Date(endMs);
  const before = new Date(at);
  before.setDate(at.getDate() - (period === 'day' ? 1 : 7));
  return endMs - before.getTime();
}

/** `2026-11-20T10:42:08` as a field for date and time holds it, in local time. */
export function localField(atMs: Millis): string {
  const at = new Date(atMs);
  return new Date(atMs - at.getTimezoneOffset() * MINUTE_MS).toISOString().slice(0, 19);
}

/** NaN where it is none. */
export function fromLocalField(text: string): Millis {
  return text === '' ? Number.NaN : new Date(text).getTime();
}
