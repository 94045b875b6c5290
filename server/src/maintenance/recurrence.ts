/** Rules of recurrence (RFC 5545, 3.3.10) on the wall clock: which local times a window begins at. Pure. */
import { RRuleTemporal } from 'rrule-temporal';
import { DAY_MS, type Millis } from '@muster/shared/time.ts';
import { instantOf, wallOf } from './wall-clock.ts';

/** A local time to the minute, 'YYYY-MM-DDTHH:MM'; the name of an occurrence within its window. */
export type LocalTime = string;

export interface Recurrence {
  /** Of the first occurrence, if the rule matches it. */
  readonly start: LocalTime;
  /** 'FREQ=WEEKLY;BYDAY=TU', without the word RRULE. */
  readonly rule: string;
  /** EXDATE: occurrences that do not take place. */
  readonly except: readonly LocalTime[];
}

/** What is wrong with a rule, in words of both languages. */
export class RuleProblem extends Error {
  readonly words: { readonly en: string; readonly zh: string };

  constructor(en: string, zh: string) {
    super(en);
    this.name = 'RuleProblem';
    this.words = { en, zh };
  }
}

export const RULE_LENGTH_MAX = 400;
/** Of one rule; a finer one belongs into several windows. */
export const OCCURRENCES_PER_YEAR_MAX = 1_500;
/** A rule whose first occurrence lies further off than this has none. */
export const FIRST_WITHIN_MS_MAX = 5 * 366 * DAY_MS;
const YEAR_MS = 366 * DAY_MS;
/** The library gives up after as many periods without an occurrence. */
const PERIODS_TRIED_MAX = 5_000;
/** The library goes through them from the first one on each time. */
const COUNT_MAX = 4_000;
/** What the clocks of a zone are ever set by, generously. */
const CLOCK_SHIFT_MS_MAX = 2 * DAY_MS;

