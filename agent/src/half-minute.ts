/**
 * What is to be done every half minute goes along with a tick where ticks come often: to wake a machine that does nothing costs more than
 * most of what is done then.
 */
import type { Millis } from '@muster/shared/time.ts';

/** By a timer of its own, where no tick came in time. */
export const HALF_MINUTE_MS_MAX: Millis = 32_000;
const WITH_TICK_MS_MIN: Millis = 21_000;

/** Is it time for it, now that a tick has woken the machine anyway? */
export function isDueWithTick(sinceMs: Millis): boolean {
  return sinceMs >= WITH_TICK_MS_MIN;
}
