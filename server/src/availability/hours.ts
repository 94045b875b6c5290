/** Service hours: in which minutes of which days something is agreed to work, and the spans of time that follow. Pure. */
import { DAY_MS, MINUTE_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import { lengthMs, union } from './spans.ts';
import type { Span } from './spans.ts';

export const DAY_MINUTES = DAY_MS / MINUTE_MS;

/** Local time of a day in minutes from its midnight, half-open; over 1440 it ends on the day after. */
export interface MinuteRange {
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** What holds from a day on, until the next version. Hours belong to the day on which they begin. */
export interface HoursVersion {
  /** ISO date in its own zone; null: since ever. */
  readonly fromDay: string | null;
  /** IANA name; null: the zone of the machine. */
  readonly zone: string | null;
  /** Seven lists, Monday first. */
  readonly weekly: readonly (readonly MinuteRange[])[];
  /** Days that differ from their weekday, by ISO date; no ranges: closed. */
  readonly days: ReadonlyMap<string, readonly MinuteRange[]>;
}

/** Ascending by `fromDay`, at least one. The object stands for itself: what is worked out of it is kept beside it. */
export interface ServiceHours {
  readonly versions: readonly [HoursVersion, ...HoursVersion[]];
}

export type Hours = 'always' | ServiceHours;

/** All seven days from midnight to midnight. */
export const ALL_DAY: MinuteRange = { fromMinute: 0, toMinute: DAY_MINUTES };

/** Spans of a year in a zone are kept; of more than these the table starts anew. */
const YEARS_HELD_MAX = 2_000;
const yearsOf = new WeakMap<ServiceHours, Map<string, readonly Span[]>>();

/** Hours inside [fromMs, toMs), ascending, apart. `zone` must be known to the runtime. */
export function hoursSpans(hours: Hours, zone: string, fromMs: Millis, toMs: Millis): Span[] {
  if (fromMs >= toMs) return [];
  if (hours === 'always') return [{ fromMs, toMs }];
  const firstYear = new Date(fromMs).getUTCFullYear();
  const lastYear = new Date(toMs - 1).getUTCFullYear();
  if (firstYear === lastYear) return cutTo(yearSpans(hours, zone, firstYear), fromMs, toMs);
  const spans: Span[] = [];
  for (let year = firstYear; year <= lastYear; year++)
    spans.push(...cutTo(yearSpans(hours, zone, year), fromMs, toMs));
  return union(spans);
}

/** The stretch around `atMs` in which the hours do not change. */
export interface Stretch {
  readonly inHours: boolean;
  readonly fromMs: Millis;
  /** When it changes next; Infinity for never. */
  readonly toMs: Millis;
}

/** Most stretches end within days; a closed season may last long. */
const SEARCHES_MS = [8 * DAY_MS, 40 * DAY_MS, 400 * DAY_MS] as const;

export function hoursStretch(hours: Hours, zone: string, atMs: Millis): Stretch {
  if (hours === 'always') return { inHours: true, fromMs: -Infinity, toMs: Infinity };
  const [near, far, furthest] = SEARCHES_MS;
  for (const reachMs of [near, far]) {
    const found = stretchWithin(hours, zone, atMs, reachMs);
    if (found.fromMs !== -Infinity && found.toMs !== Infinity) return found;
  }
  return stretchWithin(hours, zone, atMs, furthest);
}

function stretchWithin(hours: ServiceHours, zone: string, atMs: Millis, reachMs: Millis): Stretch {
  const [beginMs, endMs] = [atMs - reachMs, atMs + reachMs];
  const spans = hoursSpans(hours, zone, beginMs, endMs);
  const current = spans.find((span) => span.fromMs <= atMs && atMs < span.toMs);
  const open = (ms: Millis) => (ms === beginMs ? -Infinity : ms === endMs ? Infinity : ms);
  if (current) return { inHours: true, fromMs: open(current.fromMs), toMs: open(current.toMs) };
  const before = spans.findLast((span) => span.toMs <= atMs);
  const after = spans.find((span) => span.fromMs > atMs);
  return { inHours: false, fromMs: before?.toMs ?? -Infinity, toMs: after?.fromMs ?? Infinity };
}

function cutTo(spans: readonly Span[], fromMs: Millis, toMs: Millis): Span[] {
  const cut: Span[] = [];
  for (let i = firstAfter(spans, fromMs); i < spans.length; i++) {
    const span = spans[i] as Span;
    if (span.fromMs >= toMs) break;
    cut.push({ fromMs: Math.max(span.fromMs, fromMs), toMs: Math.min(span.toMs, toMs) });
  }
  return cut;
}

/** Index of the first span that ends after `atMs`. */
function firstAfter(spans: readonly Span[], atMs: Millis): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle] as Span).toMs <= atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Hours inside a year of UTC, worked out once for each zone. */
function yearSpans(hours: ServiceHours, zone: string, year: number): readonly Span[] {
  const held = yearsOf.get(hours) ?? new Map<string, readonly Span[]>();
  yearsOf.set(hours, held);
  const key = `${year} ${zone}`;
  const known = held.get(key);
  if (known) return known;
  if (held.size >= YEARS_HELD_MAX) held.clear();
  const made = spansOfYear(hours, zone, year);
  held.set(key, made);
  return made;
}

