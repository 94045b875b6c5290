import type { MaintenanceWindow } from '@muster/shared/api/maintenance.ts';
import { expect, test } from 'vitest';
import { blankDraft, draftOf, patternOf, ruleOf, timeInputOf } from './draft.ts';
import { instantIn, localIn, zones } from './zone.ts';

const T = Date.parse('2026-11-24T09:20:00Z');
const blank = blankDraft(T, 'Europe/Berlin');

test('[MW60] a new window begins with the next full hour of the zone', () => {
  expect([blank.date, blank.time, blank.weekdays]).toEqual(['2026-11-24', '11:00', ['TU']]);
});

test.each([
  [{ repeat: 'daily' }, 'FREQ=DAILY'],
  [
    { repeat: 'weekly', weekdays: ['TH', 'TU'], until: '2027-01-31' },
    'FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20270131',
  ],
  [{ repeat: 'monthly', monthly: 'weekday', nth: '2', weekday: 'TU' }, 'FREQ=MONTHLY;BYDAY=2TU'],
  [{ repeat: 'monthly', monthly: 'weekday', nth: '-1', weekday: 'FR' }, 'FREQ=MONTHLY;BYDAY=-1FR'],
  [{ repeat: 'monthly', monthly: 'day' }, 'FREQ=MONTHLY'],
] as const)('[MW61] %j is the rule %s, and is read from it again', (chosen, rule) => {
  const draft = { ...blank, ...chosen };
  expect(ruleOf(draft)).toBe(rule);
  const again = patternOf(rule);
  expect(again).not.toBeNull();
  expect(ruleOf({ ...blank, ...again })).toBe(rule);
});

test.each([
  'FREQ=DAILY;INTERVAL=2',
  'FREQ=YEARLY',
  'FREQ=MONTHLY;BYDAY=5MO',
  'FREQ=DAILY;UNTIL=20270101T000000Z',
])('[MW61] %s has no words of its own and stays the rule it is', (rule) => {
  expect(patternOf(rule)).toBeNull();
  expect(ruleOf({ ...blank, repeat: 'rule', rule })).toBe(rule);
});

test('[MW62] times are of the zone of the window, whatever the zone of the browser', () => {
  expect(
    timeInputOf({ ...blank, date: '2026-07-01', time: '02:00', lasts: '90', unit: 'minutes' })?.schedule,
  ).toEqual({
    kind: 'once',
    startsAt: '2026-07-01T00:00:00.000Z',
    endsAt: '2026-07-01T01:30:00.000Z',
  });
});

test.each([
  ['Europe/Berlin', '2026-03-29T02:30', '2026-03-29T01:30Z'],
  ['Europe/Berlin', '2026-03-29T03:30', '2026-03-29T01:30Z'],
  ['Europe/Berlin', '2026-03-29T12:00', '2026-03-29T10:00Z'],
  ['Europe/Berlin', '2026-10-25T02:30', '2026-10-25T00:30Z'],
  ['Europe/Berlin', '2026-10-25T12:00', '2026-10-25T11:00Z'],
  ['America/New_York', '2026-11-01T23:00', '2026-11-02T04:00Z'],
  ['Australia/Lord_Howe', '2026-10-04T02:45', '2026-10-03T15:45Z'],
  ['Asia/Shanghai', '2026-01-01T00:00', '2025-12-31T16:00Z'],
])('[MW62] in %s %s is %s', (zone, local, instant) => {
  expect(new Date(instantIn(zone, local)).toISOString()).toBe(new Date(instant).toISOString());
});

test('[MW62] the wall clock of a zone at midnight has the hour 00', () => {
  expect(localIn('Asia/Shanghai', Date.parse('2025-12-31T16:00Z'))).toBe('2026-01-01T00:00');
});

test('[MW63] what was set is what the form shows, and unchanged is sent as it was', () => {
  const window: MaintenanceWindow = {
    id: 'mw_1',
    title: 'Patch night',
    reason: '',
    agreedBy: 'Liu Wei',
    targets: {
      cis: [],
      services: [{ id: 'ci_s', name: 'ERP', class: 'Service' }],
      locations: [],
      classes: ['Server'],
      tags: [],
    },
    children: 'none',
    schedule: {
      kind: 'recurring',
      start: '2026-11-24T22:00',
      durationMinutes: 120,
      rule: 'FREQ=WEEKLY;BYDAY=TU',
      except: ['2026-12-29T22:00'],
    },
    timeZone: 'Asia/Shanghai',
    flexible: { durationMinutes: 20, per: 'window' },
    state: 'coming',
    now: null,
    next: null,
    last: null,
    covered: 3,
    createdBy: 'user:admin',
    createdAt: '2026-11-01T00:00:00.000Z',
    changedAt: '2026-11-01T00:00:00.000Z',
    ended: null,
  };
  const draft = draftOf(window, T);
  expect(draft).toMatchObject({
    repeat: 'weekly',
    weekdays: ['TU'],
    lasts: '2',
    unit: 'hours',
    children: 'none',
  });
  expect(timeInputOf(draft)).toEqual({
    schedule: window.schedule,
    timeZone: window.timeZone,
    flexible: window.flexible,
  });
});

test('[MW64] zones: the own one and the common ones first, each once and by its present name', () => {
  const list = zones('Asia/Calcutta');
  expect(list.slice(0, 3)).toEqual(['Asia/Kolkata', 'Asia/Shanghai', 'UTC']);
  expect(new Set(list).size).toBe(list.length);
  expect(list.filter((zone) => ['Asia/Calcutta', 'Asia/Katmandu', 'Asia/Saigon'].includes(zone))).toEqual([]);
  // A name that no engine understands would be refused when it is saved.
  for (const timeZone of list) expect(() => new Intl.DateTimeFormat('en', { timeZone })).not.toThrow();
});
