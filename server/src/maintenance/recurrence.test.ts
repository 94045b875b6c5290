import { DAY_MS, HOUR_MS, MINUTE_MS } from '@muster/shared/time.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkedRule, localNameAt, type Recurrence, RuleProblem, startsOf } from './recurrence.ts';
import { wallOf } from './wall-clock.ts';

const at = (text: string) => Temporal.Instant.from(text).epochMilliseconds;

function names(recurrence: Partial<Recurrence>, zone: string, from: string, to: string): string[] {
  const { start = '2026-01-01T02:30', rule = 'FREQ=DAILY', except = [] } = recurrence;
  return startsOf({ start, rule, except }, zone, at(from), at(to)).map(
    ({ atMs }) => `${localNameAt(atMs, zone)} ${new Date(atMs).toISOString().slice(11, 16)}Z`,
  );
}

describe('change of the clocks', () => {
  test('[MW5] 02:30 that the clocks leave out begins at 03:30, and the days around it keep 02:30', () => {
    expect(names({}, 'Europe/Berlin', '2026-03-28T00:00Z', '2026-03-30T12:00Z')).toEqual([
      '2026-03-28T02:30 01:30Z',
      '2026-03-29T03:30 01:30Z',
      '2026-03-30T02:30 00:30Z',
    ]);
  });

  test('[MW5] 02:30 that the clocks show twice begins once, at the first', () => {
    expect(names({}, 'Europe/Berlin', '2026-10-24T12:00Z', '2026-10-26T12:00Z')).toEqual([
      '2026-10-25T02:30 00:30Z',
      '2026-10-26T02:30 01:30Z',
    ]);
  });

  test('[MW5] a change of half an hour, and on the other half of the earth', () => {
    expect(
      names({ start: '2026-01-01T02:15' }, 'Australia/Lord_Howe', '2026-10-03T00:00Z', '2026-10-05T00:00Z'),
    ).toEqual(['2026-10-04T02:45 15:45Z', '2026-10-05T02:15 15:15Z']);
  });

  test('[MW5] the local begin stays through the year', () => {
    const starts = startsOf(
      { start: '2026-01-05T22:00', rule: 'FREQ=WEEKLY', except: [] },
      'America/New_York',
      at('2026-01-01T00:00Z'),
      at('2027-01-01T00:00Z'),
    );
    expect(new Set(starts.map(({ atMs }) => localNameAt(atMs, 'America/New_York').slice(11)))).toEqual(
      new Set(['22:00']),
    );
    expect(starts).toHaveLength(52);
  });
});

