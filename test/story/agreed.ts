/** What people agree about hours and availability in stories: calendars, who has which, targets, judgements by two people. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AVAILABILITY_FORMULAS, ReclassifiedAs } from '@muster/shared/api/availability.ts';
import { TargetPeriod } from '@muster/shared/api/availability-targets.ts';
import type {
  AssignmentLevel,
  CalendarDay,
  CalendarHours,
  MinuteRange,
} from '@muster/shared/api/calendars.ts';
import { invariant } from '@muster/shared/invariant.ts';
import type { Millis } from '@muster/shared/time.ts';
import { readDaysFile } from '@muster/server/calendars/read-file.ts';
import type { CalendarRecord } from '@muster/server/calendars/store.ts';
import { durationMs } from './time.ts';
import type { World } from './world.ts';

const BY = 'user:anna';
const WEEKDAYS = ['Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa', 'Su'];

type Play = (world: World, match: RegExpExecArray, startMs: Millis) => Promise<unknown>;

/** First match wins. */
const EVENTS: readonly (readonly [RegExp, Play])[] = [
  [/^a calendar (\S+): (.*?)(?: in (\S+))?$/, makeCalendar],
  [/^the calendar (\S+) has (.*?) from (\S+)$/, changeCalendar],
  [/^the calendar (\S+) (?:is|has) (closed|\S+) on (.+)$/, addDays],
  [/^the calendar (\S+) works on (\S+)(?: like (Mo|Tu|We|Th|Fr|Sa|Su))?$/, addWorkday],
  [/^the calendar (\S+) takes over (\S+)$/, takeOver],
  [
    /^(class|tag|location|service|machine) (\S+) has (?:the calendar (\S+)|no calendar)(?: from (\S+))?$/,
    assign,
  ],
  [/^a target of (\S+) % per (\S+) for (\S+)(?: by (\S+))? from (\S+)$/, setTarget],
  [/^(\w+) asks to judge (\S+) from (\S+) to (\S+) as (\S+): (.*)$/, askToJudge],
  [/^(\w+) (approves|refuses|withdraws)(?:: (.*))?$/, decide],
  [/^(\w+) asks to take it back: (.*)$/, askToUndo],
];

/** False: the line tells of something else. */
export async function agreedEvent(world: World, line: string, startMs: Millis): Promise<boolean> {
  for (const [pattern, play] of EVENTS) {
    const match = pattern.exec(line);
    if (!match) continue;
    await play(world, match, startMs);
    return true;
  }
  return false;
}

async function makeCalendar(world: World, [, name = '', week = '', zone]: RegExpExecArray): Promise<void> {
  const hours: CalendarHours = { zone: zone ?? null, weekly: weekOf(week), days: [] };
  await world.monitoring.calendars.create(name, hours, BY, world.nowMs);
}

/** 'Mo-Fr 08:00-12:00 13:00-18:00, Sa 22:00-06:00' */
function weekOf(text: string): MinuteRange[][] {
  const week: MinuteRange[][] = WEEKDAYS.map(() => []);
  for (const part of text.split(',')) {
    const [days = '', ...ranges] = part.trim().split(/\s+/);
    const [first = '', last = first] = days.split('-');
    const [from, to] = [WEEKDAYS.indexOf(first), WEEKDAYS.indexOf(last)];
    invariant(from >= 0 && to >= from && ranges.length > 0, `"${part}" is hours such as Mo-Fr 08:00-18:00`);
    for (let day = from; day <= to; day++) week[day] = ranges.map(rangeOf);
  }
  return week;
}

function rangeOf(text: string): MinuteRange {
  const [from = '', to = ''] = text.split('-');
  const minute = (time: string) => {
    const [hour = Number.NaN, minutes = Number.NaN] = time.split(':').map(Number);
    return hour * 60 + minutes;
  };
  const [fromMinute, toMinute] = [minute(from), minute(to)];
  invariant(fromMinute >= 0 && toMinute >= 0, `"${text}" is a range such as 08:00-18:00`);
  return { fromMinute, toMinute: toMinute > fromMinute ? toMinute : toMinute + 1_440 };
}

function calendarOf(world: World, name: string): CalendarRecord {
  const found = world.monitoring.calendars.all().find((one) => one.name === name || one.id === name);
  invariant(found, `there is a calendar ${name}`);
  return found;
}

