/** A window while it is being written: fields as people think of them, and the schedule of the API they stand for. */
import type { MaintenanceWindow, WindowFlexible, WindowSchedule } from '@muster/shared/api/maintenance.ts';
import { MINUTE_MS, type Millis, toIso } from '@muster/shared/time.ts';
import { instantIn, localIn } from './zone.ts';

export const REPEATS = ['once', 'daily', 'weekly', 'monthly', 'rule'] as const;
export type Repeat = (typeof REPEATS)[number];

/** In the order of the week, Monday first. */
export const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;
export type Weekday = (typeof WEEKDAYS)[number];
export const NTHS = ['1', '2', '3', '4', '-1'] as const;
export type Nth = (typeof NTHS)[number];
export const UNITS = { minutes: 1, hours: 60, days: 1_440 } as const;
export type Unit = keyof typeof UNITS;

export interface Target {
  readonly kind: 'ciIds' | 'services' | 'locations';
  readonly id: string;
  readonly name: string;
  readonly class: string;
}

export interface Draft {
  readonly title: string;
  readonly reason: string;
  readonly agreedBy: string;
  readonly targets: readonly Target[];
  readonly classes: readonly string[];
  readonly tags: readonly string[];
  readonly children: 'none' | 'all';
  readonly repeat: Repeat;
  /** Local begin, `2026-11-24` and `02:00`. */
  readonly date: string;
  readonly time: string;
  readonly lasts: string;
  readonly unit: Unit;
  readonly weekdays: readonly Weekday[];
  /** Monthly: on the nth weekday, or on the day of the month of `date`. */
  readonly monthly: 'weekday' | 'day';
  readonly nth: Nth;
  readonly weekday: Weekday;
  readonly rule: string;
  /** Last day of a recurring window; empty: none. */
  readonly until: string;
  readonly except: readonly string[];
  readonly timeZone: string;
  readonly flexible: boolean;
  readonly flexibleMinutes: string;
  readonly per: WindowFlexible['per'];
}

export function blankDraft(nowMs: Millis, zone: string): Draft {
  // The next full hour.
  const [date = '', time = ''] = localIn(zone, nowMs + 60 * MINUTE_MS).split('T');
  return {
    title: '',
    reason: '',
    agreedBy: '',
    targets: [],
    classes: [],
    tags: [],
    children: 'all',
    repeat: 'once',
    date,
    time: `${time.slice(0, 2)}:00`,
    lasts: '2',
    unit: 'hours',
    weekdays: [weekdayOf(date)],
    monthly: 'weekday',
    nth: '2',
    weekday: weekdayOf(date),
    rule: 'FREQ=WEEKLY',
    until: '',
    except: [],
    timeZone: zone,
    flexible: false,
    flexibleMinutes: '30',
    per: 'ci',
  };
}

export function draftOf(window: MaintenanceWindow, nowMs: Millis): Draft {
  const { title, reason, agreedBy, targets, children, schedule, timeZone, flexible } = window;
  const blank = blankDraft(nowMs, timeZone);
  const listed = (kind: Target['kind'], items: readonly Omit<Target, 'kind'>[]) =>
    items.map((item) => ({ ...item, kind }));
  return {
    ...blank,
    title,
    reason,
    agreedBy,
    targets: [
      ...listed('ciIds', targets.cis),
      ...listed('services', targets.services),
      ...listed('locations', targets.locations),
    ],
    classes: targets.classes,
    tags: targets.tags,
    children,
    ...(schedule === null ? {} : timesOf(schedule, timeZone)),
    flexible: flexible !== null,
    ...(flexible === null ? {} : { flexibleMinutes: String(flexible.durationMinutes), per: flexible.per }),
  };
}

type Times = Pick<Draft, 'repeat' | 'date' | 'time' | 'lasts' | 'unit' | 'until' | 'except' | 'rule'> &
  Partial<Draft>;

function timesOf(schedule: WindowSchedule, zone: string): Times {
  if (schedule.kind === 'once') {
    const fromMs = Date.parse(schedule.startsAt);
    const [date = '', time = ''] = localIn(zone, fromMs).split('T');
    const minutes = Math.round((Date.parse(schedule.endsAt) - fromMs) / MINUTE_MS);
    return { repeat: 'once', date, time, ...lengthOf(minutes), until: '', except: [], rule: 'FREQ=WEEKLY' };
  }
  const [date = '', time = ''] = schedule.start.split('T');
  const known = patternOf(schedule.rule);
  return {
    date,
    time,
    ...lengthOf(schedule.durationMinutes),
    except: schedule.except,
    rule: schedule.rule,
    ...(known ?? { repeat: 'rule', until: '' }),
  };
}

/** In the largest unit that is whole. */
function lengthOf(minutes: number): Pick<Draft, 'lasts' | 'unit'> {
  const unit: Unit = minutes % UNITS.days === 0 ? 'days' : minutes % UNITS.hours === 0 ? 'hours' : 'minutes';
  return { lasts: String(minutes / UNITS[unit]), unit };
}

