import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readTable } from '../imports/read-table.ts';
import { kindOf } from './ics.ts';
import { daysOfIcs } from './ics-days.ts';
import { daysOfTable, looksLikeIcs, stateOf } from './import-days.ts';

const years = [2025, 2031] as const;
const ics = (...events: string[]) =>
  [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    ...events.flatMap((event) => ['BEGIN:VEVENT', ...event.split('\n'), 'END:VEVENT']),
    'END:VCALENDAR',
  ].join('\r\n');
const read = (...events: string[]) =>
  daysOfIcs(ics(...events), years).days.map(({ day, kind, name }) => `${day} ${kind} ${name}`);
const problems = (...events: string[]) => daysOfIcs(ics(...events), years).problems;

test('[CA20] an event of several whole days is each of its days', () => {
  expect(read('UID:1\nDTSTART;VALUE=DATE:20261001\nDTEND;VALUE=DATE:20261004\nSUMMARY:国庆节（休）')).toEqual(
    ['2026-10-01 closed 国庆节（休）', '2026-10-02 closed 国庆节（休）', '2026-10-03 closed 国庆节（休）'],
  );
});

test.each([
  ['春节（休）', '', 'closed'],
  ['春节（班）', '', 'workday'],
  ['国庆节 调休 补班', '', 'workday'],
  ['国庆节调休', '', 'closed'],
  ['中秋节上班', '', 'workday'],
  ['台风停班', '', 'closed'],
  ['元旦 不上班', '', 'closed'],
  ['劳动节', 'ALTERNATE-WORKDAY', 'workday'],
  ['劳动节', 'WORK-HOLIDAY', 'closed'],
  ['Good Friday', '', 'closed'],
  ['Make-up workday for Spring Festival', '', 'workday'],
])('[CA21] %s %s is %s', (summary, special, kind) => {
  expect(kindOf(summary, special)).toBe(kind);
});

test('[CA22] a yearly event comes back, on its date or on the weekday of its month, within bounds', () => {
  expect(read('UID:1\nDTSTART;VALUE=DATE:20200101\nRRULE:FREQ=YEARLY\nSUMMARY:New Year').length).toBe(7);
  expect(read('UID:1\nDTSTART;VALUE=DATE:20200229\nRRULE:FREQ=YEARLY\nSUMMARY:Leap')).toEqual([
    '2028-02-29 closed Leap',
  ]);
  expect(
    read(
      'UID:1\nDTSTART;VALUE=DATE:20251127\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;UNTIL=20270101\nSUMMARY:Thanksgiving',
    ),
  ).toEqual(['2025-11-27 closed Thanksgiving', '2026-11-26 closed Thanksgiving']);
  expect(
    read(
      'UID:1\nDTSTART;VALUE=DATE:20260525\nRRULE:FREQ=YEARLY;COUNT=2;BYMONTH=5;BYDAY=-1MO\nEXDATE;VALUE=DATE:20270531\nSUMMARY:Memorial',
    ),
  ).toEqual(['2026-05-25 closed Memorial']);
});

test('[CA23] a day of a series that was moved is read where it was moved to', () => {
  expect(
    read(
      'UID:a\nDTSTART;VALUE=DATE:20260101\nRRULE:FREQ=YEARLY;COUNT=2\nSUMMARY:Day',
      'UID:a\nRECURRENCE-ID;VALUE=DATE:20270101\nDTSTART;VALUE=DATE:20270104\nSUMMARY:Day moved',
    ),
  ).toEqual(['2026-01-01 closed Day', '2027-01-04 closed Day moved']);
});