async function change(
  world: World,
  name: string,
  fields: Partial<Pick<CalendarHours, 'weekly' | 'days'>>,
  fromDay: string | null,
): Promise<void> {
  const { id, revision, versions } = calendarOf(world, name);
  const held = versions.at(-1);
  invariant(held, 'a calendar has a version');
  const hours = { zone: held.zone, weekly: held.weekly, days: held.days, ...fields };
  const said = { name, hours, fromDay, later: 'keep', note: '', revision } as const;
  await world.monitoring.calendars.update(id, said, BY, world.nowMs);
}

async function changeCalendar(
  world: World,
  [, name = '', week = '', fromDay = '']: RegExpExecArray,
): Promise<void> {
  await change(world, name, { weekly: weekOf(week) }, fromDay);
}

/** Days that differ are said of the hours as they always were. */
async function putDays(world: World, name: string, days: readonly CalendarDay[]): Promise<void> {
  const held = calendarOf(world, name).versions.at(-1);
  await change(world, name, { days: [...(held?.days ?? []), ...days] }, held?.fromDay ?? null);
}

async function addDays(world: World, [, name = '', what = '', days = '']: RegExpExecArray): Promise<void> {
  const said =
    what === 'closed'
      ? { kind: 'closed' as const, ranges: [] }
      : { kind: 'hours' as const, ranges: [rangeOf(what)] };
  await putDays(
    world,
    name,
    days.split(' ').map((day) => ({ day, name: '', likeWeekday: 1, ...said })),
  );
}

async function addWorkday(
  world: World,
  [, name = '', day = '', like = 'Mo']: RegExpExecArray,
): Promise<void> {
  await putDays(world, name, [
    { day, name: '', kind: 'workday', likeWeekday: WEEKDAYS.indexOf(like) + 1, ranges: [] },
  ]);
}

async function takeOver(world: World, [, name = '', file = '']: RegExpExecArray): Promise<void> {
  const content = readFileSync(join(import.meta.dirname, 'stories', file));
  const { read } = await readDaysFile(content, world.nowMs);
  invariant(read.problems.length === 0, `${file} can be read`);
  await putDays(
    world,
    name,
    read.days.map(({ line: _line, ...day }) => day),
  );
}

async function assign(
  world: World,
  [, kind = '', key = '', calendar, fromDay]: RegExpExecArray,
): Promise<void> {
  const level = (kind === 'machine' ? 'ci' : kind) as AssignmentLevel;
  await world.monitoring.calendars.assign(
    {
      level,
      key: level === 'class' || level === 'tag' ? key : world.house.idOf(key),
      calendarId: calendar === undefined ? null : calendarOf(world, calendar).id,
      fromDay: fromDay ?? null,
      later: 'keep',
    },
    BY,
    world.nowMs,
  );
}

async function setTarget(
  world: World,
  [, percent = '', period = '', name = '', formula = 'known-time', fromDay = '']: RegExpExecArray,
): Promise<void> {
  const found = AVAILABILITY_FORMULAS.find((one) => one === formula);
  invariant(found, `${formula} is a formula`);
  await world.monitoring.targets.create(
    {
      ciId: world.house.idOf(name),
      percent: Number(percent),
      formula: found,
      period: TargetPeriod.parse(period),
      fromDay,
      agreedWith: 'the board',
      note: '',
    },
    BY,
    world.nowMs,
  );
}

async function askToJudge(
  world: World,
  [, who = '', name = '', from = '', to = '', as = '', reason = '']: RegExpExecArray,
  startMs: Millis,
): Promise<void> {
  const wish = {
    ciId: world.house.idOf(name),
    fromMs: startMs + durationMs(from),
    toMs: startMs + durationMs(to),
    as: ReclassifiedAs.parse(as),
    reason,
  };
  await world.monitoring.reclassifications.request(wish, `user:${who}`, world.nowMs);
}

/** The newest request that waits. */
async function decide(
  { monitoring, nowMs }: World,
  [, who = '', what = '', note = '']: RegExpExecArray,
): Promise<void> {
  const { reclassifications } = monitoring;
  const newest = reclassifications.all().find(({ state }) => state === 'pending');
  invariant(newest, 'a request waits');
  const by = `user:${who}`;
  if (what === 'withdraws') await reclassifications.withdraw(newest.id, by, nowMs);
  else await reclassifications.decide(newest.id, { approve: what === 'approves', note }, by, nowMs);
}

async function askToUndo(
  { monitoring, nowMs }: World,
  [, who = '', reason = '']: RegExpExecArray,
): Promise<void> {
  const { reclassifications } = monitoring;
  const newest = reclassifications.all().find(({ state, undoes }) => state === 'approved' && undoes === null);
  invariant(newest, 'a judgement is in force');
  await reclassifications.undo(newest.id, reason, `user:${who}`, nowMs);
}