export type Pattern =
  | { readonly repeat: 'daily'; readonly until: string }
  | { readonly repeat: 'weekly'; readonly until: string; readonly weekdays: readonly Weekday[] }
  | {
      readonly repeat: 'monthly';
      readonly until: string;
      readonly monthly: 'weekday';
      readonly nth: Nth;
      readonly weekday: Weekday;
    }
  | { readonly repeat: 'monthly'; readonly until: string; readonly monthly: 'day' };

/** The rule as one of the patterns that have words; null: it has none. */
export function patternOf(rule: string): Pattern | null {
  const parts = new Map(rule.split(';').map((part) => part.split('=') as [string, string]));
  const until = untilDay(parts.get('UNTIL'));
  if (until === null) return null;
  const names = [...parts.keys()]
    .filter((name) => name !== 'UNTIL')
    .sort()
    .join();
  const freq = parts.get('FREQ');
  const byDay = parts.get('BYDAY');
  if (freq === 'DAILY' && names === 'FREQ') return { repeat: 'daily', until };
  if (freq === 'WEEKLY' && names === 'BYDAY,FREQ') {
    const days = byDay?.split(',') ?? [];
    if (!days.every((day) => WEEKDAYS.some((known) => known === day))) return null;
    return { repeat: 'weekly', until, weekdays: WEEKDAYS.filter((day) => days.includes(day)) };
  }
  if (freq === 'MONTHLY' && names === 'FREQ') return { repeat: 'monthly', until, monthly: 'day' };
  const match = /^(-?\d)(MO|TU|WE|TH|FR|SA|SU)$/.exec(byDay ?? '');
  const nth = NTHS.find((one) => one === match?.[1]);
  const weekday = WEEKDAYS.find((one) => one === match?.[2]);
  if (freq === 'MONTHLY' && names === 'BYDAY,FREQ' && nth && weekday)
    return { repeat: 'monthly', until, monthly: 'weekday', nth, weekday };
  return null;
}

/** '': without an end; null: an end that is no whole day. */
function untilDay(value: string | undefined): string | null {
  if (value === undefined) return '';
  const match = /^(\d{4})(\d{2})(\d{2})$/.exec(value);
  return match ? `${match[1]}-${match[2]}-${match[3]}` : null;
}

export function ruleOf(draft: Draft): string {
  const until = draft.until === '' ? '' : `;UNTIL=${draft.until.replaceAll('-', '')}`;
  switch (draft.repeat) {
    case 'daily':
      return `FREQ=DAILY${until}`;
    case 'weekly':
      return `FREQ=WEEKLY;BYDAY=${WEEKDAYS.filter((day) => draft.weekdays.includes(day)).join(',')}${until}`;
    case 'monthly':
      return draft.monthly === 'day'
        ? `FREQ=MONTHLY${until}`
        : `FREQ=MONTHLY;BYDAY=${draft.nth}${draft.weekday}${until}`;
    case 'once':
    case 'rule':
      return draft.rule.trim();
  }
}

export function minutesOf({ lasts, unit }: Pick<Draft, 'lasts' | 'unit'>): number {
  return Math.round(Number(lasts) * UNITS[unit]);
}

export interface TimeInput {
  readonly schedule: WindowSchedule;
  readonly timeZone: string;
  readonly flexible: WindowFlexible | null;
}

/** null: something is not filled in yet. */
export function timeInputOf(draft: Draft): TimeInput | null {
  const minutes = minutesOf(draft);
  const flexibleMinutes = Math.round(Number(draft.flexibleMinutes));
  if (!/^\d{4}-\d\d-\d\d$/.test(draft.date) || !/^\d\d:\d\d$/.test(draft.time)) return null;
  if (!(minutes >= 1) || (draft.flexible && !(flexibleMinutes >= 1))) return null;
  if (draft.repeat === 'weekly' && draft.weekdays.length === 0) return null;
  const start = `${draft.date}T${draft.time}`;
  const startMs = instantIn(draft.timeZone, start);
  return {
    schedule:
      draft.repeat === 'once'
        ? { kind: 'once', startsAt: toIso(startMs), endsAt: toIso(startMs + minutes * MINUTE_MS) }
        : {
            kind: 'recurring',
            start,
            durationMinutes: minutes,
            rule: ruleOf(draft),
            except: [...draft.except],
          },
    timeZone: draft.timeZone,
    flexible: draft.flexible ? { durationMinutes: flexibleMinutes, per: draft.per } : null,
  };
}

export function targetsOf({ targets, classes, tags }: Draft) {
  const of = (kind: Target['kind']) => targets.filter((one) => one.kind === kind).map(({ id }) => id);
  return {
    ciIds: of('ciIds'),
    services: of('services'),
    locations: of('locations'),
    classes: [...classes],
    tags: [...tags],
  };
}

export function namesNothing(draft: Draft): boolean {
  return draft.targets.length + draft.classes.length + draft.tags.length === 0;
}

/** Of an ISO date. */
export function weekdayOf(date: string): Weekday {
  return WEEKDAYS[(new Date(`${date}T00:00Z`).getUTCDay() + 6) % 7] ?? 'MO';
}