function spansOfYear(hours: ServiceHours, machineZone: string, year: number): Span[] {
  const yearFromMs = Date.UTC(year, 0, 1);
  const yearToMs = Date.UTC(year + 1, 0, 1);
  const spans: Span[] = [];
  for (const [index, version] of hours.versions.entries()) {
    const zone = version.zone ?? machineZone;
    const untilDay = hours.versions[index + 1]?.fromDay ?? null;
    // Two days before, because hours may reach over midnight, and one after, because a zone may be ahead.
    const first = new Temporal.PlainDate(year, 1, 1).subtract({ days: 2 });
    const firstMs = yearFromMs - 2 * DAY_MS;
    const offsets = offsetsIn(zone, firstMs - DAY_MS, yearToMs + 3 * DAY_MS);
    for (let i = 0; i < 370; i++) {
      const day = first.add({ days: i });
      const iso = day.toString();
      if (version.fromDay !== null && iso < version.fromDay) continue;
      if (untilDay !== null && iso >= untilDay) break;
      for (const range of rangesOf(version, iso, day.dayOfWeek))
        spans.push(...spansOf(range, firstMs + i * DAY_MS, offsets));
    }
  }
  return cutTo(union(spans), yearFromMs, yearToMs);
}

/** Ranges that begin on a day. */
export function rangesOf(version: HoursVersion, isoDay: string, weekday: number): readonly MinuteRange[] {
  return version.days.get(isoDay) ?? version.weekly[weekday - 1] ?? [];
}

interface OffsetSpan extends Span {
  /** Local time is ahead of UTC by so much. */
  readonly offsetMs: number;
}

/** The offsets of a zone in [fromMs, toMs), whole and ascending. */
function offsetsIn(zone: string, fromMs: Millis, toMs: Millis): OffsetSpan[] {
  const offsets: OffsetSpan[] = [];
  for (let atMs = fromMs; atMs < toMs; ) {
    const at = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(zone);
    const endMs = Math.min(at.getTimeZoneTransition('next')?.epochMilliseconds ?? toMs, toMs);
    offsets.push({ fromMs: atMs, toMs: endMs, offsetMs: at.offsetNanoseconds / 1e6 });
    atMs = endMs;
  }
  return offsets;
}

/**
 * The time in which the clock on the wall shows a range of the day that begins at `dayMs` as if it were UTC: what it skips
 * is not there, what it shows twice is there twice.
 */
function spansOf(
  { fromMinute, toMinute }: MinuteRange,
  dayMs: Millis,
  offsets: readonly OffsetSpan[],
): Span[] {
  return offsets.flatMap(({ fromMs, toMs, offsetMs }) => {
    const beginMs = Math.max(fromMs, dayMs + fromMinute * MINUTE_MS - offsetMs);
    const endMs = Math.min(toMs, dayMs + toMinute * MINUTE_MS - offsetMs);
    return beginMs < endMs ? [{ fromMs: beginMs, toMs: endMs }] : [];
  });
}

/** Hours of an ordinary week, for a person to judge; 168 is around the clock. */
export function weeklyMinutes(version: HoursVersion): number {
  const spans = version.weekly.flatMap((ranges, index) =>
    ranges.map(({ fromMinute, toMinute }) => ({
      fromMs: index * DAY_MINUTES + fromMinute,
      toMs: index * DAY_MINUTES + toMinute,
    })),
  );
  return Math.min(lengthMs(union(spans)), 7 * DAY_MINUTES);
}
