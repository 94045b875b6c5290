import { DAY_MS, HOUR_MS, MINUTE_MS } from '@muster/shared/time.ts';
import { expect, test } from 'vitest';
import { expectationOf } from '../availability/expectation.ts';
import type { Expectation } from '../availability/expectation.ts';
import type { BareInterval } from '../availability/slices.ts';
import type { BareRecord } from '../availability/store.ts';
import { AppError } from '../errors.ts';
import type { CiEntry } from '../cmdb/directory.ts';
import { createMemorySuggestionStore } from '../store/memory/presence-suggestions.ts';
import { createApplyHours } from './apply.ts';
import { habitOf, towards, weekDifference, weekHoursOf, weekMinutes } from './habit.ts';
import { createPresenceHours, FIRST_LOOK_MS, LOOK_INTERVAL_MS, type PresenceHours } from './hours.ts';
import { DRIFT_MINUTES_MAX } from './learn.ts';
import { hoursWords, suggestionWords } from './words.ts';

/** Monday 00:00 UTC after the four weeks that are looked at. */
const NOW = Date.UTC(2026, 10, 23);
const BEGIN = NOW - 35 * DAY_MS;

/** Up in these hours of each working day, off in between; `seed` makes it a person and not a machine. */
function worker(fromHour: number, toHour: number, seed = 0, weekdays = [1, 2, 3, 4, 5]): BareRecord {
  const spans: [number, number][] = [];
  for (let day = 0; day < 35; day++) {
    const startMs = BEGIN + day * DAY_MS;
    if (!weekdays.includes(new Date(startMs).getUTCDay() || 7)) continue;
    const jitterMs = (((day * 7 + seed * 13) % 20) - 10) * MINUTE_MS;
    spans.push([startMs + fromHour * HOUR_MS + jitterMs, startMs + toHour * HOUR_MS - jitterMs]);
  }
  return record(spans, 'off');
}

function record(up: readonly (readonly [number, number])[], else_: 'off' | 'asleep'): BareInterval[] {
  const intervals: BareInterval[] = [];
  let atMs = BEGIN;
  const add = (presence: BareInterval['presence'], toMs: number | null) => {
    if (toMs !== null && toMs <= atMs) return;
    const cause = presence === 'up' ? null : presence === 'asleep' ? 'asleep' : 'shut-down';
    intervals.push({ fromMs: atMs, toMs, presence, cause, planned: false });
    atMs = toMs ?? atMs;
  };
  for (const [fromMs, toMs] of up) {
    add(else_, fromMs);
    add('up', toMs);
  }
  add(else_, null);
  return intervals;
}

function ci(id: string, fields: Partial<CiEntry> = {}): CiEntry {
  return {
    id,
    class: 'Workstation',
    name: `pc-${id}`,
    lifecycle: 'in_use',
    criticality: 3,
    tags: [],
    site: null,
    owner: null,
    agentId: id,
    timeZone: 'UTC',
    createdAtMs: 0,
    ...fields,
  };
}

interface World {
  readonly hours: PresenceHours;
  readonly applied: string[];
  readonly records: Map<string, BareRecord>;
  readonly expectations: Map<string, Expectation>;
  readonly store: ReturnType<typeof createMemorySuggestionStore>;
}

async function world(machines: readonly (readonly [CiEntry, BareRecord])[]): Promise<World> {
  const records = new Map(machines.map(([entry, intervals]) => [entry.id, intervals]));
  const expectations = new Map<string, Expectation>();
  const applied: string[] = [];
  const store = createMemorySuggestionStore();
  let next = 1;
  const hours = await createPresenceHours({
    store,
    record: {
      bareIntervals: async (ids) =>
        new Map(ids.flatMap((id) => (records.has(id) ? [[id, records.get(id) ?? []]] : []))),
    },
    directory: { all: () => machines.map(([entry]) => entry) },
    expectations: { of: (entry) => expectations.get(entry.id) ?? expectationOf(entry) },
    membership: { locationsOf: (id) => (id.startsWith('b') ? ['loc_berlin'] : []) },
    apply: {
      apply: async ({ kind, ciIds }) => {
        applied.push(`${kind} ${ciIds.length}`);
        return { assigned: [{ level: 'ci', key: ciIds[0] ?? '', calendarId: 'cal_before' }], tagged: [] };
      },
      undo: async ({ assigned }) =>
        void applied.push(`undo ${assigned.map(({ key, calendarId }) => `${key} ${calendarId}`).join()}`),
    },
    newId: (prefix) => `${prefix}_${next++}`,
    pause: async () => {},
    report: (what, error) => {
      throw new Error(what, { cause: error });
    },
  });
  return { hours, applied, records, expectations, store };
}

const said = (made: World) => made.hours.list('proposed').map((one) => suggestionWords(one).en);