test.each([
  ['DTSTART:20261001T080000Z\nSUMMARY:x', 'whole days'],
  ['SUMMARY:no date', 'no date'],
  ['DTSTART;VALUE=DATE:20261001\nRRULE:FREQ=SECONDLY\nSUMMARY:x', 'once a year'],
  [
    'DTSTART;VALUE=DATE:20261001\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;BYSETPOS=1\nSUMMARY:x',
    'once a year',
  ],
  ['DTSTART;VALUE=DATE:20261001\nDTEND;VALUE=DATE:20281001\nSUMMARY:x', 'longer than'],
  ['DTSTART;VALUE=DATE:20261099\nSUMMARY:x', ''],
  ['this is no line at all', ''],
])(
  '[CA24] an event that cannot be taken over says so with its line, the others are read: %#',
  (event, words) => {
    const good = 'UID:9\nDTSTART;VALUE=DATE:20261225\nSUMMARY:Christmas';
    const { days, problems: found } = daysOfIcs(ics(event, good), years);
    expect(days.map(({ day }) => day)).toContain('2026-12-25');
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]?.line).toBe(3);
    expect(found[0]?.words.en).toContain(words);
  },
);

test('[CA24] an event without an end and a file without events are named', () => {
  expect(daysOfIcs('BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x', years).problems).toMatchObject([{ line: 2 }]);
  expect(daysOfIcs('BEGIN:VCALENDAR\nEND:VCALENDAR', years).problems).toMatchObject([{ line: 1 }]);
});

test('[CA24] what is cancelled is no day, and alarms within an event say nothing', () => {
  expect(read('UID:1\nDTSTART;VALUE=DATE:20261001\nSTATUS:CANCELLED\nSUMMARY:x')).toEqual([]);
  expect(
    read(
      'UID:1\nDTSTART;VALUE=DATE:20261001\nSUMMARY:x\nBEGIN:VALARM\nTRIGGER:-P1D\nSUMMARY:上班\nEND:VALARM',
    ),
  ).toEqual(['2026-10-01 closed x']);
});

test('[CA24] no text makes the reader fail or run long', () => {
  const parts = fc.constantFrom(
    'BEGIN:VEVENT',
    'END:VEVENT',
    'BEGIN:VALARM',
    'END:VALARM',
    'DTSTART;VALUE=DATE:20261001',
    'DTEND;VALUE=DATE:99991231',
    'RRULE:FREQ=YEARLY;INTERVAL=0',
    'RRULE:FREQ=YEARLY;COUNT=999999999',
    'RRULE:FREQ=DAILY',
    'DURATION:P99999999D',
    'RRULE:',
    'X;=:;',
    ' folded',
    'SUMMARY:班',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(parts, fc.string()), { maxLength: 40 }), (lines) => {
      const { days } = daysOfIcs(['BEGIN:VCALENDAR', ...lines].join('\n'), years);
      expect(days.every(({ day }) => /^\d{4}-\d\d-\d\d$/.test(day))).toBe(true);
    }),
    { numRuns: 200 },
  );
  const many = ics(...Array.from({ length: 6_000 }, () => 'DTSTART;VALUE=DATE:20261001\nSUMMARY:x'));
  const { days, problems: found } = daysOfIcs(many, years);
  expect(days.length).toBeLessThanOrEqual(3_000);
  expect(found.length).toBeGreaterThan(0);
});

test('[CA25] a table is read with headings in English, in Chinese, or without', async () => {
  const days = async (text: string) =>
    daysOfTable(await readTable(Buffer.from(text))).days.map(({ day, kind, name, ranges }) =>
      `${day} ${kind} ${name} ${ranges.map((r) => `${r.fromMinute}-${r.toMinute}`).join()}`.trim(),
    );
  expect(await days('date,kind,name\n2026-10-01,closed,National Day\n2026-10-10,workday,Make-up\n')).toEqual([
    '2026-10-01 closed National Day',
    '2026-10-10 workday Make-up',
  ]);
  expect(
    await days('日期,类型,名称\n2026年10月1日,休,国庆节\n2026/10/10,班,国庆节\n20261224,08:00-12:00,半天\n'),
  ).toEqual(['2026-10-01 closed 国庆节', '2026-10-10 workday 国庆节', '2026-12-24 hours 半天 480-720']);
  expect(await days('2026-10-01,休,国庆节\n2026-10-02,休,国庆节\n')).toEqual([
    '2026-10-01 closed 国庆节',
    '2026-10-02 closed 国庆节',
  ]);
});

