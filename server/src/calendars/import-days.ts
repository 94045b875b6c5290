/** Days that differ, read from a file: what could be read, and what is wrong with the rest. */
import { CALENDAR_DAYS_MAX, CALENDAR_NAME_MAX, RANGES_PER_DAY_MAX } from '@muster/shared/api/calendars.ts';
import type { CalendarDay } from '@muster/shared/api/calendars.ts';
import type { Words } from '@muster/shared/api/incidents.ts';
import type { Cell } from '../imports/cells.ts';
import type { Table } from '../imports/read-table.ts';
import { short } from './read-days.ts';
import type { ReadDay, ReadDays, ReadProblem } from './read-days.ts';

/** How an imported day stands to a calendar. */
export type ImportState = 'new' | 'same' | 'other' | 'twice';

export function looksLikeIcs(text: string): boolean {
  return /^\uFEFF?\s*BEGIN:VCALENDAR/i.test(text);
}

/** Columns date, kind, name and hours, with headings in English or Chinese, or without headings in this order. */
export function daysOfTable(table: Pick<Table, 'headers' | 'rows' | 'lines'>): ReadDays {
  const named = columnsOf(table.headers);
  const columns = named ?? { day: 0, kind: 1, name: 2, hours: 3 };
  const first = named === null ? [{ line: 1, cells: table.headers }] : [];
  const rows = [...first, ...table.rows.map((cells, i) => ({ line: table.lines[i] ?? i + 2, cells }))];
  const days: ReadDay[] = [];
  const problems: ReadProblem[] = [];
  for (const { line, cells } of rows) {
    const text = (column: number | undefined) => textOf(column === undefined ? null : cells[column]);
    const read = dayOf(text(columns.day), text(columns.kind), text(columns.name), text(columns.hours));
    if ('words' in read) problems.push({ line, words: read.words });
    else days.push({ ...read, line });
  }
  return bounded({ days, problems });
}

/** No more days than a calendar takes, with a word about the rest. */
export function bounded({ days, problems }: ReadDays): ReadDays {
  if (days.length <= CALENDAR_DAYS_MAX) return { days, problems };
  const words = {
    en: `The file has more days than a calendar takes; the first ${CALENDAR_DAYS_MAX} are read.`,
    zh: `文件中的天数超过日历上限；只读取前 ${CALENDAR_DAYS_MAX} 天。`,
  };
  const line = days[CALENDAR_DAYS_MAX]?.line ?? 0;
  return { days: days.slice(0, CALENDAR_DAYS_MAX), problems: [...problems, { line, words }] };
}

export function stateOf(day: CalendarDay, held: CalendarDay | undefined, isRepeated: boolean): ImportState {
  if (isRepeated) return 'twice';
  if (held === undefined) return 'new';
  const saying = ({ kind, name, likeWeekday, ranges }: CalendarDay) =>
    JSON.stringify([kind, name, kind === 'workday' ? likeWeekday : 0, kind === 'hours' ? ranges : []]);
  return saying(day) === saying(held) ? 'same' : 'other';
}

const HEADINGS = {
  day: ['date', 'day', '日期', '时间'],
  kind: ['kind', 'type', '类型', '类别', '性质'],
  name: ['name', 'holiday', 'summary', 'title', '名称', '节日', '说明', '备注'],
  hours: ['hours', 'time', '时段', '工作时间'],
} as const;
type Columns = { day: number; kind?: number; name?: number; hours?: number };

function columnsOf(headers: readonly string[]): Columns | null {
  const at = (names: readonly string[]) => {
    const index = headers.findIndex((header) => names.includes(header.trim().toLowerCase()));
    return index < 0 ? undefined : index;
  };
  const day = at(HEADINGS.day);
  if (day === undefined) return null;
  const [kind, name, hours] = [at(HEADINGS.kind), at(HEADINGS.name), at(HEADINGS.hours)];
  return {
    day,
    ...(kind === undefined ? {} : { kind }),
    ...(name === undefined ? {} : { name }),
    ...(hours === undefined ? {} : { hours }),
  };
}

function textOf(cell: Cell | undefined): string {
  if (cell === null || cell === undefined) return '';
  return String(cell).normalize('NFKC').trim();
}

