/** Ranges of a day as people write them: '08:00-12:00, 13:00-18:00'. Pure. */
import { type MinuteRange, RANGES_PER_DAY_MAX } from '@muster/shared/api/calendars.ts';

const DAY_MINUTES = 1_440;
const two = (n: number) => String(n).padStart(2, '0');

/** A time of the day after is written as that time: 22:00-06:00; the end of the day is 24:00. */
export function rangesText(ranges: readonly MinuteRange[]): string {
  return ranges.map(({ fromMinute, toMinute }) => `${timeText(fromMinute)}-${timeText(toMinute)}`).join(', ');
}

function timeText(minute: number): string {
  const ofDay = minute > DAY_MINUTES ? minute - DAY_MINUTES : minute;
  return `${two(Math.floor(ofDay / 60))}:${two(ofDay % 60)}`;
}

/** null: it cannot be read. An end that is not after its begin is on the day after. */
export function rangesOf(text: string): MinuteRange[] | null {
  const parts = text
    .normalize('NFKC')
    .split(/[,;、]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length > RANGES_PER_DAY_MAX) return null;
  const ranges: MinuteRange[] = [];
  for (const part of parts) {
    const match = /^(\d{1,2}):(\d{2})\s*[-–~]\s*(\d{1,2}):(\d{2})$/.exec(part);
    if (!match) return null;
    const [h1 = 0, m1 = 0, h2 = 0, m2 = 0] = match.slice(1).map(Number);
    const [from, end] = [h1 * 60 + m1, h2 * 60 + m2];
    if (m1 > 59 || m2 > 59 || from >= DAY_MINUTES || end > DAY_MINUTES) return null;
    ranges.push({ fromMinute: from, toMinute: end > from ? end : end + DAY_MINUTES });
  }
  return ranges.sort((a, b) => a.fromMinute - b.fromMinute);
}
