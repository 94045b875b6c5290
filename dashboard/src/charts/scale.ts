/** Where the ticks of an axis stand and what they say. Pure; times are local. */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Millis } from '@muster/shared/time.ts';
import type { Language } from '@muster/shared/api/access.ts';
import { clockTime, dayText, sameDay } from '../util/time.ts';

const STEPS = [1, 2, 2.5, 5, 10] as const;

/** The round step that gives about `count` intervals over `span`. */
export function niceStep(span: number, count: number): number {
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  return (STEPS.find((step) => step * power >= rough * 0.999) ?? 10) * power;
}

/** From `min` (a round number) to the first round number at or above `max`, in 2 to 4 intervals. */
export function valueTicks(min: number, max: number): number[] {
  const span = max - min > 0 ? max - min : 1;
  const step = niceStep(span, 3);
  const first = Math.floor(min / step + 1e-9) * step;
  const ticks = [first];
  for (let tick = first + step; ticks.length < 12; tick += step) {
    ticks.push(Number(tick.toPrecision(12)));
    if (tick >= min + span - step * 1e-6) break;
  }
  return ticks;
}

const TIME_STEPS: readonly number[] = [
  SECOND_MS * 30,
  MINUTE_MS,
  MINUTE_MS * 2,
  MINUTE_MS * 3,
  MINUTE_MS * 5,
  MINUTE_MS * 10,
  MINUTE_MS * 15,
  MINUTE_MS * 30,
  HOUR_MS,
  HOUR_MS * 2,
  HOUR_MS * 3,
  HOUR_MS * 4,
  HOUR_MS * 6,
  HOUR_MS * 12,
  DAY_MS,
  DAY_MS * 2,
  DAY_MS * 7,
  DAY_MS * 14,
];

/** Round local times in [fromMs, toMs], at most `count` of them; from months on the firsts of a month. */
export function timeTicks(fromMs: Millis, toMs: Millis, count: number): Millis[] {
  const span = toMs - fromMs;
  const step = TIME_STEPS.find((each) => span / each <= count);
  if (step === undefined) return monthTicks(fromMs, toMs, count);
  const ticks: Millis[] = [];
  // Local midnight is the base, so that steps of hours and days stand on local round times.
  const start = new Date(fromMs);
  let dayMs = new Date(start.getFullYear(), start.getMonth(), start.getDate()).getTime();
  if (step >= DAY_MS) {
    const skip = step / DAY_MS;
    const dayNumber = Math.round((dayMs - new Date(dayMs).getTimezoneOffset() * MINUTE_MS) / DAY_MS);
    const day = new Date(dayMs);
    day.setDate(day.getDate() - (((dayNumber % skip) + skip) % skip));
    for (; day.getTime() <= toMs; day.setDate(day.getDate() + skip)) {
      if (day.getTime() >= fromMs) ticks.push(day.getTime());
    }
    return ticks;
  }
  for (; dayMs <= toMs; dayMs = nextMidnight(dayMs)) {
    const end = Math.min(nextMidnight(dayMs), toMs + 1);
    for (let atMs = dayMs; atMs < end; atMs += step) if (atMs >= fromMs) ticks.push(atMs);
  }
  return ticks;
}

function nextMidnight(dayMs: Millis): Millis {
  const day = new Date(dayMs);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1).getTime();
}

function monthTicks(fromMs: Millis, toMs: Millis, count: number): Millis[] {
  const months = Math.max(1, Math.ceil((toMs - fromMs) / (30.4 * DAY_MS) / count));
  const ticks: Millis[] = [];
  const from = new Date(fromMs);
  for (let month = Math.ceil(from.getMonth() / months) * months; ; month += months) {
    const atMs = new Date(from.getFullYear(), month, 1).getTime();
    if (atMs > toMs) return ticks;
    if (atMs >= fromMs) ticks.push(atMs);
  }
}

/** Clock within days, day from midnight to midnight, so that a change of day is seen. */
export function timeTickLabels(ticks: readonly Millis[], language: Language): string[] {
  return ticks.map((tick, index) => {
    const next = ticks[index + 1];
    const previous = ticks[index - 1];
    const at = new Date(tick);
    const midnight = at.getHours() === 0 && at.getMinutes() === 0;
    const wholeDays = [next, previous].some(
      (other) => other !== undefined && Math.abs(other - tick) >= DAY_MS - HOUR_MS,
    );
    if (wholeDays || (midnight && previous !== undefined && !sameDay(previous, tick)))
      return dayText(tick, language);
    return clockTime(tick, at.getSeconds() !== 0);
  });
}
