import { HOUR_MS } from '@muster/shared/time.ts';
import { expect, test } from 'vitest';
import { expectedSpans } from '../availability/expectation.ts';
import type { ExpectedCi } from '../availability/expectation.ts';
import type { GraphNode } from '../relations/nodes.ts';
import { createMemoryCalendarStore } from '../store/memory/calendars.ts';
import { createCalendars } from './calendars.ts';

const NOW = Date.UTC(2026, 10, 20, 12);
const ci: ExpectedCi = { id: 'ci_1', class: 'Server', tags: ['till', 'berlin'] };
const hours = (fromHour: number, toHour: number, days: never[] = []) => ({
  zone: null,
  weekly: Array.from({ length: 7 }, () => [{ fromMinute: fromHour * 60, toMinute: toHour * 60 }]),
  days,
});

const classes: Readonly<Record<string, GraphNode['class']>> = {
  ci_1: 'Server',
  loc_room: 'Location',
  loc_site: 'Location',
  svc: 'Service',
};

async function setUp() {
  let id = 0;
  let toldRelations: () => void = () => undefined;
  const members = { locations: ['loc_room', 'loc_site'], services: ['svc'] };
  const store = createMemoryCalendarStore();
  const deps = {
    store,
    nodes: {
      get: (nodeId: string) => {
        const nodeClass = classes[nodeId];
        return nodeClass === undefined
          ? undefined
          : ({ id: nodeId, name: nodeId, class: nodeClass } as GraphNode);
      },
    },
    membership: {
      locationsOf: (of: string) => (of === 'ci_1' ? members.locations : []),
      servicesOf: (of: string) => (of === 'ci_1' ? members.services : []),
      onChange: (listener: () => void) => {
        toldRelations = listener;
      },
    },
    newId: (prefix: string) => `${prefix}_${++id}`,
  };
  const calendars = await createCalendars(deps);
  const told: number[] = [];
  calendars.expectations.onChange((nowMs) => told.push(nowMs));
  const lengthOf = (of: ExpectedCi, day: string) => {
    const fromMs = Date.parse(`${day}T00:00:00Z`);
    return (
      expectedSpans(calendars.expectations.of(of), 'UTC', fromMs, fromMs + 24 * HOUR_MS).reduce(
        (sum, span) => sum + span.toMs - span.fromMs,
        0,
      ) / HOUR_MS
    );
  };
  return { calendars, store, deps, told, members, relations: () => toldRelations(), lengthOf };
}

test('[CA10] without an assignment the class decides: workstations office hours, servers around the clock', async () => {
  const { calendars, lengthOf } = await setUp();
  expect(lengthOf(ci, '2026-11-20')).toBe(24);
  expect(lengthOf({ ...ci, class: 'Workstation' }, '2026-11-20')).toBe(10);
  expect(lengthOf({ ...ci, class: 'Workstation', tags: ['24x7'] }, '2026-11-22')).toBe(24);
  expect(calendars.sourceOf({ ...ci, class: 'Workstation' }, '2026-11-20')).toMatchObject({
    setBy: null,
    calendarId: 'office',
  });
});

test('[CA11] the nearest level sets the hours: CI, service, location from near to far, tags by name, class', async () => {
  const { calendars, lengthOf } = await setUp();
  const levels = [
    ['class', 'Server', 1],
    ['tag', 'till', 2],
    ['tag', 'berlin', 3],
    ['location', 'loc_site', 4],
    ['location', 'loc_room', 5],
    ['service', 'svc', 6],
    ['ci', 'ci_1', 7],
  ] as const;
  for (const [level, key, length] of levels) {
    const { id } = await calendars.create(`${level} ${key}`, hours(8, 8 + length), 'user:anna', NOW);
    await calendars.assign({ level, key, calendarId: id, fromDay: null }, 'user:anna', NOW);
    expect(lengthOf(ci, '2026-11-20')).toBe(length);
    expect(calendars.sourceOf(ci, '2026-11-20').setBy).toMatchObject({ level, key });
  }
  expect(calendars.sourceOf(ci, '2026-11-20').assigned).toHaveLength(7);
  await calendars.assign({ level: 'ci', key: 'ci_1', calendarId: null, fromDay: null }, 'user:anna', NOW);
  expect(lengthOf(ci, '2026-11-20')).toBe(6);
  expect(lengthOf({ id: 'svc', class: 'Service', tags: [] }, '2026-11-20')).toBe(6);
});

test('[CA4] a change of a calendar and of an assignment holds from its day on, the past keeps what was agreed', async () => {
  const { calendars, lengthOf } = await setUp();
  const { id, revision } = await calendars.create('Shop', hours(8, 16), 'user:anna', NOW);
  await calendars.assign(
    { level: 'class', key: 'Server', calendarId: id, fromDay: '2026-11-10' },
    'user:anna',
    NOW,
  );
  const change = { name: 'Shop', hours: hours(8, 12), fromDay: '2026-11-15', note: 'winter', revision };
  await calendars.update(id, change, 'user:anna', NOW);
  await calendars.assign(
    { level: 'class', key: 'Server', calendarId: null, fromDay: '2026-11-18' },
    'user:anna',
    NOW,
  );
  expect(
    ['2026-11-09', '2026-11-10', '2026-11-14', '2026-11-15', '2026-11-17', '2026-11-18'].map((day) =>
      lengthOf(ci, day),
    ),
  ).toEqual([24, 8, 8, 4, 4, 24]);
  await expect(calendars.update(id, change, 'user:anna', NOW)).rejects.toMatchObject({ code: 'conflict' });
});

