/** Whether what is done every so often is due, by a clock that may be set. */
import type { Millis } from '@muster/shared/time.ts';

/** True at once where the clock was set back: nothing may rest until it is again as late as it was. */
export function isDueAgain(lastMs: Millis, pauseMs: Millis, nowMs: Millis): boolean {
  const sinceMs = nowMs - lastMs;
  return sinceMs < 0 || sinceMs >= pauseMs;
}
