import { AvailabilityFigures } from '@muster/shared/api/availability.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, toIso } from '@muster/shared/time.ts';
import { fleetAvailabilityEndpoints } from '@muster/shared/api/fleet-availability.ts';
import { expect, test } from 'vitest';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import { createMemoryAvailabilityStore } from '../store/memory/availability.ts';
import { NOTHING_AGREED } from './agreed.ts';
import { createFleetAvailability, tellingChanges } from './fleet-availability.ts';
import { availabilityReport } from './report.ts';
import type { Mark } from './marks.ts';
import type { Machine } from './presence.ts';
import type { PresenceInterval } from './timeline.ts';

const MONDAY = Date.UTC(2026, 10, 16);
const NOW = MONDAY + 3 * DAY_MS + 12 * HOUR_MS;
const evidence = [{ en: 'Last heard.', zh: '最后一次收到上报。' }];
const machine = {} as Machine;

/** 'up 0-10, down 10-12' in hours since Monday; an open end is written without its second number. */
function record(text: string): PresenceInterval[] {
  return text.split(', ').map((part) => {
    const [presence, hours] = part.split(' ') as [PresenceInterval['presence'], string];
    const [from, to] = hours.split('-');
    return {
      presence,
      cause: presence === 'down' ? 'host-down' : null,
      fromMs: MONDAY + Number(from) * HOUR_MS,
      toMs: to ? MONDAY + Number(to) * HOUR_MS : null,
      planned: false,
      evidence: presence === 'up' ? [] : evidence,
      revised: false,
    };
  });
}

