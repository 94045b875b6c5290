/** Whole-day events of an iCalendar file (RFC 5545) as days that differ; each event is read by itself, with its line. */
import { CALENDAR_NAME_MAX } from '@muster/shared/api/calendars.ts';
import type { Words } from '@muster/shared/api/incidents.ts';
import ICAL from 'ical.js';
import { short } from './read-days.ts';
import type { ReadDay, ReadDays, ReadProblem } from './read-days.ts';

export const ICS_EVENTS_MAX = 5_000;
/** An event that lasts longer is no holiday. */
export const ICS_EVENT_DAYS_MAX = 60;
const EVENT_LINES_MAX = 500;
/** Days that are collected of a file; far more than a calendar takes. */
const DAYS_COLLECTED_MAX = 10_000;
/** Years that series with a count are walked through before the first year that is wanted, all of a file together. */
const YEARS_WALKED_MAX = 20_000;

interface Bounds {
  readonly firstYear: number;
  readonly lastYear: number;
  /** Years that may still be walked through. */
  walk: number;
}

interface Block {
  readonly line: number;
  readonly text: string;
}

export function readIcs(text: string, years: readonly [first: number, last: number]): ReadDays {
  const { blocks, problems } = blocksOf(text);
  const days: ReadDay[] = [];
  /** Single days of a series that were moved or taken away, by uid. */
  const moved = new Map<string, Set<string>>();
  const events: { block: Block; event: ICAL.Event }[] = [];
  for (const block of blocks) {
    const event = eventOf(block);
    if ('words' in event) problems.push(event);
    else events.push({ block, event: event.event });
  }
  for (const { event } of events) {
    const id = event.component.getFirstPropertyValue('recurrence-id');
    if (id instanceof ICAL.Time) {
      const uid = String(event.uid ?? '');
      moved.set(uid, (moved.get(uid) ?? new Set()).add(dateText(id)));
    }
  }
  const bounds: Bounds = { firstYear: years[0], lastYear: years[1], walk: YEARS_WALKED_MAX };
  for (const { block, event } of events) {
    if (days.length > DAYS_COLLECTED_MAX) break;
    const read = daysOfEvent(event, block, bounds, moved.get(String(event.uid ?? '')) ?? new Set());
    if ('words' in read) problems.push({ line: block.line, words: read.words });
    else days.push(...read.days);
  }
  days.sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : a.line - b.line));
  return { days, problems: problems.sort((a, b) => a.line - b.line) };
}

