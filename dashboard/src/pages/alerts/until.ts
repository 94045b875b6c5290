/** Until when somebody has seen an alert: the choices, and the time each of them means. Pure. */
import { ACKNOWLEDGE_DAYS_MAX } from '@muster/shared/api/alerts.ts';
import { DAY_MS, HOUR_MS, type Millis } from '@muster/shared/time.ts';
import { startOfDay } from '../../util/time.ts';

export const UNTIL_CHOICES = ['1h', '4h', 'morning', '1d', '7d', 'end', 'at'] as const;
export type UntilChoice = (typeof UNTIL_CHOICES)[number];

/** When work begins again. */
const MORNING_HOUR = 8;
const LONGEST_DAY_MS = 25 * HOUR_MS;

/** null: until it is resolved. undefined: the time of one's own is none, or not one that is taken. */
export function untilMs(choice: UntilChoice, ownTime: string, nowMs: Millis): Millis | null | undefined {
  switch (choice) {
    case '1h':
      return nowMs + HOUR_MS;
    case '4h':
      return nowMs + 4 * HOUR_MS;
    case 'morning': {
      const tomorrow = new Date(startOfDay(startOfDay(nowMs) + LONGEST_DAY_MS));
      return tomorrow.setHours(MORNING_HOUR);
    }
    case '1d':
      return nowMs + DAY_MS;
    case '7d':
      return nowMs + 7 * DAY_MS;
    case 'end':
      return null;
    case 'at': {
      const atMs = Date.parse(ownTime);
      return atMs > nowMs && atMs <= nowMs + ACKNOWLEDGE_DAYS_MAX * DAY_MS ? atMs : undefined;
    }
  }
}