function ci(id: string, fields: Partial<CiEntry> = {}): CiEntry {
  return {
    id,
    class: 'Server',
    name: `srv-${id}`,
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

class Fleet {
  marks: readonly Mark[] = [];
  readonly #markListeners: ((ciId: string) => void)[] = [];
  readonly entries = new Map<string, CiEntry>();
  readonly #listeners: ((entry: CiEntry) => void)[] = [];
  readonly memory = createMemoryAvailabilityStore();
  reads = 0;
  readonly store = tellingChanges(
    {
      ...this.memory,
      bareIntervals: (ids, fromMs, toMs) => {
        this.reads += ids.length;
        return this.memory.bareIntervals(ids, fromMs, toMs);
      },
    },
    (changes) => this.fleet.changed(changes),
    () => NOW,
  );
  readonly directory: CiDirectory = {
    get: (id) => this.entries.get(id),
    all: () => this.entries.values(),
    onChange: (listener) => this.#listeners.push(listener),
  };
  readonly fleet = createFleetAvailability({
    store: this.store,
    directory: this.directory,
    agreed: {
      ...NOTHING_AGREED,
      marks: { of: () => this.marks, onChange: (listener) => this.#markListeners.push(listener) },
    },
    pause: () => Promise.resolve(),
  });

  judge(ciId: string, marks: readonly Mark[]): void {
    this.marks = marks;
    for (const listener of this.#markListeners) listener(ciId);
  }

  async add(entry: CiEntry, text: string): Promise<void> {
    this.put(entry);
    await this.say(entry.id, text);
  }

  put(entry: CiEntry): void {
    this.entries.set(entry.id, entry);
    for (const listener of this.#listeners) listener(entry);
  }

  async say(ciId: string, text: string): Promise<void> {
    await this.store.record([{ ciId, machine, intervals: record(text) }]);
  }

  summary(input: Record<string, unknown> = {}, nowMs = NOW) {
    const period = { from: toIso(MONDAY), to: toIso(MONDAY + 7 * DAY_MS), zone: 'UTC' };
    const query = fleetAvailabilityEndpoints.availabilitySummary.query.parse({ ...period, ...input });
    return this.fleet.summary(query, nowMs);
  }

  outages(input: Record<string, unknown> = {}, nowMs = NOW) {
    const period = { from: toIso(MONDAY), to: toIso(MONDAY + 7 * DAY_MS) };
    const query = fleetAvailabilityEndpoints.availabilityOutages.query.parse({ ...period, ...input });
    return this.fleet.outages(query, nowMs);
  }
}

async function small(): Promise<Fleet> {
  const fleet = new Fleet();
  await fleet.add(ci('a', { site: 'Hangzhou', tags: ['erp'] }), 'up 0-22, down 22-26, up 26');
  await fleet.add(ci('b', { site: 'Hangzhou', tags: ['erp', 'web'] }), 'up 0-40, unknown 40');
  await fleet.add(ci('c', { class: 'Workstation' }), 'up 8-18, asleep 18-32, up 32-36, down 36-37, up 37');
  return fleet;
}

test('[AV15] machines in service without agreed time are counted apart, and only those the filter leaves', async () => {
  const fleet = await small();
  expect((await fleet.summary()).machinesWithoutAgreed).toBe(0);
  await fleet.add(ci('d', { class: 'Workstation', site: 'Ningbo' }), 'asleep 0');
  fleet.put(ci('e', { class: 'Workstation', lifecycle: 'retired' }));
  const answer = await fleet.summary();
  expect([answer.fleet.machines, answer.machinesWithoutAgreed]).toEqual([3, 1]);
  expect((await fleet.summary({ site: 'Hangzhou' })).machinesWithoutAgreed).toBe(0);
});

test('[AV15] the figure of all is of all agreed time together; groups and machines add up to it', async () => {
  const fleet = await small();
  const answer = await fleet.summary({ groupBy: 'site' });
  expect(answer.fleet).toMatchObject({
    machines: 3,
    machinesWithOutage: 2,
    outages: 2,
    downSeconds: 5 * 3_600,
  });
  const sum = (name: 'agreedSeconds' | 'downSeconds' | 'unknownSeconds') =>
    answer.items.reduce((total, item) => total + item[name], 0);
  expect(sum('agreedSeconds')).toBe(answer.fleet.agreedSeconds);
  expect(answer.groups.map(({ key, machines }) => [key, machines])).toEqual([
    ['Hangzhou', 2],
    [null, 1],
  ]);
  for (const name of ['agreedSeconds', 'downSeconds', 'unknownSeconds'] as const)
    expect(answer.groups.reduce((total, group) => total + group[name], 0)).toBe(sum(name));
  const known = answer.fleet.agreedSeconds - answer.fleet.unknownSeconds;
  expect(answer.fleet.availability).toBeCloseTo((100 * (known - 5 * 3_600)) / known, 9);
  expect(answer.days.length).toBe(4);
  expect(answer.to).toBe(toIso(NOW));
});

test('[AV15] each machine has the figures of its own report, and the worst stands first', async () => {
  const fleet = await small();
  const { items } = await fleet.summary();
  expect(items.map(({ ciId }) => ciId)).toEqual(['a', 'c', 'b']);
  for (const item of items) {
    const entry = fleet.entries.get(item.ciId) as CiEntry;
    const period = { fromMs: MONDAY, toMs: MONDAY + 7 * DAY_MS };
    const intervals = await fleet.store.intervals(item.ciId, period.fromMs, period.toMs);
    const report = availabilityReport(entry, NOTHING_AGREED, intervals, period, NOW);
    expect(item).toMatchObject(AvailabilityFigures.parse(report));
  }
  expect(items.find(({ ciId }) => ciId === 'a')).toMatchObject({
    outages: 1,
    longestOutageSeconds: 4 * 3_600,
  });
});

test('[AV16] days that are over are read once; a correction makes only its machine and its days new', async () => {
  const fleet = await small();
  const before = await fleet.summary();
  fleet.reads = 0;
  expect(await fleet.summary({}, NOW + 1_000)).toMatchObject({ fleet: before.fleet });
  expect(fleet.reads).toBe(0);
  await fleet.say('a', 'up 22');
  const after = await fleet.summary({}, NOW + 2_000);
  expect(fleet.reads).toBe(1);
  expect(after.fleet).toMatchObject({ outages: 1, downSeconds: 3_600 });
  fleet.reads = 0;
  fleet.put(ci('c', { class: 'Workstation', tags: ['24x7'] }));
  expect((await fleet.summary({}, NOW + 3_000)).items.find(({ ciId }) => ciId === 'c')).toMatchObject({
    agreedSeconds: 84 * 3_600,
  });
  expect(fleet.reads).toBe(1);
  fleet.put(ci('c', { class: 'Workstation', tags: ['24x7'], name: 'renamed' }));
  fleet.reads = 0;
  await fleet.summary({}, NOW + 4_000);
  expect(fleet.reads).toBe(0);
});

test('[AV16] a day that is not over goes on with the time', async () => {
  const fleet = await small();
  const now = await fleet.summary();
  const later = await fleet.summary({}, NOW + HOUR_MS);
  expect(later.fleet.agreedSeconds - now.fleet.agreedSeconds).toBe(3 * 3_600);
  const nextDay = await fleet.summary({}, NOW + DAY_MS);
  expect(nextDay.days.length).toBe(5);
});

test('[AV16] pages follow one another without loss, in every order', async () => {
  const fleet = new Fleet();
  for (let i = 0; i < 25; i++)
    await fleet.add(ci(`m${i}`), `up 0-${10 + (i % 5)}, down ${10 + (i % 5)}-20, up 20`);
  for (const sort of ['worst', 'best', 'name', 'coverage', 'down', 'outages']) {
    const seen: string[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await fleet.summary({ sort, limit: 7, ...(cursor ? { cursor } : {}) });
      seen.push(...page.items.map(({ ciId }) => ciId));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(new Set(seen).size).toBe(25);
    expect(seen.length).toBe(25);
  }
});

test('[AV15] filters choose machines; an empty site or tag means those without', async () => {
  const fleet = await small();
  const ids = async (filter: Record<string, unknown>) =>
    (await fleet.summary({ ...filter, sort: 'name' })).items.map(({ ciId }) => ciId);
  expect(await ids({ site: 'Hangzhou' })).toEqual(['a', 'b']);
  expect(await ids({ site: '' })).toEqual(['c']);
  expect(await ids({ tag: 'web' })).toEqual(['b']);
  expect(await ids({ tag: '' })).toEqual(['c']);
  expect(await ids({ q: 'RV-B' })).toEqual(['b']);
  expect(await ids({ class: 'Workstation' })).toEqual(['c']);
  expect(
    (await fleet.summary({ groupBy: 'tag' })).groups.map(({ key, machines }) => [key, machines]),
  ).toEqual([
    ['erp', 2],
    ['web', 1],
    [null, 1],
  ]);
});

test('[AV17] outages are listed the newest first, with their whole length, cause and evidence', async () => {
  const fleet = await small();
  const { items, total } = await fleet.outages();
  expect(total).toBe(2);
  expect(items.map(({ ciId, from, to, seconds }) => [ciId, from, to, seconds])).toEqual([
    ['c', toIso(MONDAY + 36 * HOUR_MS), toIso(MONDAY + 37 * HOUR_MS), 3_600],
    ['a', toIso(MONDAY + 22 * HOUR_MS), toIso(MONDAY + 26 * HOUR_MS), 4 * 3_600],
  ]);
  expect(items[0]).toMatchObject({ presence: 'down', cause: 'host-down', evidence });
  const first = await fleet.outages({ limit: 1 });
  const second = await fleet.outages({ limit: 1, cursor: first.nextCursor });
  expect([...first.items, ...second.items]).toEqual(items);
  expect(second.nextCursor).toBe(null);
  const unknown = await fleet.outages({ kind: 'unknown' });
  expect(unknown.items.map(({ ciId, to }) => [ciId, to])).toEqual([['b', null]]);
});

test('[AV13] a period begins for a machine when it became known, in its own report too', async () => {
  const fleet = new Fleet();
  const createdAtMs = MONDAY + 10 * HOUR_MS - 2_000;
  await fleet.add(ci('a', { createdAtMs }), 'up 10');
  expect((await fleet.summary()).fleet).toMatchObject({ agreedSeconds: 74 * 3_600, coverage: 100 });
  const entry = fleet.entries.get('a') as CiEntry;
  const period = { fromMs: MONDAY, toMs: MONDAY + 7 * DAY_MS };
  const intervals = await fleet.store.intervals('a', period.fromMs, period.toMs);
  expect(availabilityReport(entry, NOTHING_AGREED, intervals, period, NOW)).toMatchObject({
    agreedSeconds: 74 * 3_600,
    coverage: 100,
  });
  expect(
    availabilityReport(entry, NOTHING_AGREED, [], { ...period, toMs: MONDAY + MINUTE_MS }, NOW),
  ).toMatchObject({
    agreedSeconds: 0,
    coverage: null,
  });
});

test('[AV20] [AV33] the list of outages follows a judgement at once, and goes without it where figures as recorded are asked for', async () => {
  const fleet = new Fleet();
  await fleet.add(ci('a'), 'up 0-22, down 22-26, up 26');
  expect((await fleet.outages()).total).toBe(1);
  fleet.judge('a', [{ fromMs: MONDAY + 20 * HOUR_MS, toMs: MONDAY + 30 * HOUR_MS, as: 'excluded' }]);
  expect((await fleet.summary()).fleet.outages).toBe(0);
  expect((await fleet.outages()).items).toEqual([]);
  expect((await fleet.summary({ reclassified: 'no' })).fleet.outages).toBe(1);
  const [outage] = (await fleet.outages({ reclassified: 'no' })).items;
  expect(outage).toMatchObject({ seconds: (4 * HOUR_MS) / 1000, reclassified: ['excluded'] });
});

test('[AV20] the list of outages follows a correction of the record at once', async () => {
  const fleet = new Fleet();
  await fleet.add(ci('a'), 'up 0-22, down 22-26, up 26');
  expect((await fleet.outages()).total).toBe(1);
  await fleet.say('a', 'up 0');
  expect((await fleet.outages()).total).toBe(0);
});
