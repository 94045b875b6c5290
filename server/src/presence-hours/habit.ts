/** What a machine did of its days: when it was up, and the hours of the week that follow from it. Pure. */
import type { WeekHours } from '@muster/shared/api/presence.ts';
import { DAY_MS, MINUTE_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import { usableZone } from '../availability/expectation.ts';
import type { BareRecord } from '../availability/store.ts';

export const SLOT_MINUTES = 15;
export const SLOTS_PER_DAY = 96;
export const SLOTS_PER_WEEK = 7 * SLOTS_PER_DAY;

/** Up for less than this is somebody who looked in; away for less than this is a restart or a short lunch. */
const VISIT_MINUTES_MIN = 10;
const PAUSE_MINUTES_MAX = 15;
/** A day with so much time up is a day of work. */
const ACTIVE_MINUTES_MIN = 60;
/** Of more than this of a day nothing is known through our own fault: it says nothing. */
const BLIND_MINUTES_MAX = 240;
/** Share of the days of a weekday that must be active, and how many there must be. */
const ACTIVE_SHARE_MIN = 0.5;
const WEEKDAYS_MIN = 3;
/** Hours are so chosen that on nine days of ten the machine had begun before, and ended after. */
const CERTAIN = 0.9;
const HOURS_MINUTES_MIN = 120;
/** Days whose begin and end differ by no more than this are one kind of day. */
const ALIKE_MINUTES = 60;

export interface DayUse {
  /** 0 = Monday. */
  readonly weekday: number;
  readonly upMinutes: number;
  /** Begin of the first and end of the last stretch up; 0 and 0 on a day without. */
  readonly firstMinute: number;
  readonly lastMinute: number;
}

export interface Habit {
  readonly days: readonly DayUse[];
  /** Slots of the week: how often up, how often known. */
  readonly upSlots: Float64Array;
  readonly knownSlots: Float64Array;
  /** Longest stretch not up that was not planned and not our own fault. */
  readonly longestAbsentMs: Millis;
  /** From the first to the last day that counts. */
  readonly coveredMs: Millis;
}

interface Span {
  readonly fromMs: Millis;
  readonly toMs: Millis;
}

/** `intervals` ascending, as recorded. Days run in the zone of the machine, in whole from the first that was recorded. */
export function habitOf(intervals: BareRecord, zone: string | null, fromMs: Millis, toMs: Millis): Habit {
  const first = intervals[0]?.fromMs ?? toMs;
  const days = daysBetween(Math.max(fromMs, first), toMs, usableZone(zone));
  const [up, blind] = [tidy(spansOf(intervals, isUp)), spansOf(intervals, isBlind)];
  const use: DayUse[] = [];
  const upSlots = new Float64Array(SLOTS_PER_WEEK);
  const knownSlots = new Float64Array(SLOTS_PER_WEEK);
  let [atUp, atBlind] = [0, 0];
  for (const day of days) {
    while ((up[atUp]?.toMs ?? Infinity) <= day.fromMs) atUp += 1;
    while ((blind[atBlind]?.toMs ?? Infinity) <= day.fromMs) atBlind += 1;
    if (minutesWithin(blind, atBlind, day) > BLIND_MINUTES_MAX) continue;
    const base = day.weekday * SLOTS_PER_DAY;
    for (let slot = 0; slot < SLOTS_PER_DAY; slot++) knownSlots[base + slot]! += 1;
    let [upMinutes, firstMinute, lastMinute] = [0, 0, 0];
    for (let i = atUp; (up[i]?.fromMs ?? Infinity) < day.toMs; i++) {
      const span = up[i] as Span;
      const begin = minuteOf(Math.max(span.fromMs, day.fromMs), day);
      const end = minuteOf(Math.min(span.toMs, day.toMs), day);
      if (upMinutes === 0) firstMinute = begin;
      upMinutes += end - begin;
      lastMinute = end;
      const [from, to] = [Math.round(begin / SLOT_MINUTES), Math.round(end / SLOT_MINUTES)];
      for (let slot = from; slot < Math.min(to, SLOTS_PER_DAY); slot++) upSlots[base + slot]! += 1;
    }
    use.push({ weekday: day.weekday, upMinutes, firstMinute, lastMinute });
  }
  return {
    days: use,
    upSlots,
    knownSlots,
    longestAbsentMs: longestAbsent(intervals, days[0]?.fromMs ?? toMs, toMs),
    coveredMs: days.length * DAY_MS,
  };
}

export function isActive({ upMinutes }: DayUse): boolean {
  return upMinutes >= ACTIVE_MINUTES_MIN;
}

/** The hours in which machines with these days are up on nine days of ten; null on weekdays without work. */
export function weekHoursOf(days: readonly DayUse[]): WeekHours {
  const week = Array.from({ length: 7 }, (_, weekday) => {
    const all = days.filter((day) => day.weekday === weekday);
    const active = all.filter(isActive);
    if (all.length < WEEKDAYS_MIN || active.length < all.length * ACTIVE_SHARE_MIN) return null;
    const from = quantile(
      active.map((day) => day.firstMinute),
      CERTAIN,
    );
    const to = quantile(
      active.map((day) => day.lastMinute),
      1 - CERTAIN,
    );
    const range = {
      fromMinute: Math.min(1_425, Math.ceil(from / SLOT_MINUTES) * SLOT_MINUTES),
      toMinute: Math.max(SLOT_MINUTES, Math.floor(to / SLOT_MINUTES) * SLOT_MINUTES),
    };
    return range.toMinute - range.fromMinute < HOURS_MINUTES_MIN ? null : range;
  });
  return evened(week);
}

/** Working days that differ little get the hours that are true of all of them. */
function evened(week: WeekHours): WeekHours {
  const set = week.filter((range) => range !== null);
  if (set.length < 2) return week;
  const from = set.map((range) => range.fromMinute);
  const to = set.map((range) => range.toMinute);
  const alike = (values: number[]) => Math.max(...values) - Math.min(...values) <= ALIKE_MINUTES;
  if (!alike(from) || !alike(to)) return week;
  return week.map((range) => range && { fromMinute: Math.max(...from), toMinute: Math.min(...to) });
}

/** Share of the active days, on the weekdays of `week`, on which the machine was there at its begin and at its end. */
export function daysShareOf(days: readonly DayUse[], week: WeekHours): number {
  const active = days.filter((day) => isActive(day) && week[day.weekday]);
  const kept = active.filter((day) => {
    const range = week[day.weekday];
    return range && day.firstMinute <= range.fromMinute && day.lastMinute >= range.toMinute;
  });
  return active.length === 0 ? 0 : kept.length / active.length;
}

export function weekMinutes(week: WeekHours): number {
  return week.reduce((sum, range) => sum + (range ? range.toMinute - range.fromMinute : 0), 0);
}

/** Minutes of the week that are in one and not in the other. */
export function weekDifference(a: WeekHours, b: WeekHours): number {
  return a.reduce((sum, one, day) => {
    const other = b[day] ?? null;
    const both =
      one && other
        ? Math.max(0, Math.min(one.toMinute, other.toMinute) - Math.max(one.fromMinute, other.fromMinute))
        : 0;
    const length = (range: typeof one) => (range ? range.toMinute - range.fromMinute : 0);
    return sum + length(one) + length(other) - 2 * both;
  }, 0);
}

/** Same working days, begins and ends within an hour. */
export function agree(a: WeekHours, b: WeekHours): boolean {
  return a.every((one, day) => {
    const other = b[day] ?? null;
    if (one === null || other === null) return one === other;
    return (
      Math.abs(one.fromMinute - other.fromMinute) <= ALIKE_MINUTES &&
      Math.abs(one.toMinute - other.toMinute) <= ALIKE_MINUTES
    );
  });
}

/** `wanted`, moved towards `before` until they differ by no more than `minutesMax` a week. */
export function towards(wanted: WeekHours, before: WeekHours, minutesMax: number): WeekHours {
  const difference = weekDifference(wanted, before);
  if (difference <= minutesMax) return wanted;
  const share = minutesMax / difference;
  // Cut, not rounded, so that it never exceeds what was allowed.
  const part = (from: number, to: number) =>
    from + Math.trunc(((to - from) * share) / SLOT_MINUTES) * SLOT_MINUTES;
  return wanted.map((then, day) => {
    const now = before[day] ?? null;
    if (then === null && now === null) return null;
    // A day that comes or goes does so little by little, from its begin on.
    const old = now ?? { fromMinute: then?.fromMinute ?? 0, toMinute: then?.fromMinute ?? 0 };
    const next = then ?? { fromMinute: old.fromMinute, toMinute: old.fromMinute };
    const range = {
      fromMinute: part(old.fromMinute, next.fromMinute),
      toMinute: part(old.toMinute, next.toMinute),
    };
    return range.toMinute > range.fromMinute ? range : null;
  });
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.round((sorted.length - 1) * share))] ?? 0;
}

