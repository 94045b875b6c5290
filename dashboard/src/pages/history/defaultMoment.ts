/** The moment of the past that is shown where nobody chose one. */
import { DAY_MS, type Millis, toIso } from '@muster/shared/time.ts';
import { millis } from '../../util/time.ts';

/** A day ago, or when the item came where that is later, so that there is something to see; ISO time both. */
export function defaultMoment(openedMs: Millis, createdAt: string | undefined): string {
  const dayAgoMs = openedMs - DAY_MS;
  return toIso(createdAt === undefined ? dayAgoMs : Math.max(dayAgoMs, millis(createdAt)));
}
