/** When a machine is expected to be there, and who says so: its class, its tags, or hours agreed for it. */
import type { Millis } from '@muster/shared/time.ts';
import { hoursSpans, hoursStretch } from './hours.ts';
import type { Hours, ServiceHours, Stretch } from './hours.ts';
import type { Span } from './spans.ts';

export interface Expectation {
  readonly hours: Hours;
  /** Its user takes it along: absence by its own word (asleep, shut down) is no outage at any hour. */
  readonly roaming: boolean;
}

/** What expectations are made of. */
export interface ExpectedCi {
  readonly id: string;
  readonly class: string;
  readonly tags: readonly string[];
}

export interface Expectations {
  /** Equal hours are the same object until they change. */
  of(ci: ExpectedCi): Expectation;
  /** Called after the hours of any CI may be others: a calendar or an assignment was changed. */
  onChange(listener: (nowMs: Millis) => void): void;
}

const OFFICE_DAY = [{ fromMinute: 8 * 60, toMinute: 18 * 60 }] as const;

/** Monday to Friday, 08 to 18, in the zone of the machine. */
export const OFFICE_HOURS: ServiceHours = {
  versions: [
    {
      fromDay: null,
      zone: null,
      weekly: [OFFICE_DAY, OFFICE_DAY, OFFICE_DAY, OFFICE_DAY, OFFICE_DAY, [], []],
      days: new Map(),
    },
  ],
};
const AROUND_THE_CLOCK: Expectation = { hours: 'always', roaming: false };

/** Classes that differ from around the clock. */
const BY_CLASS: Readonly<Record<string, Expectation>> = {
  Workstation: { hours: OFFICE_HOURS, roaming: true },
};

/** Tags by which an administrator overrides the class. */
export const EXPECTATION_TAGS = { always: '24x7', roaming: 'roaming', fixed: 'fixed' } as const;

/** By class and tags alone. */
export function expectationOf(entry: Omit<ExpectedCi, 'id'>): Expectation {
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

/** Of a house without calendars. */
export const CLASS_EXPECTATIONS: Expectations = { of: expectationOf, onChange: () => undefined };

export function expectedAt(expectation: Expectation, timeZone: string | null, atMs: Millis): boolean {
  return expectedSpans(expectation, timeZone, atMs, atMs + 1).length > 0;
}

/** Expected spans inside [fromMs, toMs), ascending, apart. Hours that a change of the clocks moves keep their local time. */
export function expectedSpans(
  { hours }: Expectation,
  timeZone: string | null,
  fromMs: Millis,
  toMs: Millis,
): Span[] {
  return hoursSpans(hours, usableZone(timeZone), fromMs, toMs);
}

/** The stretch around `atMs` in which the expectation does not change. */
export function stretchAt({ hours }: Expectation, timeZone: string | null, atMs: Millis): Stretch {
  return hoursStretch(hours, usableZone(timeZone), atMs);
}
