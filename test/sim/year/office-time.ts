/** The year of the office: local days in a zone whose clocks change, with weekends and public holidays. */
import { DAY_MS, MINUTE_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';

export const ZONE = 'Europe/Berlin';
const DAY_MINUTES = 1_440;

export class OfficeTime {
  /** Local midnight of the first day, and the end of the last one. */
  readonly startMs: Millis;
  readonly endMs: Millis;
  readonly days: number;
  readonly #firstDayUtcMs: Millis;
  /** Begin of each stretch with one offset. */
  readonly #offsets: readonly { readonly fromMs: Millis; readonly offsetMs: Millis }[];
  readonly #workdays: readonly boolean[];

  constructor(year: number, days: number) {
    const first = Temporal.ZonedDateTime.from({ year, month: 1, day: 1, timeZone: ZONE });
    this.days = days;
    this.startMs = first.epochMilliseconds;
    this.endMs = first.add({ days }).epochMilliseconds;
    this.#firstDayUtcMs = Date.UTC(year, 0, 1);
    this.#offsets = offsetsBetween(first, this.endMs);
    const holidays = holidaysOf(year);
    this.#workdays = Array.from({ length: days + 1 }, (_, day) => {
      const date = new Date(this.#firstDayUtcMs + day * DAY_MS);
      return date.getUTCDay() % 6 !== 0 && !holidays.has(date.toISOString().slice(0, 10));
    });
  }

  offsetMs(atMs: Millis): Millis {
    let offsetMs = 0;
    for (const one of this.#offsets) if (atMs >= one.fromMs) offsetMs = one.offsetMs;
    return offsetMs;
  }

  /** The last change of the clock, in minutes; none: long ago, by nothing. */
  changeBefore(atMs: Millis): { changedBy: number; changedAgo: number } {
    const at = this.#offsets.findLastIndex(({ fromMs }) => fromMs <= atMs);
    const [before, after] = [this.#offsets[at - 1], this.#offsets[at]];
    if (before === undefined || after === undefined) return { changedBy: 0, changedAgo: Infinity };
    return {
      changedBy: (after.offsetMs - before.offsetMs) / MINUTE_MS,
      changedAgo: (atMs - after.fromMs) / MINUTE_MS,
    };
  }

  /** Minutes of the wall clock since the midnight that began the first day. */
  wallMinute(atMs: Millis): number {
    return (atMs + this.offsetMs(atMs) - this.#firstDayUtcMs) / MINUTE_MS;
  }

  /** The moment at which the clock on the wall shows this minute of the day. */
  at(day: number, minute: number): Millis {
    const wallMs = this.#firstDayUtcMs + (day * DAY_MINUTES + minute) * MINUTE_MS;
    const guessMs = wallMs - this.offsetMs(wallMs);
    return wallMs - this.offsetMs(guessMs);
  }

  /** 0 = Monday. */
  weekday(day: number): number {
    return (new Date(this.#firstDayUtcMs + day * DAY_MS).getUTCDay() + 6) % 7;
  }

  month(day: number): number {
    return new Date(this.#firstDayUtcMs + day * DAY_MS).getUTCMonth();
  }

  isWorkday(day: number): boolean {
    return this.#workdays[day] ?? false;
  }

  /** Last workday of each month that lies wholly in the year. */
  lastWorkdays(): number[] {
    const found: number[] = [];
    for (let day = 0; day + 1 < this.days; day++) {
      if (this.month(day) === this.month(day + 1)) continue;
      let last = day;
      while (last > 0 && !this.isWorkday(last)) last -= 1;
      found.push(last);
    }
    return found;
  }

  /** The n-th (1 to 4) of a weekday in each month. */
  nthWeekdays(weekday: number, n: number): number[] {
    const found: number[] = [];
    let count = 0;
    for (let day = 0; day < this.days; day++) {
      if (day > 0 && this.month(day) !== this.month(day - 1)) count = 0;
      if (this.weekday(day) === weekday && ++count === n) found.push(day);
    }
    return found;
  }
}

function offsetsBetween(first: Temporal.ZonedDateTime, endMs: Millis) {
  const offsets = [{ fromMs: -Infinity, offsetMs: first.offsetNanoseconds / 1e6 }];
  for (
    let next = first.getTimeZoneTransition('next');
    next !== null && next.epochMilliseconds < endMs;
    next = next.getTimeZoneTransition('next')
  )
    offsets.push({ fromMs: next.epochMilliseconds, offsetMs: next.offsetNanoseconds / 1e6 });
  return offsets;
}

/** Public holidays in all of Germany, ISO dates. */
export function holidaysOf(year: number): ReadonlySet<string> {
  const easter = easterSunday(year);
  const fixed = ['01-01', '05-01', '10-03', '12-25', '12-26'].map((date) => `${year}-${date}`);
  const moving = [-2, 1, 39, 50].map((days) => easter.add({ days }).toString());
  return new Set([...fixed, ...moving]);
}

/** Gregorian computus (Gauss, with the corrections of Lichtenberg). */
function easterSunday(year: number): Temporal.PlainDate {
  const century = Math.floor(year / 100);
  const solar = 15 + Math.floor((3 * century + 3) / 4) - Math.floor((8 * century + 13) / 25);
  const sun = 2 - Math.floor((3 * century + 3) / 4);
  const lunarYear = year % 19;
  const germ = (19 * lunarYear + solar) % 30;
  const correction = Math.floor((germ + Math.floor(lunarYear / 11)) / 29);
  const limit = 21 + germ - correction;
  const firstSunday = 7 - ((year + Math.floor(year / 4) + sun) % 7);
  const distance = 7 - ((((limit - firstSunday) % 7) + 7) % 7);
  return Temporal.PlainDate.from({ year, month: 3, day: 1 }).add({ days: limit + distance - 1 });
}