test('[CA26] each line that is wrong is named with what is wrong', async () => {
  const table = await readTable(
    Buffer.from('date,kind,name\n2026-13-01,closed,a\n2026-10-01,perhaps,b\n2026-10-02,closed,c\n'),
  );
  const { days, problems: found } = daysOfTable(table);
  expect(days.map(({ day, line }) => [day, line])).toEqual([['2026-10-02', 4]]);
  expect(found.map(({ line, words }) => [line, words.en.slice(0, 14)])).toEqual([
    [2, '"2026-13-01" i'],
    [3, '"perhaps" is n'],
  ]);
});

test('[CA27] a day is new, the same, other, or twice in the file', () => {
  const day = { day: '2026-10-01', kind: 'closed' as const, name: '国庆节', likeWeekday: 1, ranges: [] };
  expect(stateOf(day, undefined, false)).toBe('new');
  expect(stateOf(day, { ...day, likeWeekday: 3 }, false)).toBe('same');
  expect(stateOf(day, { ...day, kind: 'workday' }, false)).toBe('other');
  expect(stateOf(day, day, true)).toBe('twice');
  expect(looksLikeIcs('\uFEFFBEGIN:VCALENDAR')).toBe(true);
  expect(problems('DTSTART;VALUE=DATE:20261001\nSUMMARY:x')).toEqual([]);
});

test('[CA22] days that a series names beside its rule are read', () => {
  expect(
    read(
      'UID:1\nDTSTART;VALUE=DATE:20261001\nRDATE;VALUE=DATE:20261005,20261105\nEXDATE;VALUE=DATE:20261105\nSUMMARY:x',
    ),
  ).toEqual(['2026-10-01 closed x', '2026-10-05 closed x']);
  expect(
    problems('UID:1\nDTSTART;VALUE=DATE:20261001\nRDATE;VALUE=PERIOD:20261005T000000Z/P1D\nSUMMARY:x')[0]
      ?.words.en,
  ).toContain('once a year');
});

test('[CA24] series that began long ago and long events cost no more than the days that are taken', () => {
  const old = (rule: string) => `DTSTART;VALUE=DATE:00010101\nDURATION:P60D\nRRULE:FREQ=YEARLY${rule}`;
  expect(read(`${old('')}\nSUMMARY:x`)).toHaveLength(7 * 60);
  const before = process.cpuUsage();
  const { days, problems: found } = daysOfIcs(
    ics(...Array.from({ length: 5_000 }, () => old(';COUNT=9999'))),
    years,
  );
  const { user, system } = process.cpuUsage(before);
  expect(days.length).toBeLessThanOrEqual(3_000);
  expect(found.some(({ words }) => words.en.includes('the first 3000'))).toBe(true);
  expect((user + system) / 1_000).toBeLessThan(3_000);
});

test('[CA26] hours that cannot be read, and a day that is closed with hours, are named and not guessed', async () => {
  const of = async (line: string) =>
    daysOfTable(await readTable(Buffer.from(`date,kind,name,hours\n${line}\n`)));
  for (const hours of ['8-12', '08:00-12:00 and more', '08:00-12:00; 25:00-26:00', '12:60-13:00', 'x'])
    expect((await of(`2026-10-10,,x,"${hours}"`)).problems.map(({ words }) => words.en)).toEqual([
      expect.stringContaining('hours'),
    ]);
  const nine = Array.from({ length: 9 }, (_, i) => `0${i}:00-0${i}:30`).join(', ');
  expect((await of(`2026-10-10,,x,"${nine}"`)).problems).toHaveLength(1);
  expect((await of('2026-10-10,closed,x,08:00-12:00')).problems).toHaveLength(1);
  expect((await of('2026-10-10,,x,"08:00-12:00，13:00–17:30"')).days[0]?.ranges).toHaveLength(2);
  expect((await of('2026-10-10,班,x,08:00-12:00')).days[0]?.kind).toBe('hours');
});