const FREQUENCIES = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'];
const TOO_FINE = ['HOURLY', 'MINUTELY', 'SECONDLY'];
const WEEKDAY = /^([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)$/;

/** Of each part: what one of its values may be. */
const PARTS: Readonly<Record<string, (value: string) => boolean>> = {
  FREQ: (value) => FREQUENCIES.includes(value),
  INTERVAL: (value) => isWhole(value, 1, 1_000),
  COUNT: (value) => isWhole(value, 1, COUNT_MAX),
  UNTIL: (value) => untilOf(value, 'UTC') !== null,
  WKST: (value) => /^(MO|TU|WE|TH|FR|SA|SU)$/.test(value),
  BYDAY: (value) => {
    const nth = WEEKDAY.exec(value)?.[1];
    return WEEKDAY.test(value) && (nth === undefined || isWhole(nth, -53, 53, true));
  },
  BYMONTH: (value) => isWhole(value, 1, 12),
  BYMONTHDAY: (value) => isWhole(value, -31, 31, true),
  BYYEARDAY: (value) => isWhole(value, -366, 366, true),
  BYWEEKNO: (value) => isWhole(value, -53, 53, true),
  BYSETPOS: (value) => isWhole(value, -366, 366, true),
  BYHOUR: (value) => isWhole(value, 0, 23),
  BYMINUTE: (value) => isWhole(value, 0, 59),
};
const LISTS = new Set(Object.keys(PARTS).filter((part) => part.startsWith('BY')));

/**
 * Begins of occurrences as instants with their names, ascending, those in [fromMs, toMs). A local time that the clocks leave
 * out is read with the offset before the change (02:30 becomes 03:30), one that they show twice is the first (RFC 5545,
 * 3.3.5), so that no occurrence is lost and none happens twice.
 * @throws RuleProblem where the rule is none, or too long a search
 */
export function startsOf(
  recurrence: Recurrence,
  timeZone: string,
  fromMs: Millis,
  toMs: Millis,
): { readonly name: LocalTime; readonly atMs: Millis }[] {
  if (fromMs >= toMs) return [];
  const parts = partsOf(recurrence.rule);
  const until = parts.get('UNTIL');
  const untilMs = until === undefined ? Infinity : (untilOf(until, timeZone) ?? Infinity);
  const except = new Set(recurrence.except);
  const lastMs = Math.min(toMs, untilMs + 1);
  // The rule runs on the wall clock as if it were UTC: no zone can hide or repeat an hour from it.
  const wall = wallStarts(parts, recurrence.start, fromMs - CLOCK_SHIFT_MS_MAX, lastMs + CLOCK_SHIFT_MS_MAX);
  const starts: { name: LocalTime; atMs: Millis }[] = [];
  for (const wallMs of wall) {
    const name = localName(wallMs);
    if (except.has(name)) continue;
    const atMs = instantOf(wallMs, timeZone).atMs;
    if (atMs >= fromMs && atMs < lastMs) starts.push({ name, atMs });
  }
  // Two local times around a gap may meet or swap.
  return starts
    .toSorted((a, b) => a.atMs - b.atMs)
    .filter(({ atMs }, i, all) => i === 0 || all[i - 1]?.atMs !== atMs);
}

/**
 * The rule in its canonical spelling.
 * @throws RuleProblem
 */
export function checkedRule(recurrence: Recurrence, timeZone: string, durationMs: Millis): string {
  const parts = partsOf(recurrence.rule);
  const beginMs = instantOf(wallMsOf(recurrence.start), timeZone).atMs;
  const within = startsOf({ ...recurrence, except: [] }, timeZone, beginMs, beginMs + FIRST_WITHIN_MS_MAX);
  const [first] = within;
  if (first === undefined)
    throw new RuleProblem(
      'The rule has no occurrence in the five years after its start.',
      '该规则在起始时间后的五年内没有任何一次发生。',
    );
  const inYear = within.filter(({ atMs }) => atMs < first.atMs + YEAR_MS).length;
  if (inYear > OCCURRENCES_PER_YEAR_MAX)
    throw new RuleProblem(
      `The rule has ${inYear} occurrences a year; at most ${OCCURRENCES_PER_YEAR_MAX} are kept apart.`,
      `该规则每年发生 ${inYear} 次，最多允许 ${OCCURRENCES_PER_YEAR_MAX} 次。`,
    );
  // On the wall clock: the hour that a change of the clocks takes away does not make two nights overlap.
  const wall = within.map(({ name }) => wallMsOf(name));
  if (wall.some((at, i) => i > 0 && at - (wall[i - 1] as number) <= durationMs))
    throw new RuleProblem(
      'An occurrence would begin before the one before it has ended, so the window would never end. Shorten it, or let it recur less often.',
      '上一次尚未结束下一次就已开始，窗口将永不结束。缩短时长或降低频率。',
    );
  return [...parts].map(([name, value]) => `${name}=${value}`).join(';');
}

/** @throws RuleProblem */
function partsOf(text: string): ReadonlyMap<string, string> {
  const held = parsed.get(text);
  if (held) return held;
  const parts = parse(text);
  if (parsed.size >= PARSED_HELD_MAX) parsed.clear();
  parsed.set(text, parts);
  return parts;
}

const parsed = new Map<string, ReadonlyMap<string, string>>();
const PARSED_HELD_MAX = 1_000;

/** @throws RuleProblem */
function parse(text: string): ReadonlyMap<string, string> {
  const parts = new Map<string, string>();
  for (const piece of text
    .trim()
    .toUpperCase()
    .replace(/^RRULE:/, '')
    .split(';')) {
    if (piece === '') continue;
    const [name = '', value = '', ...more] = piece.split('=');
    const fits = PARTS[name];
    if (name === 'FREQ' && TOO_FINE.includes(value))
      throw new RuleProblem(
        `${value} is too fine for a window. Use FREQ=DAILY with BYHOUR, such as FREQ=DAILY;BYHOUR=0,6,12,18.`,
        `${value} 的粒度过细。改用 FREQ=DAILY 加 BYHOUR，例如 FREQ=DAILY;BYHOUR=0,6,12,18。`,
      );
    if (fits === undefined || more.length > 0)
      throw new RuleProblem(
        `"${piece}" is no part of a recurrence rule.`,
        `“${piece}”不是重复规则的组成部分。`,
      );
    if (parts.has(name))
      throw new RuleProblem(`${name} stands twice in the rule.`, `规则中 ${name} 出现了两次。`);
    const values = LISTS.has(name) ? value.split(',') : [value];
    const wrong = values.find((one) => !fits(one));
    if (wrong !== undefined)
      throw new RuleProblem(`"${wrong}" cannot be a value of ${name}.`, `${name} 的值不能是“${wrong}”。`);
    parts.set(name, value);
  }
  if (!parts.has('FREQ'))
    throw new RuleProblem(
      'The rule does not say how often: FREQ is missing (DAILY, WEEKLY, MONTHLY or YEARLY).',
      '规则未说明重复频率：缺少 FREQ（DAILY、WEEKLY、MONTHLY 或 YEARLY）。',
    );
  requireTogether(parts);
  return parts;
}

/** What RFC 5545 says of parts beside each other. @throws RuleProblem */
function requireTogether(parts: ReadonlyMap<string, string>): void {
  const freq = parts.get('FREQ') as string;
  const never = (part: string, where: string, zh: string) => {
    throw new RuleProblem(`${part} cannot stand ${where}.`, `${part} 不能${zh}。`);
  };
  if (parts.has('COUNT') && parts.has('UNTIL')) never('COUNT', 'beside UNTIL', '与 UNTIL 同时使用');
  const nth = (parts.get('BYDAY') ?? '').split(',').some((day) => /\d/.test(day));
  if (nth && freq !== 'MONTHLY' && freq !== 'YEARLY')
    never('A weekday with a number', `in a ${freq} rule`, `（带序号的星期）用于 ${freq} 规则`);
  if (nth && parts.has('BYWEEKNO'))
    never('A weekday with a number', 'beside BYWEEKNO', '（带序号的星期）与 BYWEEKNO 同时使用');
  if (parts.has('BYMONTHDAY') && freq === 'WEEKLY')
    never('BYMONTHDAY', 'in a WEEKLY rule', '用于 WEEKLY 规则');
  if (parts.has('BYYEARDAY') && freq !== 'YEARLY')
    never('BYYEARDAY', `in a ${freq} rule`, `用于 ${freq} 规则`);
  if (parts.has('BYWEEKNO') && freq !== 'YEARLY') never('BYWEEKNO', `in a ${freq} rule`, `用于 ${freq} 规则`);
  if (parts.has('BYSETPOS') && ![...parts.keys()].some((part) => part !== 'BYSETPOS' && LISTS.has(part)))
    never('BYSETPOS', 'without another BY part', '在没有其他 BY 部分时使用');
}

/** @throws RuleProblem */
function wallStarts(
  parts: ReadonlyMap<string, string>,
  start: LocalTime,
  fromWallMs: Millis,
  toWallMs: Millis,
): number[] {
  const rule = [...parts].filter(([name]) => name !== 'UNTIL').map(([name, value]) => `${name}=${value}`);
  const startMs = wallMsOf(start);
  if (toWallMs < startMs) return [];
  const series = new RRuleTemporal({
    rruleString: rule.join(';'),
    dtstart: Temporal.Instant.fromEpochMilliseconds(startMs).toZonedDateTimeISO('UTC'),
    maxIterations: PERIODS_TRIED_MAX,
  });
  try {
    return series
      .between(new Date(Math.max(fromWallMs, startMs)), new Date(toWallMs), true)
      .map(({ epochMilliseconds }) => epochMilliseconds);
  } catch (error) {
    // The library's way to say that it went through so many periods and found nothing.
    if (error instanceof Error && /maximum/i.test(error.message)) return [];
    throw error;
  }
}

/** The last moment of a rule: a local day (all of it), a local time, or an instant; null: none of these. */
function untilOf(value: string, timeZone: string): Millis | null {
  const match = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z?))?$/.exec(value);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, zulu] = match;
  const isDay = hour === undefined;
  const iso = `${year}-${month}-${day}T${isDay ? '00:00:00' : `${hour}:${minute}:${second}`}Z`;
  const wallMs = Date.parse(iso);
  if (!Number.isFinite(wallMs)) return null;
  if (zulu === 'Z') return wallMs;
  return isDay ? instantOf(wallMs + DAY_MS, timeZone).atMs - 1 : instantOf(wallMs, timeZone).atMs;
}

function isWhole(text: string, min: number, max: number, notZero = false): boolean {
  const value = Number(text);
  return /^[+-]?\d{1,5}$/.test(text) && value >= min && value <= max && !(notZero && value === 0);
}

/** The local time as if it were UTC. */
export function wallMsOf(local: LocalTime): number {
  return Date.parse(`${local}:00Z`);
}

export function localName(wallMs: number): LocalTime {
  return new Date(wallMs).toISOString().slice(0, 16);
}

/** How the begin of the window reads on the wall clock of the zone. */
export function localNameAt(atMs: Millis, timeZone: string): LocalTime {
  return localName(wallOf(atMs, timeZone));
}
