/** Windows in the reader's words: their state, and when they take place. */
import type {
  ClockRemark,
  MaintenanceWindow,
  WindowOccurrence,
  WindowState,
} from '@muster/shared/api/maintenance.ts';
import type { Language } from '@muster/shared/api/access.ts';
import { MINUTE_MS } from '@muster/shared/time.ts';
import type { Key, Translate } from '../../i18n/catalogue.ts';
import type { StateLook } from '../../ui/states.ts';
import { dateText, dateTimeText, millis, sameDay, clockTime, spanText } from '../../util/time.ts';
import { type Nth, patternOf, type Weekday, WEEKDAYS } from './draft.ts';

export const WINDOW_LOOKS = {
  running: { word: 'maintenance.state.running', glyph: 'pill', tone: 'planned' },
  waiting: { word: 'maintenance.state.waiting', glyph: 'half', tone: 'quiet' },
  coming: { word: 'maintenance.state.coming', glyph: 'ring', tone: 'idle' },
  over: { word: 'maintenance.state.over', glyph: 'tick', tone: 'idle' },
} as const satisfies Record<WindowState, StateLook>;

export const REMARK_WORDS = {
  'start-skipped': 'maintenance.remark.startSkipped',
  'start-twice': 'maintenance.remark.startTwice',
  'longer-on-the-clock': 'maintenance.remark.longer',
  'shorter-on-the-clock': 'maintenance.remark.shorter',
} as const satisfies Record<ClockRemark, Key>;

export const NTH_WORDS = {
  '1': 'maintenance.nth.first',
  '2': 'maintenance.nth.second',
  '3': 'maintenance.nth.third',
  '4': 'maintenance.nth.fourth',
  '-1': 'maintenance.nth.last',
} as const satisfies Record<Nth, Key>;

interface Speech {
  readonly t: Translate;
  readonly language: Language;
}

/** `Tuesday`, `周二`. */
export function weekdayText(day: Weekday, language: Language, width: 'long' | 'short' = 'long'): string {
  // 2024 began on a Monday.
  const atMs = Date.UTC(2024, 0, 1 + WEEKDAYS.indexOf(day));
  const weekday = language === 'zh' ? 'short' : width;
  return new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en', { weekday, timeZone: 'UTC' }).format(
    atMs,
  );
}

/** `Every Tuesday at 02:00 for 2 h`, in the zone of the window. */
export function scheduleText(
  { schedule }: Pick<MaintenanceWindow, 'schedule'>,
  { t, language }: Speech,
): string {
  if (schedule === null) return t('maintenance.when.none');
  if (schedule.kind === 'once')
    return spanWords(millis(schedule.startsAt), millis(schedule.endsAt), language);
  const [date = '', time = ''] = schedule.start.split('T');
  const length = spanText(schedule.durationMinutes * MINUTE_MS, t);
  const pattern = patternOf(schedule.rule);
  switch (pattern?.repeat) {
    case 'daily':
      return t('maintenance.when.daily', { time, length });
    case 'weekly': {
      const list = new Intl.ListFormat(language, { type: 'conjunction' });
      const days = list.format(pattern.weekdays.map((day) => weekdayText(day, language)));
      return t('maintenance.when.weekly', { days, time, length });
    }
    case 'monthly': {
      if (pattern.monthly === 'day')
        return t('maintenance.when.monthlyDay', { day: Number(date.slice(8)), time, length });
      const nth = t(NTH_WORDS[pattern.nth]);
      return t('maintenance.when.monthlyWeekday', {
        nth,
        day: weekdayText(pattern.weekday, language),
        time,
        length,
      });
    }
    case undefined:
      return t('maintenance.when.rule', { rule: schedule.rule, time, length });
  }
}

/** `24 Nov 2026, 02:00 – 04:00`; over midnight both days. */
export function spanWords(fromMs: number, toMs: number, language: Language): string {
  const to = sameDay(fromMs, toMs) ? clockTime(toMs) : dateTimeText(toMs, language, false);
  return `${dateTimeText(fromMs, language, false)} – ${to}`;
}

/** An occurrence as the wall clock of its own zone shows it. */
export function occurrenceText({ localFrom, localTo }: WindowOccurrence, language: Language): string {
  const fromMs = localMs(localFrom);
  const day = new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en', { weekday: 'short' }).format(
    fromMs,
  );
  return language === 'zh'
    ? `${dateText(fromMs, language)} ${day} ${spanEnd(fromMs, localMs(localTo), language)}`
    : `${day}, ${dateText(fromMs, language)}, ${spanEnd(fromMs, localMs(localTo), language)}`;
}

function spanEnd(fromMs: number, toMs: number, language: Language): string {
  return `${clockTime(fromMs)} – ${sameDay(fromMs, toMs) ? clockTime(toMs) : dateTimeText(toMs, language, false)}`;
}

/** Read as if it were the browser's own zone: it is only printed. */
function localMs(local: string): number {
  return new Date(local).getTime();
}