function dayOf(
  dayText: string,
  kindText: string,
  name: string,
  hoursText: string,
): CalendarDay | { words: Words } {
  const day = dateOf(dayText);
  if (day === null)
    return {
      words: {
        en: `"${short(dayText)}" is no date. Write 2026-10-01.`,
        zh: `“${short(dayText)}”不是日期，请写成 2026-10-01。`,
      },
    };
  const [kind, ranges] = kindAndHours(kindText, hoursText);
  if (ranges === null)
    return {
      words: {
        en: `"${short(hoursText || kindText)}" are no hours. Write 08:00-12:00, 13:00-17:30.`,
        zh: `“${short(hoursText || kindText)}”不是时段，请写成 08:00-12:00, 13:00-17:30。`,
      },
    };
  if (kind === null)
    return {
      words: {
        en: `"${short(kindText)}" is no kind of day. Write closed, workday, or hours such as 08:00-12:00.`,
        zh: `“${short(kindText)}”不是日期类型，请写 休、班，或 08:00-12:00 这样的时段。`,
      },
    };
  if (ranges.length > 0 && CLOSED.has(kindText.toLowerCase()) && kindText !== '')
    return {
      words: {
        en: `The day is "${short(kindText)}" and has hours. Write one of them.`,
        zh: `该日既写“${short(kindText)}”又写时段，请只保留一项。`,
      },
    };
  return { day, kind, name: name.slice(0, CALENDAR_NAME_MAX), likeWeekday: 1, ranges };
}

/** Hours stand in their own column or in that of the kind; null: they cannot be read. */
function kindAndHours(
  kindText: string,
  hoursText: string,
): [kind: CalendarDay['kind'] | null, ranges: CalendarDay['ranges'] | null] {
  const kind = kindOf(kindText);
  if (hoursText !== '') return ['hours', rangesOf(hoursText)];
  if (kind !== null || !/\d/.test(kindText)) return [kind, []];
  return ['hours', rangesOf(kindText)];
}

const CLOSED = new Set([
  '',
  'closed',
  'holiday',
  'off',
  'free',
  '休',
  '休息',
  '休息日',
  '放假',
  '假期',
  '节假日',
  '法定节假日',
]);
const WORKDAY = new Set([
  'workday',
  'work',
  'working day',
  'makeup',
  'make-up',
  '班',
  '上班',
  '补班',
  '调休上班',
  '工作日',
  '调休',
]);

function kindOf(text: string): 'closed' | 'workday' | null {
  const word = text.toLowerCase();
  return CLOSED.has(word) ? 'closed' : WORKDAY.has(word) ? 'workday' : null;
}

/** '2026-10-01', '2026/10/1', '2026.10.1', '20261001', '2026年10月1日'. */
export function dateOf(text: string): string | null {
  const match =
    /^(\d{4})(\d{2})(\d{2})$/.exec(text) ??
    /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]00:00.*)?$/.exec(text);
  if (!match) return null;
  const [year = 0, month = 0, day = 0] = match.slice(1).map(Number);
  try {
    return Temporal.PlainDate.from({ year, month, day }, { overflow: 'reject' }).toString();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** '08:00-12:00, 13:00-17:30'; 24:00 ends the day; an end not after its begin is on the day after. null: something else. */
function rangesOf(text: string): CalendarDay['ranges'] | null {
  const ranges: CalendarDay['ranges'] = [];
  for (const part of text.split(/[,;、，；]/)) {
    const match = /^\s*(\d{1,2}):([0-5]\d)\s*[-–~至]\s*(\d{1,2}):([0-5]\d)\s*$/.exec(part);
    if (!match) return null;
    const [h1 = 0, m1 = 0, h2 = 0, m2 = 0] = match.slice(1).map(Number);
    const [fromMinute, end] = [h1 * 60 + m1, h2 * 60 + m2];
    if (fromMinute >= 1_440 || end > 1_440) return null;
    ranges.push({ fromMinute, toMinute: end > fromMinute ? end : end + 1_440 });
  }
  return ranges.length > RANGES_PER_DAY_MAX ? null : ranges;
}