test('[WN9] an office of 300 laptops that begins at ten and ends at eight gives one suggestion', async () => {
  const made = await world(Array.from({ length: 300 }, (_, i) => [ci(`${i}`), worker(10, 20, i)] as const));
  await made.hours.look(NOW);
  const [only, ...more] = made.hours.list('proposed');
  expect(more).toEqual([]);
  expect(only).toMatchObject({ kind: 'hours', whole: true, weeks: 4, capped: false });
  expect(only?.ciIds).toHaveLength(300);
  expect(said(made)[0]).toMatch(
    /^Mon–Fri 10:15–19:45, seen on \d+ % of the days of 300 machines in 4 weeks\.$/,
  );
  expect(only?.profile).toHaveLength(672);
  expect(only?.profile[15 * 4]).toBe(1);
  expect(only?.profile[3 * 4]).toBe(0);
});

test('[WN9] machines whose hours are as expected give none', async () => {
  const made = await world(Array.from({ length: 10 }, (_, i) => [ci(`${i}`), worker(7.8, 18.2, i)] as const));
  await made.hours.look(NOW);
  expect(made.hours.list(null)).toEqual([]);
});

test('[WN9] less than three weeks of record, or few days of work, teach nothing', async () => {
  const short = worker(10, 20).filter(({ fromMs }) => fromMs >= NOW - 14 * DAY_MS);
  const seldom = worker(10, 20, 0, [3]);
  const made = await world([
    [ci('1'), short],
    [ci('2'), seldom],
  ]);
  await made.hours.look(NOW);
  expect(made.hours.list(null)).toEqual([]);
});

test('[WN9] a late shift among many, and another place, are suggestions of their own', async () => {
  const made = await world([
    ...Array.from({ length: 20 }, (_, i) => [ci(`a${i}`), worker(10, 20, i)] as const),
    ...Array.from({ length: 5 }, (_, i) => [ci(`l${i}`), worker(14, 23, i)] as const),
    [ci('odd'), worker(3, 9)],
    ...Array.from({ length: 4 }, (_, i) => [ci(`b${i}`), worker(6, 12, i, [1, 2, 3, 4, 5, 6])] as const),
  ]);
  await made.hours.look(NOW);
  const found = made.hours
    .list('proposed')
    .map(({ whole, ciIds, locationId }) => [whole, ciIds.length, locationId]);
  expect(found).toEqual([
    [true, 20, null],
    [false, 5, null],
    [true, 4, 'loc_berlin'],
  ]);
  expect(said(made)[2]).toContain('Mon–Sat 06:');
});

test('[WN9] a machine that was never off in four weeks: around the clock', async () => {
  const made = await world([[ci('1'), record([[BEGIN, NOW]], 'off').slice(0, 1)]]);
  await made.hours.look(NOW);
  expect(made.hours.list('proposed')).toMatchObject([
    { kind: 'always', ciIds: ['1'], weekMinutesThen: 10_080 },
  ]);
});

test('[WN9] a server around the clock gives none', async () => {
  const made = await world([[ci('1', { class: 'Server' }), record([[BEGIN, NOW]], 'off').slice(0, 1)]]);
  await made.hours.look(NOW);
  expect(made.hours.list(null)).toEqual([]);
});

test('[WN10] a workstation that often sleeps inside its hours: taken along by its user', async () => {
  const spans: [number, number][] = [];
  for (let day = 0; day < 35; day++) {
    const startMs = BEGIN + day * DAY_MS;
    if (new Date(startMs).getUTCDay() % 6 === 0) continue;
    spans.push(
      [startMs + 8 * HOUR_MS, startMs + 12 * HOUR_MS],
      [startMs + 14 * HOUR_MS, startMs + 18 * HOUR_MS],
    );
  }
  const made = await world([[ci('1', { tags: ['fixed'] }), record(spans, 'asleep')]]);
  await made.hours.look(NOW);
  expect(made.hours.list('proposed')).toMatchObject([{ kind: 'roaming', ciIds: ['1'] }]);
});

test('[WN10] workstations that come late and go early have other hours, and are not taken along', async () => {
  const made = await world(
    Array.from({ length: 5 }, (_, i) => [ci(`${i}`, { tags: ['fixed'] }), worker(10, 16, i)] as const),
  );
  await made.hours.look(NOW);
  expect(made.hours.list('proposed').map(({ kind }) => kind)).toEqual(['hours']);
});