test('[CA4] what is planned for later is replaced only by a person who says so', async () => {
  const { calendars, lengthOf } = await setUp();
  const { id } = await calendars.create('Shop', hours(8, 16), 'user:anna', NOW);
  const assigned = { level: 'class', key: 'Server', calendarId: id, fromDay: null } as const;
  await calendars.assign(assigned, 'user:anna', NOW);
  const save = (length: number, fromDay: string, later?: 'keep' | 'replace') =>
    calendars.update(
      id,
      {
        name: 'Shop',
        hours: hours(8, 8 + length),
        fromDay,
        note: '',
        revision: calendars.get(id).revision,
        later,
      },
      'user:anna',
      NOW,
    );
  await save(4, '2026-12-01');
  await expect(save(6, '2026-11-20')).rejects.toMatchObject({ code: 'conflict' });
  await save(6, '2026-11-20', 'keep');
  const days = ['2026-11-19', '2026-11-20', '2026-11-30', '2026-12-01'];
  expect(days.map((day) => lengthOf(ci, day))).toEqual([8, 6, 6, 4]);
  await save(7, '2026-11-20', 'replace');
  expect(days.map((day) => lengthOf(ci, day))).toEqual([8, 7, 7, 7]);
});

test('[CA4] an assignment planned for later is replaced only by a person who says so', async () => {
  const { calendars, lengthOf } = await setUp();
  const { id } = await calendars.create('Shop', hours(8, 16), 'user:anna', NOW);
  const assign = (calendarId: string | null, fromDay: string, later?: 'keep' | 'replace') =>
    calendars.assign({ level: 'class', key: 'Server', calendarId, fromDay, later }, 'user:anna', NOW);
  await assign('always', '2026-12-01');
  await expect(assign(id, '2026-11-20')).rejects.toMatchObject({ code: 'conflict' });
  await assign(id, '2026-11-20', 'keep');
  const days = ['2026-11-20', '2026-11-30', '2026-12-01'];
  expect(days.map((day) => lengthOf(ci, day))).toEqual([8, 8, 24]);
  await assign(id, '2026-11-20', 'replace');
  expect(days.map((day) => lengthOf(ci, day))).toEqual([8, 8, 8]);
});

test('[CA13] equal hours are one object until their own calendar changes', async () => {
  const { calendars } = await setUp();
  const shop = await calendars.create('Shop', hours(8, 16), 'user:anna', NOW);
  const other = await calendars.create('Other', hours(9, 16), 'user:anna', NOW);
  await calendars.assign(
    { level: 'class', key: 'Server', calendarId: shop.id, fromDay: null },
    'user:anna',
    NOW,
  );
  const before = calendars.expectations.of(ci).hours;
  await calendars.update(
    other.id,
    { name: 'Other', hours: hours(9, 17), note: '', revision: 1 },
    'user:anna',
    NOW,
  );
  expect(calendars.expectations.of({ ...ci, id: 'ci_2' }).hours).toBe(before);
  await calendars.update(
    shop.id,
    { name: 'Shop', hours: hours(8, 17), note: '', revision: 1 },
    'user:anna',
    NOW,
  );
  expect(calendars.expectations.of(ci).hours).not.toBe(before);
});

test('[CA14] relations that change are told once they have settled, and only where something is assigned by them', async () => {
  const { calendars, told, relations } = await setUp();
  relations();
  calendars.tick(NOW);
  expect(told).toEqual([]);
  const { id } = await calendars.create('Shop', hours(8, 16), 'user:anna', NOW);
  await calendars.assign(
    { level: 'location', key: 'loc_room', calendarId: id, fromDay: null },
    'user:anna',
    NOW,
  );
  told.length = 0;
  for (let i = 0; i < 5; i++) relations();
  calendars.tick(NOW + 20_000);
  calendars.tick(NOW + 21_000);
  expect(told).toEqual([NOW + 20_000]);
});

test('[CA15] around the clock stays, a calendar that was ever assigned is not deleted, names are taken once', async () => {
  const { calendars } = await setUp();
  const office = calendars.get('office');
  await expect(
    calendars.update('always', { name: 'x', hours: hours(1, 2), note: '', revision: 0 }, 'user:anna', NOW),
  ).rejects.toMatchObject({ code: 'transition-not-allowed' });
  expect(office.revision).toBe(0);
  const { id } = await calendars.create('Shop', hours(8, 16), 'user:anna', NOW);
  await expect(calendars.create('shop', hours(8, 16), 'user:anna', NOW)).rejects.toMatchObject({
    code: 'name-taken',
  });
  await calendars.assign({ level: 'tag', key: 'till', calendarId: id, fromDay: null }, 'user:anna', NOW);
  await expect(calendars.remove(id, NOW)).rejects.toMatchObject({ code: 'transition-not-allowed' });
  await expect(
    calendars.assign({ level: 'service', key: 'ci_1', calendarId: id }, 'user:anna', NOW),
  ).rejects.toMatchObject({ code: 'not-found' });
});

test('[CA12] what was kept is there after a restart', async () => {
  const { calendars, deps, lengthOf } = await setUp();
  const { id } = await calendars.create('Shop', hours(8, 16), 'user:anna', NOW);
  await calendars.assign(
    { level: 'class', key: 'Server', calendarId: id, fromDay: '2026-11-10' },
    'user:anna',
    NOW,
  );
  const again = await createCalendars(deps);
  expect(again.expectations.of(ci)).toEqual(calendars.expectations.of(ci));
  expect(lengthOf(ci, '2026-11-12')).toBe(8);
});
