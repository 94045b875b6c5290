/** Spans of time by a clock that may be set. */
import type { Millis } from '@muster/shared/time.ts';

/** Whether what is done every so often is due. True at once where the clock was set back: nothing may rest until it is again as late as it was. */
export function isDueAgain(lastMs: Millis, pauseMs: Millis, nowMs: Millis): boolean {
  const sinceMs = nowMs - lastMs;
  return sinceMs < 0 || sinceMs >= pauseMs;
}

/** Whether it was less than a span ago. What a clock that was set back leaves in the future was no more than that ago either. */
export function isLately(atMs: Millis, spanMs: Millis, nowMs: Millis): boolean {
  return Math.abs(nowMs - atMs) < spanMs;
}
