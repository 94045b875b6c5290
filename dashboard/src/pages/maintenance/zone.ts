/** Between the wall clock of any zone and instants, as the browser knows zones. */
import { MINUTE_MS, type Millis } from '@muster/shared/time.ts';

/** `2026-11-24T02:00` as the wall clock of the zone shows it. */
export function localIn(zone: string, atMs: Millis): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(atMs);
  const of = (type: Intl.DateTimeFormatPartTypes) => parts.find((part) => part.type === type)?.value ?? '';
  return `${of('year')}-${of('month')}-${of('day')}T${of('hour')}:${of('minute')}`;
}

/** When the wall clock of the zone shows it; a time that it leaves out is read with the offset before the change. */
export function instantIn(zone: string, local: string): Millis {
  const wallMs = Date.parse(`${local}:00Z`);
  const offsetAt = (atMs: Millis) =>
    Date.parse(`${localIn(zone, atMs)}:00Z`) - Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
  const before = offsetAt(wallMs - 86_400_000);
  const first = wallMs - before;
  // After a change of the clocks the offset of the day before may be the wrong one.
  return offsetAt(first) === before || localIn(zone, first - offsetAt(first) + before) !== local
    ? first
    : wallMs - offsetAt(first);
}

export function ownZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** All zones, the own one first. */
export function zones(): string[] {
  const own = ownZone();
  return [own, 'UTC', ...Intl.supportedValuesOf('timeZone')].filter(
    (zone, i, all) => all.indexOf(zone) === i,
  );
}