describe('rules', () => {
  const dates = (rule: string, start: string, to: string, except: string[] = []) =>
    names({ rule, start, except }, 'America/New_York', '1997-01-01T00:00Z', to).map((name) =>
      name.slice(5, 10),
    );

  test.each([
    ['ten days', 'FREQ=DAILY;COUNT=10', '09-02 09-03 09-04 09-05 09-06 09-07 09-08 09-09 09-10 09-11'],
    [
      'every other day, to a day and all of it',
      'FREQ=DAILY;INTERVAL=2;UNTIL=19970908',
      '09-02 09-04 09-06 09-08',
    ],
    ['until a moment that is itself an occurrence', 'FREQ=DAILY;UNTIL=19970904T130000Z', '09-02 09-03 09-04'],
    ['until a minute before it', 'FREQ=DAILY;UNTIL=19970904T125900Z', '09-02 09-03'],
    [
      'tuesdays and thursdays of every other week',
      'FREQ=WEEKLY;INTERVAL=2;WKST=SU;COUNT=4;BYDAY=TU,TH',
      '09-02 09-04 09-16 09-18',
    ],
    [
      'the week begins on monday',
      'FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO',
      '09-02 09-07 09-16 09-21',
    ],
    [
      'the week begins on sunday',
      'FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU',
      '09-02 09-14 09-16 09-28',
    ],
    ['the second tuesday', 'FREQ=MONTHLY;BYDAY=2TU;COUNT=3', '09-09 10-14 11-11'],
    ['the last friday', 'FREQ=MONTHLY;BYDAY=-1FR;COUNT=3', '09-26 10-31 11-28'],
    ['the second last monday', 'FREQ=MONTHLY;COUNT=3;BYDAY=-2MO', '09-22 10-20 11-17'],
    ['the third last day', 'FREQ=MONTHLY;BYMONTHDAY=-3;COUNT=3', '09-28 10-29 11-28'],
    ['the 31st, in months that have one', 'FREQ=MONTHLY;BYMONTHDAY=31;COUNT=2', '10-31 12-31'],
    ['the first and the last day', 'FREQ=MONTHLY;COUNT=4;BYMONTHDAY=1,-1', '09-30 10-01 10-31 11-01'],
    ['the third of tue, wed, thu', 'FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3', '09-04 10-07 11-06'],
    [
      'the last working day but one',
      'FREQ=MONTHLY;COUNT=3;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2',
      '09-29 10-30 11-27',
    ],
    ['election day', 'FREQ=YEARLY;COUNT=1;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8', '11-04'],
    ['the 300th day of the year', 'FREQ=YEARLY;BYYEARDAY=300;COUNT=1', '10-27'],
    ['monday of week 45', 'FREQ=YEARLY;BYWEEKNO=45;BYDAY=MO;COUNT=1', '11-03'],
    ['several times a day', 'FREQ=DAILY;BYHOUR=9,21;COUNT=3', '09-02 09-02 09-03'],
  ])('[MW4] %s: %s', (_what, rule, expected) => {
    expect(dates(rule, '1997-09-02T09:00', '1998-01-02T00:00Z').join(' ')).toBe(expected);
  });

  test('[MW4] what is taken out (EXDATE) is left out, and still counts where the rule counts', () => {
    expect(
      dates('FREQ=DAILY;COUNT=4', '1997-09-02T09:00', '1998-01-01T00:00Z', ['1997-09-03T09:00']),
    ).toEqual(['09-02', '09-04', '09-05']);
  });
});

describe('rules that are refused', () => {
  const check = (rule: string, durationMs = HOUR_MS) =>
    checkedRule({ start: '2026-01-01T02:00', rule, except: [] }, 'Europe/Berlin', durationMs);

  test.each([
    ['', 'FREQ is missing'],
    ['BYDAY=TU', 'FREQ is missing'],
    ['FREQ=HOURLY', 'too fine'],
    ['FREQ=SECONDLY', 'too fine'],
    ['FREQ=OFTEN', '"OFTEN" cannot be a value of FREQ'],
    ['FREQ=DAILY;INTERVAL=0', '"0" cannot be a value of INTERVAL'],
    ['FREQ=WEEKLY;BYDAY=TU,XX', '"XX" cannot be a value of BYDAY'],
    ['FREQ=MONTHLY;BYDAY=0TU', '"0TU" cannot be a value of BYDAY'],
    ['FREQ=DAILY;BYHOUR=25', '"25" cannot be a value of BYHOUR'],
    ['FREQ=DAILY;EVERY=2', '"EVERY=2" is no part'],
    ['FREQ=DAILY;FREQ=WEEKLY', 'FREQ stands twice'],
    ['FREQ=DAILY;COUNT=3;UNTIL=20270101', 'COUNT cannot stand beside UNTIL'],
    ['FREQ=WEEKLY;BYDAY=1MO', 'A weekday with a number cannot stand in a WEEKLY rule'],
    ['FREQ=DAILY;BYSETPOS=1', 'BYSETPOS cannot stand without another BY part'],
    ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', 'no occurrence'],
    ['FREQ=DAILY;UNTIL=20251231', 'no occurrence'],
    ['FREQ=DAILY;BYHOUR=0,1,2,3,4,5', 'occurrences a year; at most 1500'],
  ])('[MW6] %s: %s', (rule, message) => {
    expect(() => check(rule, MINUTE_MS)).toThrow(RuleProblem);
    expect(() => check(rule, MINUTE_MS)).toThrow(message);
  });

  test('[MW6] a window that would begin again before it has ended never ends', () => {
    expect(() => check('FREQ=DAILY', DAY_MS)).toThrow('never end');
    expect(() => check('FREQ=WEEKLY;BYDAY=MO,TU', 25 * HOUR_MS)).toThrow('never end');
    expect(check('freq=daily;', DAY_MS - MINUTE_MS)).toBe('FREQ=DAILY');
  });
});