interface Day extends Span {
  readonly weekday: number;
  readonly zone: string;
}

/** Whole local days inside the period. */
function daysBetween(fromMs: Millis, toMs: Millis, zone: string): Day[] {
  const days: Day[] = [];
  let start = Temporal.Instant.fromEpochMilliseconds(fromMs).toZonedDateTimeISO(zone).startOfDay();
  if (start.epochMilliseconds < fromMs) start = start.add({ days: 1 }).startOfDay();
  for (;;) {
    const next = start.add({ days: 1 }).startOfDay();
    if (next.epochMilliseconds > toMs) return days;
    days.push({
      fromMs: start.epochMilliseconds,
      toMs: next.epochMilliseconds,
      weekday: start.dayOfWeek - 1,
      zone,
    });
    start = next;
  }
}

/** Minute of the day as its clocks show it. */
function minuteOf(atMs: Millis, day: Day): number {
  if (day.toMs - day.fromMs === DAY_MS) return Math.round((atMs - day.fromMs) / MINUTE_MS);
  if (atMs >= day.toMs) return DAY_MS / MINUTE_MS;
  // One of the two days of the year on which the clocks change.
  const { hour, minute } = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(day.zone);
  return hour * 60 + minute;
}

type Bare = BareRecord[number];

function isUp({ presence }: Bare): boolean {
  return presence === 'up';
}

