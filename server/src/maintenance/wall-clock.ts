/** Between instants and the wall clock of a time zone; local times are counted in ms as if the zone were UTC. Pure. */
import { MINUTE_MS, type Millis } from '@muster/shared/time.ts';

/** 'gap': the clocks leave this local time out. 'twice': they show it two times. */
export type WallFit = 'once' | 'gap' | 'twice';

/** What the wall clock shows, in ms as if the zone were UTC. */
export function wallOf(atMs: Millis, timeZone: string): number {
  return atMs + offsetMsAt(atMs, timeZone);
}

/**
 * When the wall clock shows it. A time that is left out is read with the offset before the change, of two the first is
 * meant (RFC 5545, 3.3.5).
 */
export function instantOf(
  wallMs: number,
  timeZone: string,
): { readonly atMs: Millis; readonly fit: WallFit } {
  const plain = new Temporal.PlainDateTime(1970, 1, 1).add({ milliseconds: wallMs });
  const earlier = plain.toZonedDateTime(timeZone, { disambiguation: 'earlier' }).epochMilliseconds;
  const later = plain.toZonedDateTime(timeZone, { disambiguation: 'later' }).epochMilliseconds;
  if (earlier === later) return { atMs: earlier, fit: 'once' };
  // In a gap 'later' reads with the offset before it, 'earlier' with the one after it.
  return wallOf(earlier, timeZone) === wallMs ? { atMs: earlier, fit: 'twice' } : { atMs: later, fit: 'gap' };
}

export function isZone(name: string): boolean {
  try {
    offsetMsAt(0, name);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Local midnight at or before it. */
export function dayBeginMs(atMs: Millis, timeZone: string): Millis {
  return Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone).startOfDay()
    .epochMilliseconds;
}

/** Whole minutes, rounded down. */
export function minuteOf(atMs: Millis): Millis {
  return Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
}

/** @throws RangeError where the zone is none */
function offsetMsAt(atMs: Millis, timeZone: string): number {
  return Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone).offsetNanoseconds / 1e6;
}
