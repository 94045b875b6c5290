/** From the record of presence: when a machine was missed. */
import { SILENT_AFTER_MS_MIN } from '../availability/presence.ts';
import { isOutOfReach, saidWhy } from '../availability/status.ts';
import { expectedSpans } from '../availability/expectation.ts';
import type { Expectation } from '../availability/expectation.ts';
import { intersect, union } from '../availability/spans.ts';
import type { PresenceInterval } from '../availability/timeline.ts';
import type { Millis } from '@muster/shared/time.ts';

/**
 * Times inside [fromMs, toMs) in which it was expected and not heard, ascending; `toMs` null: still so at the end. A
 * roaming machine is missed only in the hours in which it was last heard, not when it said why, and not when it was merely
 * out of reach.
 */
export function silencesIn(
  intervals: readonly PresenceInterval[],
  { expectation, timeZone }: { expectation: Expectation; timeZone: string | null },
  fromMs: Millis,
  toMs: Millis,
): { fromMs: Millis; toMs: Millis | null }[] {
  const absent = union(
    intervals
      .filter((interval) => isMissable(interval, expectation))
      .map((interval) => ({ fromMs: interval.fromMs, toMs: Math.min(interval.toMs ?? toMs, toMs) })),
  );
  const hours = expectedSpans(expectation, timeZone, fromMs, toMs);
  return intersect(absent, hours)
    .filter((span) => !expectation.roaming || absent.some((one) => one.fromMs === span.fromMs))
    .filter((span) => span.toMs - span.fromMs > SILENT_AFTER_MS_MIN)
    .map((span) => ({ fromMs: span.fromMs, toMs: span.toMs >= toMs ? null : span.toMs }));
}

function isMissable({ presence, planned, cause }: PresenceInterval, { roaming }: Expectation): boolean {
  if (planned || presence === 'up' || cause === 'server-self') return false;
  return !roaming || !(saidWhy(presence, cause) || isOutOfReach(cause));
}