/** Nothing is known through our own fault, or it was agreed that the machine is away. */
function isBlind({ presence, cause, planned }: Bare): boolean {
  return cause === 'server-self' || (planned && presence !== 'up');
}

function spansOf(intervals: BareRecord, fits: (interval: Bare) => boolean): Span[] {
  return intervals
    .filter(fits)
    .map(({ fromMs, toMs }) => ({ fromMs, toMs: toMs ?? Number.MAX_SAFE_INTEGER }));
}

function tidy(spans: readonly Span[]): Span[] {
  const joined: { fromMs: Millis; toMs: Millis }[] = [];
  for (const { fromMs, toMs } of spans) {
    const last = joined.at(-1);
    if (last && fromMs - last.toMs <= PAUSE_MINUTES_MAX * MINUTE_MS) last.toMs = toMs;
    else joined.push({ fromMs, toMs });
  }
  return joined.filter(({ fromMs, toMs }) => toMs - fromMs >= VISIT_MINUTES_MIN * MINUTE_MS);
}

function minutesWithin(spans: readonly Span[], from: number, day: Day): number {
  let ms = 0;
  for (let i = from; (spans[i]?.fromMs ?? Infinity) < day.toMs; i++) {
    const span = spans[i] as Span;
    ms += Math.min(span.toMs, day.toMs) - Math.max(span.fromMs, day.fromMs);
  }
  return ms / MINUTE_MS;
}

function longestAbsent(intervals: BareRecord, fromMs: Millis, toMs: Millis): Millis {
  let longest = 0;
  let sinceMs: Millis | null = null;
  for (const interval of intervals) {
    const away = !isUp(interval) && !isBlind(interval);
    const begin = Math.max(interval.fromMs, fromMs);
    const end = Math.min(interval.toMs ?? toMs, toMs);
    if (!away || end <= begin) {
      if (!away) sinceMs = null;
      continue;
    }
    sinceMs ??= begin;
    longest = Math.max(longest, end - sinceMs);
  }
  return longest;
}
