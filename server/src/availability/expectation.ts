/** When a machine is expected to be there: around the clock, or in the office hours of its own time zone. */
import { DAY_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Span } from './spans.ts';

export interface WeeklyHours {
  /** ISO weekdays, 1 = Monday. */
  readonly weekdays: readonly number[];
  /** Local time of day, half-open: [fromHour, toHour). */
  readonly fromHour: number;
  readonly toHour: number;
}

export interface Expectation {
  readonly hours: 'always' | WeeklyHours;
  /** Its user takes it along: absence by its own word (asleep, shut down) is no outage at any hour. */
  readonly roaming: boolean;
}

const OFFICE_HOURS: WeeklyHours = { weekdays: [1, 2, 3, 4, 5], fromHour: 8, toHour: 18 };
const AROUND_THE_CLOCK: Expectation = { hours: 'always', roaming: false };

/** Classes that differ from around the clock. */
const BY_CLASS: Readonly<Record<string, Expectation>> = {
  Workstation: { hours: OFFICE_HOURS, roaming: true },
};

/** Tags by which an administrator overrides the class. */
export const EXPECTATION_TAGS = { always: '24x7', roaming: 'roaming', fixed: 'fixed' } as const;

/** Life-cycle states in which a machine is in service; in all others its absence is agreed (planned). */
const IN_SERVICE: ReadonlySet<string> = new Set(['deployed', 'in_use', 'defective']);
export function isInService(lifecycle: string): boolean {
  return IN_SERVICE.has(lifecycle);
}

export function expectationOf(entry: { class: string; tags: readonly string[] }): Expectation {
  const byClass = BY_CLASS[entry.class] ?? AROUND_THE_CLOCK;
  if (entry.tags.includes(EXPECTATION_TAGS.always)) return AROUND_THE_CLOCK;
  if (entry.tags.includes(EXPECTATION_TAGS.fixed)) return { ...byClass, roaming: false };
  if (entry.tags.includes(EXPECTATION_TAGS.roaming)) return { ...byClass, roaming: true };
  return byClass;
}

const zones = new Map<string, string>();
/** Names come from agents; each is tried once, and the table stays small. */
const ZONES_HELD_MAX = 1_000;

/** The zone itself where the runtime knows it, the server's own otherwise. */
export function usableZone(name: string | null): string {
  if (name === null) return Temporal.Now.timeZoneId();
  const held = zones.get(name);
  if (held !== undefined) return held;
  const zone = isZone(name) ? name : Temporal.Now.timeZoneId();
  if (zones.size >= ZONES_HELD_MAX) zones.clear();
  zones.set(name, zone);
  return zone;
}

function isZone(name: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

export function expectedAt(expectation: Expectation, timeZone: string | null, atMs: Millis): boolean {
  const { hours } = expectation;
  if (hours === 'always') return true;
  const local = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(usableZone(timeZone));
  return (
    hours.weekdays.includes(local.dayOfWeek) && local.hour >= hours.fromHour && local.hour < hours.toHour
  );
}

/** Expected spans inside [fromMs, toMs), ascending, apart. Hours that a change of the clocks moves keep their local time. */
export function expectedSpans(
  expectation: Expectation,
  timeZone: string | null,
  fromMs: Millis,
  toMs: Millis,
): Span[] {
  if (fromMs >= toMs) return [];
  if (expectation.hours === 'always') return [{ fromMs, toMs }];
  const zone = usableZone(timeZone);
  const lastDay = localDate(toMs, zone);
  const spans: Span[] = [];
  for (
    let day = localDate(fromMs, zone);
    Temporal.PlainDate.compare(day, lastDay) <= 0;
    day = day.add({ days: 1 })
  ) {
    const span = spanOfDay(expectation.hours, day, zone);
    if (!span) continue;
    const cut = { fromMs: Math.max(span.fromMs, fromMs), toMs: Math.min(span.toMs, toMs) };
    if (cut.fromMs < cut.toMs) spans.push(cut);
  }
  return spans;
}

function localDate(atMs: Millis, zone: string): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(zone).toPlainDate();
}

function spanOfDay(hours: WeeklyHours, day: Temporal.PlainDate, timeZone: string): Span | null {
  if (!hours.weekdays.includes(day.dayOfWeek)) return null;
  const at = (hour: number): Millis =>
    day.toZonedDateTime({ timeZone, plainTime: new Temporal.PlainTime(hour) }).epochMilliseconds;
  return { fromMs: at(hours.fromHour), toMs: at(hours.toHour) };
}

/** No stretch or pause of weekly hours is longer than this. */
const BOUNDARY_SEARCH_MS = 8 * DAY_MS;

/** The stretch around `atMs` in which the expectation does not change. */
export interface Stretch {
  readonly inHours: boolean;
  readonly fromMs: Millis;
  /** When it changes next; Infinity for never. */
  readonly toMs: Millis;
}

export function stretchAt(expectation: Expectation, timeZone: string | null, atMs: Millis): Stretch {
  if (expectation.hours === 'always') return { inHours: true, fromMs: -Infinity, toMs: Infinity };
  const spans = expectedSpans(expectation, timeZone, atMs - BOUNDARY_SEARCH_MS, atMs + BOUNDARY_SEARCH_MS);
  const current = spans.find((span) => span.fromMs <= atMs && atMs < span.toMs);
  if (current) return { inHours: true, ...current };
  const before = spans.findLast((span) => span.toMs <= atMs);
  const after = spans.find((span) => span.fromMs > atMs);
  return { inHours: false, fromMs: before?.toMs ?? -Infinity, toMs: after?.fromMs ?? Infinity };
}