/** Rules that a person can check day by day, with the check. */
const dayRule = fc.oneof(
  fc.integer({ min: 1, max: 5 }).map((interval) => ({
    rule: `FREQ=DAILY;INTERVAL=${interval}`,
    fits: (day: Temporal.PlainDate, first: Temporal.PlainDate) =>
      first.until(day, { largestUnit: 'days' }).days % interval === 0,
  })),
  fc.subarray(['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'], { minLength: 1 }).map((days) => ({
    rule: `FREQ=WEEKLY;BYDAY=${days.join(',')}`,
    fits: (day: Temporal.PlainDate) =>
      days.includes(['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'][day.dayOfWeek - 1] as string),
  })),
  fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 7 })).map(([nth, weekday]) => ({
    rule: `FREQ=MONTHLY;BYDAY=${nth}${['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'][weekday - 1]}`,
    fits: (day: Temporal.PlainDate) => day.dayOfWeek === weekday && Math.ceil(day.day / 7) === nth,
  })),
  fc.integer({ min: 1, max: 31 }).map((monthDay) => ({
    rule: `FREQ=MONTHLY;BYMONTHDAY=${monthDay}`,
    fits: (day: Temporal.PlainDate) => day.day === monthDay,
  })),
);
const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Shanghai', 'UTC'];

test('[MW5] minute by minute, over the changes of the clocks, a rule begins when the wall clock says so', () => {
  const cases = fc.record({
    zone: fc.constantFrom(...ZONES),
    rule: dayRule,
    hour: fc.integer({ min: 0, max: 23 }),
    minute: fc.constantFrom(0, 15, 30, 59),
    // Around the changes of the four zones, and elsewhere.
    from: fc.constantFrom(
      '2026-03-05',
      '2026-03-25',
      '2026-04-02',
      '2026-09-30',
      '2026-10-22',
      '2026-10-30',
      '2026-06-10',
    ),
    first: fc.constantFrom('2026-01-01', '2026-02-14', '2025-11-30'),
  });
  fc.assert(
    fc.property(cases, ({ zone, rule, hour, minute, from, first }) => {
      const time = `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
      const fromMs = at(`${from}T00:00Z`);
      const toMs = fromMs + 7 * DAY_MS;
      const found = startsOf({ start: `${first}T${time}`, rule: rule.rule, except: [] }, zone, fromMs, toMs);
      expect(found.map(({ atMs }) => atMs)).toEqual(
        byTheMinute(rule.fits, first, hour * 60 + minute, zone, fromMs, toMs),
      );
    }),
    { numRuns: 60 },
  );
});

/** Walks the minutes: the first at which the clock shows it, or, where it never does, as long after the change as it was meant after it. */
function byTheMinute(
  fits: (day: Temporal.PlainDate, first: Temporal.PlainDate) => boolean,
  first: string,
  minuteOfDay: number,
  zone: string,
  fromMs: number,
  toMs: number,
): number[] {
  const firstDay = Temporal.PlainDate.from(first);
  const begun = new Set<string>();
  const starts: number[] = [];
  let before = wallOf(fromMs - 2 * DAY_MS - MINUTE_MS, zone);
  const consider = (wallMs: number, atMs: number) => {
    const day = new Date(wallMs).toISOString().slice(0, 10);
    const date = Temporal.PlainDate.from(day);
    if ((wallMs % DAY_MS) / MINUTE_MS !== minuteOfDay || begun.has(day)) return;
    if (Temporal.PlainDate.compare(date, firstDay) < 0 || !fits(date, firstDay)) return;
    begun.add(day);
    if (atMs >= fromMs && atMs < toMs) starts.push(atMs);
  };
  for (let atMs = fromMs - 2 * DAY_MS; atMs < toMs + DAY_MS; atMs += MINUTE_MS) {
    const wallMs = wallOf(atMs, zone);
    for (let lost = before + MINUTE_MS; lost < wallMs; lost += MINUTE_MS)
      consider(lost, atMs + (lost - before - MINUTE_MS));
    consider(wallMs, atMs);
    before = Math.max(before, wallMs);
  }
  return starts.sort((a, b) => a - b);
}
