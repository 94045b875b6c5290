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

/** Of the people whom the product is written for, and of those they work with. */
const COMMON = [
  'Asia/Shanghai',
  'UTC',
  'Asia/Hong_Kong',
  'Asia/Taipei',
  'Asia/Singapore',
  'Asia/Tokyo',
  'Europe/Berlin',
  'Europe/London',
  'America/New_York',
  'America/Los_Angeles',
] as const;

/** Engines list some zones under names that have long been replaced; both are understood. */
const RENAMED: Readonly<Record<string, string>> = {
  'Africa/Asmera': 'Africa/Asmara',
  'America/Buenos_Aires': 'America/Argentina/Buenos_Aires',
  'America/Godthab': 'America/Nuuk',
  'America/Indianapolis': 'America/Indiana/Indianapolis',
  'America/Louisville': 'America/Kentucky/Louisville',
  'Asia/Calcutta': 'Asia/Kolkata',
  'Asia/Katmandu': 'Asia/Kathmandu',
  'Asia/Rangoon': 'Asia/Yangon',
  'Asia/Saigon': 'Asia/Ho_Chi_Minh',
  'Atlantic/Faeroe': 'Atlantic/Faroe',
  'Europe/Kiev': 'Europe/Kyiv',
  'Pacific/Enderbury': 'Pacific/Kanton',
  'Pacific/Ponape': 'Pacific/Pohnpei',
  'Pacific/Truk': 'Pacific/Chuuk',
};

/** All zones by their present names: the own one and the common ones first, the others by name. */
export function zones(own = ownZone()): string[] {
  const others = Intl.supportedValuesOf('timeZone').map((zone) => RENAMED[zone] ?? zone);
  return [...new Set([RENAMED[own] ?? own, ...COMMON, ...others.toSorted()])];
}