test('[WN11] nothing is applied by itself; an administrator confirms, and it is applied once', async () => {
  const made = await world(Array.from({ length: 5 }, (_, i) => [ci(`${i}`), worker(10, 20, i)] as const));
  await made.hours.look(NOW);
  expect(made.applied).toEqual([]);
  const id = made.hours.list('proposed')[0]?.id ?? '';
  const both = await Promise.allSettled([
    made.hours.confirm(id, 'anna', NOW + 1),
    made.hours.confirm(id, 'bert', NOW + 1),
  ]);
  expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(made.applied).toEqual(['hours 5']);
  expect(made.hours.list('confirmed')).toMatchObject([{ decidedBy: 'anna', decidedAtMs: NOW + 1 }]);
  await expect(made.hours.confirm(id, 'anna', NOW + 2)).rejects.toThrow('confirmed already');
});

test('[WN11] a decision is taken back: what was before holds again, and the suggestion is open', async () => {
  const made = await world(Array.from({ length: 5 }, (_, i) => [ci(`${i}`), worker(10, 20, i)] as const));
  await made.hours.look(NOW);
  const id = made.hours.list('proposed')[0]?.id ?? '';
  await made.hours.confirm(id, 'anna', NOW);
  expect(await made.hours.undo(id, 'anna', NOW + 1)).toMatchObject({ state: 'proposed', decidedBy: null });
  expect(made.applied).toEqual(['hours 5', 'undo 0 cal_before']);
  await expect(made.hours.undo(id, 'anna', NOW + 2)).rejects.toMatchObject({
    code: 'transition-not-allowed',
  });
  await made.hours.dismiss(id, 'not now', 'anna', NOW + 3);
  expect(await made.hours.undo(id, 'anna', NOW + 4)).toMatchObject({ state: 'proposed', reason: null });
  expect(made.applied).toHaveLength(2);
});

test('[WN11] a refused suggestion is not made again unless the habit moves', async () => {
  const made = await world(Array.from({ length: 5 }, (_, i) => [ci(`${i}`), worker(10, 20, i)] as const));
  await made.hours.look(NOW);
  await made.hours.dismiss(made.hours.list('proposed')[0]?.id ?? '', 'a project until March', 'anna', NOW);
  await made.hours.look(NOW);
  expect(made.hours.list('proposed')).toEqual([]);
  for (let i = 0; i < 5; i++) made.records.set(`${i}`, worker(12, 22, i));
  await made.hours.look(NOW);
  expect(made.hours.list('proposed')).toHaveLength(1);
  expect(made.hours.list('dismissed')).toMatchObject([{ reason: 'a project until March' }]);
});

test('[WN11] what is proposed is renewed under its id, and withdrawn when it is no habit any more', async () => {
  const made = await world(Array.from({ length: 5 }, (_, i) => [ci(`${i}`), worker(10, 20, i)] as const));
  await made.hours.look(NOW);
  const before = made.hours.list('proposed')[0];
  await made.hours.look(NOW + DAY_MS);
  expect(made.hours.list('proposed')).toMatchObject([{ id: before?.id, proposedAtMs: NOW }]);
  for (let i = 0; i < 5; i++) made.records.set(`${i}`, worker(7.8, 18.2, i));
  await made.hours.look(NOW + DAY_MS);
  expect(made.hours.list('proposed')).toEqual([]);
  expect(made.hours.list('superseded')).toHaveLength(1);
});

test('[WN12] one confirmation moves confirmed hours by five hours a week at the most', async () => {
  const made = await world(Array.from({ length: 5 }, (_, i) => [ci(`${i}`), worker(10, 20, i)] as const));
  await made.hours.look(NOW);
  const first = made.hours.list('proposed')[0];
  await made.hours.confirm(first?.id ?? '', 'anna', NOW);
  const week = first?.hours ?? [];
  const weekly = week.map((range) => (range ? [range] : []));
  const agreed: Expectation = {
    roaming: true,
    hours: { versions: [{ fromDay: null, zone: null, weekly, days: new Map() }] },
  };
  for (let i = 0; i < 5; i++) {
    made.expectations.set(`${i}`, agreed);
    made.records.set(`${i}`, worker(16, 23, i));
  }
  await made.hours.look(NOW + DAY_MS);
  const [second] = made.hours.list('proposed');
  if (!second) throw new Error('the moved habit gives a suggestion');
  expect(second.capped).toBe(true);
  expect(weekDifference(second.hours ?? [], week)).toBeLessThanOrEqual(DRIFT_MINUTES_MAX);
});

test('[WN12] hours are moved towards others by no more than was allowed, in days that come and go too', () => {
  const office = [1, 1, 1, 1, 1, 0, 0].map((on) => (on ? { fromMinute: 480, toMinute: 1_080 } : null));
  const night = [0, 1, 1, 1, 1, 1, 0].map((on) => (on ? { fromMinute: 1_080, toMinute: 1_440 } : null));
  for (const max of [60, 300, 600, 3_000]) {
    expect(weekDifference(towards(night, office, max), office)).toBeLessThanOrEqual(max);
  }
  expect(towards(night, office, 100_000)).toEqual(night);
});