/** The VEVENT parts of a file; everything else is not read. */
function blocksOf(text: string): { blocks: Block[]; problems: ReadProblem[] } {
  const blocks: Block[] = [];
  const problems: ReadProblem[] = [];
  let open: { line: number; lines: string[] } | null = null;
  let inner = 0;
  for (const [i, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const word = raw.trim().toUpperCase();
    if (word === 'BEGIN:VEVENT') {
      if (open) problems.push({ line: open.line, words: NOT_ENDED });
      open = { line: i + 1, lines: [raw] };
      inner = 0;
      continue;
    }
    if (!open) continue;
    if (word.startsWith('BEGIN:')) inner += 1;
    else if (word === 'END:VEVENT' && inner <= 0) {
      const { line, lines } = open;
      open = null;
      if (blocks.length >= ICS_EVENTS_MAX) {
        problems.push({ line, words: TOO_MANY });
        break;
      }
      blocks.push({ line, text: [...lines, 'END:VEVENT'].join('\r\n') });
    } else if (word.startsWith('END:')) inner -= 1;
    // Alarms and the like within an event say nothing of its days.
    else if (inner === 0 && open.lines.length < EVENT_LINES_MAX) open.lines.push(raw);
  }
  if (open) problems.push({ line: open.line, words: NOT_ENDED });
  if (blocks.length === 0 && problems.length === 0) problems.push({ line: 1, words: NO_EVENT });
  return { blocks, problems };
}

function eventOf({ line, text }: Block): { event: ICAL.Event } | ReadProblem {
  try {
    return { event: new ICAL.Event(new ICAL.Component(ICAL.parse(text))) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return {
      line,
      words: {
        en: `This event cannot be read: ${short(error.message)}.`,
        zh: `无法读取该日程：${short(error.message)}。`,
      },
    };
  }
}

function daysOfEvent(
  event: ICAL.Event,
  { line, text }: Block,
  bounds: Bounds,
  moved: ReadonlySet<string>,
): { days: ReadDay[] } | { words: Words } {
  const { component } = event;
  if (String(component.getFirstPropertyValue('status') ?? '').toUpperCase() === 'CANCELLED')
    return { days: [] };
  const start = component.getFirstPropertyValue('dtstart');
  if (!(start instanceof ICAL.Time)) return { words: NO_DATE };
  if (!start.isDate) return { words: NOT_WHOLE_DAYS };
  const first = plain(start);
  // The reader turns the 99th of a month into a day of a later one.
  const written = /^DTSTART[^:\r\n]*:(\d{8})\s*$/im.exec(text)?.[1];
  if (first === null || (written !== undefined && first.toString().replaceAll('-', '') !== written))
    return { words: NO_DATE };
  const length = lengthOf(component, first);
  if (length === null || length > ICS_EVENT_DAYS_MAX) return { words: TOO_LONG };
  const begins = beginsOf(component, first, bounds);
  if ('words' in begins) return begins;
  const isSingle = component.getFirstPropertyValue('recurrence-id') !== null;
  const without = new Set(
    component
      .getAllProperties('exdate')
      .flatMap((property) => property.getValues())
      .flatMap((value) => (value instanceof ICAL.Time ? [dateText(value)] : [])),
  );
  const name = String(component.getFirstPropertyValue('summary') ?? '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, CALENDAR_NAME_MAX);
  const kind = kindOf(name, String(component.getFirstPropertyValue('x-apple-special-day') ?? ''));
  const extra = extraOf(component);
  if (extra === null) return { words: NOT_YEARLY };
  const days = [...begins.days, ...extra]
    .filter((begin) => !without.has(begin.toString()) && (isSingle || !moved.has(begin.toString())))
    .flatMap((begin) =>
      Array.from({ length }, (_, i) => ({
        day: begin.add({ days: i }).toString(),
        kind,
        name,
        likeWeekday: 1,
        ranges: [],
        line,
      })),
    );
  return { days };
}

/** Whole days; null: it ends before it begins. */
function lengthOf(component: ICAL.Component, first: Temporal.PlainDate): number | null {
  const end = component.getFirstPropertyValue('dtend');
  if (end instanceof ICAL.Time) {
    const last = plain(end);
    const days = last === null ? 0 : first.until(last, { largestUnit: 'days' }).days;
    // An end on its own begin is written by some for one day.
    return days < 0 ? null : Math.max(1, days);
  }
  const duration = component.getFirstPropertyValue('duration');
  if (duration instanceof ICAL.Duration) return Math.max(1, Math.ceil(duration.toSeconds() / 86_400));
  return 1;
}

/** Days named beside the rule; null: not whole days. */
function extraOf(component: ICAL.Component): Temporal.PlainDate[] | null {
  const days: Temporal.PlainDate[] = [];
  for (const value of component.getAllProperties('rdate').flatMap((property) => property.getValues())) {
    const day = value instanceof ICAL.Time && value.isDate ? plain(value) : null;
    if (day === null) return null;
    days.push(day);
  }
  return days;
}

const YEARLY_PARTS = new Set([
  'FREQ',
  'INTERVAL',
  'COUNT',
  'UNTIL',
  'BYMONTH',
  'BYMONTHDAY',
  'BYDAY',
  'WKST',
]);

/**
 * Once, or yearly: on the same date, on a date of a month, or on the n-th weekday of a month. Written out here, because a
 * rule in a file may ask for more than there is time for.
 */
function beginsOf(
  component: ICAL.Component,
  first: Temporal.PlainDate,
  bounds: Bounds,
): { days: Temporal.PlainDate[] } | { words: Words } {
  const rules = component.getAllProperties('rrule');
  if (rules.length === 0) return { days: [first] };
  const rule = rules[0]?.getFirstValue();
  if (rules.length > 1 || !(rule instanceof ICAL.Recur)) return { words: NOT_YEARLY };
  const parts = rule.parts as Readonly<Record<string, readonly (string | number)[] | undefined>>;
  const known = Object.keys(parts).every((part) => YEARLY_PARTS.has(part));
  const [months = [first.month], monthDays = [], weekdays = []] = [
    parts.BYMONTH,
    parts.BYMONTHDAY,
    parts.BYDAY,
  ];
  if (rule.freq !== 'YEARLY' || !known || months.length > 1 || monthDays.length > 1 || weekdays.length > 1)
    return { words: NOT_YEARLY };
  const month = Number(months[0]);
  const interval = Math.max(1, Number(rule.interval ?? 1));
  const until = rule.until ? plain(rule.until) : null;
  const count = rule.count ?? Infinity;
  const days: Temporal.PlainDate[] = [];
  const { firstYear, lastYear } = bounds;
  const skipped = Math.max(0, Math.ceil((firstYear - first.year) / interval));
  let made = 0;
  // What is counted is walked through from its beginning; else the years before the wanted ones are nothing to look at.
  const beginYear = count === Infinity ? first.year + skipped * interval : first.year;
  if (count !== Infinity && (bounds.walk -= skipped) < 0) return { words: TOO_LONG_AGO };
  for (let year = beginYear; year <= lastYear && made < count; year += interval) {
    const day =
      weekdays.length === 1
        ? nthWeekday(year, month, String(weekdays[0]))
        : dateIn(year, month, Number(monthDays[0] ?? first.day));
    if (day === 'unknown') return { words: NOT_YEARLY };
    if (day === null || Temporal.PlainDate.compare(day, first) < 0) continue;
    if (until !== null && Temporal.PlainDate.compare(day, until) > 0) break;
    made += 1;
    if (year >= firstYear) days.push(day);
  }
  return { days };
}

const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

/** '4TH', '-1MO'. */
function nthWeekday(year: number, month: number, text: string): Temporal.PlainDate | null | 'unknown' {
  const match = /^([+-]?[1-5])(MO|TU|WE|TH|FR|SA|SU)$/.exec(text);
  const start = dateIn(year, month, 1);
  if (!match || start === null) return 'unknown';
  const nth = Number(match[1]);
  const weekday = WEEKDAYS.indexOf(match[2] ?? '') + 1;
  const from = nth > 0 ? start : start.add({ months: 1 }).subtract({ days: 1 });
  const step = nth > 0 ? (weekday - from.dayOfWeek + 7) % 7 : -((from.dayOfWeek - weekday + 7) % 7);
  const day = from.add({ days: step + (nth > 0 ? nth - 1 : nth + 1) * 7 });
  return day.month === month ? day : null;
}

function dateIn(year: number, month: number, day: number): Temporal.PlainDate | null {
  try {
    return Temporal.PlainDate.from({ year, month, day }, { overflow: 'reject' });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function plain({ year, month, day }: ICAL.Time): Temporal.PlainDate | null {
  return dateIn(year, month, day);
}

function dateText(time: ICAL.Time): string {
  return plain(time)?.toString() ?? '';
}

/**
 * A holiday, unless it says that people work: 班 as in 补班 and 上班 (调休 alone says both), and the mark that the calendars
 * of some vendors carry.
 */
export function kindOf(summary: string, specialDay: string): 'closed' | 'workday' {
  if (/ALTERNATE-WORKDAY/i.test(specialDay)) return 'workday';
  if (/WORK-HOLIDAY/i.test(specialDay)) return 'closed';
  if (/不上班|停班|不用上班|无需上班|不补班/.test(summary)) return 'closed';
  if (/班/.test(summary)) return 'workday';
  return /\b(make-?up (work)?day|working (day|saturday|sunday)|workday)\b/i.test(summary)
    ? 'workday'
    : 'closed';
}

const NOT_ENDED: Words = {
  en: 'This event does not end (END:VEVENT is missing).',
  zh: '该日程没有结束（缺少 END:VEVENT）。',
};
const NO_EVENT: Words = { en: 'The file has no event (VEVENT).', zh: '文件中没有任何日程（VEVENT）。' };
const TOO_MANY: Words = {
  en: `The file has more than ${ICS_EVENTS_MAX} events; the rest is not read.`,
  zh: `文件中的日程超过 ${ICS_EVENTS_MAX} 个，其余未读取。`,
};
const NO_DATE: Words = { en: 'This event has no date.', zh: '该日程没有日期。' };
const NOT_WHOLE_DAYS: Words = {
  en: 'This event has a time of day; only whole days are taken over.',
  zh: '该日程带有具体时间；只导入全天日程。',
};
const TOO_LONG: Words = {
  en: `This event ends before it begins or lasts longer than ${ICS_EVENT_DAYS_MAX} days.`,
  zh: `该日程的结束早于开始，或超过 ${ICS_EVENT_DAYS_MAX} 天。`,
};
const TOO_LONG_AGO: Words = {
  en: 'This series is counted from too long ago; write out its days.',
  zh: '该重复日程的计数起点过早；请把各天分别写出。',
};
const NOT_YEARLY: Words = {
  en: 'This event repeats otherwise than once a year; write out its days.',
  zh: '该日程不是每年一次的重复；请把各天分别写出。',
};
