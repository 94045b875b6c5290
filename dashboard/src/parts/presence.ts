/** Availability intervals as the segments of a strip. Pure. */
import type { z } from 'zod';
import type { PresenceInterval } from '@muster/shared/api/availability.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { StripSegment } from '../ui/PresenceStrip.tsx';
import { shownPresence } from '../ui/states.ts';
import { millis } from '../util/time.ts';

export type Interval = z.infer<typeof PresenceInterval>;

/** `nowMs` ends the interval that still goes on. */
export function stripSegments(
  intervals: readonly Interval[],
  nowMs: Millis,
  causeWords: (interval: Interval) => string | undefined = () => undefined,
): StripSegment[] {
  return intervals.map((interval) => ({
    fromMs: millis(interval.from),
    toMs: millis(interval.to) ?? nowMs,
    presence: shownPresence(interval),
    cause: causeWords(interval),
  }));
}