test('[WN9] a look is taken ten minutes after the start, then weekly', async () => {
  const made = await world([]);
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  made.hours.tick(NOW);
  made.hours.tick(NOW + FIRST_LOOK_MS - 1);
  await settle();
  expect(made.hours.lookedAtMs()).toBeNull();
  made.hours.tick(NOW + FIRST_LOOK_MS);
  await settle();
  expect(made.hours.lookedAtMs()).toBe(NOW + FIRST_LOOK_MS);
  made.hours.tick(NOW + FIRST_LOOK_MS + LOOK_INTERVAL_MS - 1);
  await settle();
  expect(made.hours.lookedAtMs()).toBe(NOW + FIRST_LOOK_MS);
});

test('[WN9] time that nothing is known of through our own fault says nothing of the habit', () => {
  const up = worker(10, 20);
  const blind = up.map((one) =>
    one.fromMs >= BEGIN + 14 * DAY_MS && one.fromMs < BEGIN + 21 * DAY_MS
      ? { ...one, presence: 'unknown' as const, cause: 'server-self' as const }
      : one,
  );
  const habit = habitOf(blind, 'UTC', NOW - 28 * DAY_MS, NOW);
  expect(habit.days.length).toBeLessThan(24);
  expect(weekMinutes(weekHoursOf(habit.days))).toBeGreaterThan(4 * 9 * 60);
});

test('[WN9] days run in the zone of the machine, also over a change of the clocks', () => {
  const spans: [number, number][] = [];
  for (let day = 1; day < 29; day++) {
    const at = (hour: number) =>
      Temporal.PlainDateTime.from({ year: 2026, month: 10, day, hour }).toZonedDateTime('Europe/Berlin')
        .epochMilliseconds;
    spans.push([at(9), at(17)]);
  }
  const fromMs = spans[0]?.[0] ?? 0;
  const intervals = spans.flatMap(([begin, end], i): BareInterval[] => [
    { fromMs: begin, toMs: end, presence: 'up', cause: null, planned: false },
    { fromMs: end, toMs: spans[i + 1]?.[0] ?? null, presence: 'off', cause: 'shut-down', planned: false },
  ]);
  const week = weekHoursOf(habitOf(intervals, 'Europe/Berlin', fromMs, fromMs + 27 * DAY_MS).days);
  expect(hoursWords(week)).toEqual({ en: 'Mon–Sun 09:00–17:00', zh: '周一至周日 09:00–17:00' });
});

test('[WN11] confirmed hours become a calendar: of the class where all of it is meant, else of each machine', async () => {
  const told: string[] = [];
  const { apply, undo } = createApplyHours({
    calendars: {
      create: async (name, hours) => {
        if (told.some((line) => line.startsWith(`create "${name}"`))) throw new AppError('name-taken', name);
        told.push(`create "${name}" ${hours.zone} ${hours.weekly.filter((day) => day.length > 0).length}`);
        return { id: 'cal_1' };
      },
      assign: async ({ level, key, calendarId }) => {
        told.push(`assign ${level} ${key} ${calendarId}`);
      },
      assignments: () => [{ level: 'ci', key: '1', calendarId: 'cal_shift', fromDay: null }],
    },
    tag: async (ciId, { add, remove }) => void told.push(`tag ${ciId} +${add} -${remove}`),
    tagsOf: (ciId) => (ciId === '5' ? ['roaming'] : ['fixed']),
  });
  const made = await world(Array.from({ length: 5 }, (_, i) => [ci(`${i}`), worker(10, 20, i)] as const));
  await made.hours.look(NOW);
  const [one] = made.hours.list('proposed');
  if (!one) throw new Error('there is a suggestion');
  await apply(one, 'anna', NOW);
  const before = await apply({ ...one, locationId: 'loc_1', ciIds: ['1', '2'] }, 'anna', NOW);
  await apply({ ...one, kind: 'always', hours: null, whole: false, ciIds: ['3'] }, 'anna', NOW);
  const tagged = await apply(
    { ...one, kind: 'roaming', hours: null, whole: false, ciIds: ['4', '5'] },
    'anna',
    NOW,
  );
  expect(told).toEqual([
    'create "Workstation 2026-11-23" null 5',
    'assign class Workstation cal_1',
    'create "Workstation 2026-11-23 (2)" null 5',
    'assign ci 1 cal_1',
    'assign ci 2 cal_1',
    'assign ci 3 always',
    'tag 4 +roaming -fixed',
  ]);
  told.length = 0;
  await undo(before, 'anna', NOW);
  await undo(tagged, 'anna', NOW);
  // The one that had the tag before keeps it.
  expect(told).toEqual(['assign ci 1 cal_shift', 'assign ci 2 null', 'tag 4 +fixed -roaming']);
});
