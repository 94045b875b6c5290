import { capacityEndpoints } from '@muster/shared/api/capacity.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@muster/shared/time.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import type { MetricStore } from '../metrics/store.ts';
import { createMemoryMetricStore } from '../store/memory/metrics.ts';
import { createRegister } from './register.ts';
import { createSurvey, MACHINES_PER_TICK, SURVEY_EVERY_MS, YOUNG_EVERY_MS } from './survey.ts';

const GIB = 2 ** 30;
const START = Date.UTC(2026, 8, 1);

function ci(id: string, fields: Partial<CiEntry> = {}): CiEntry {
  return {
    id,
    class: 'Server',
    name: id.toUpperCase(),
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

class Site {
  readonly entries = new Map<string, CiEntry>();
  readonly #listeners: ((entry: CiEntry) => void)[] = [];
  readonly metrics: MetricStore = createMemoryMetricStore();
  readonly faults: string[] = [];
  reads: string[] = [];
  broken: string | null = null;
  readonly directory: CiDirectory = {
    get: (id) => this.entries.get(id),
    all: () => this.entries.values(),
    onChange: (listener) => this.#listeners.push(listener),
  };
  readonly survey = createSurvey({
    directory: this.directory,
    metrics: {
      range: (query, nowMs) => {
        this.reads.push(query.ciId);
        if (query.ciId === this.broken) throw new Error('unreadable');
        return this.metrics.range(query, nowMs);
      },
    },
    pause: () => Promise.resolve(),
    report: (what) => this.faults.push(what),
  });
  readonly register = createRegister({
    survey: this.survey,
    directory: this.directory,
    metrics: this.metrics,
    levelOf: () => ({ percent: 90, severity: 'critical', ruleId: 'rule_1', ruleName: 'Disk space short' }),
  });
  #seq = 0;

  put(entry: CiEntry): void {
    this.entries.set(entry.id, entry);
    for (const listener of this.#listeners) listener(entry);
  }

  /** A sample every six hours; `used` in GiB of 100. */
  async fill(ciId: string, instance: string, fromDay: number, days: number, used: (day: number) => number) {
    const series = (['filesystem.used', 'filesystem.available'] as const).map((metric) =>
      this.metrics.resolve({ ciId, metric, instance }),
    );
    for (let i = 0; i < days * 4; i++) {
      const atMs = START + fromDay * DAY_MS + i * 6 * HOUR_MS;
      const bytes = used(fromDay + i / 4) * GIB;
      const values = [bytes, 100 * GIB - bytes];
      const delivery = { agentId: ciId, epoch: '0000000000000001', seq: ++this.#seq };
      await this.metrics.append(delivery, [{ atMs, series, values }], atMs);
    }
  }

  list(query: Record<string, unknown>, nowMs: number) {
    return this.register.list(capacityEndpoints.capacityRegister.query.parse(query), nowMs);
  }
}

const at = (day: number) => START + day * DAY_MS - MINUTE_MS;

async function surveyed(): Promise<Site> {
  const site = new Site();
  site.put(ci('ci_db', { site: 'Hangzhou' }));
  site.put(ci('ci_new', { class: 'Workstation' }));
  await site.fill('ci_db', '/data', 0, 60, (day) => 30 + day);
  await site.fill('ci_db', '/', 0, 60, () => 40);
  await site.fill('ci_db', '/slow', 0, 60, (day) => 10 + day / 4);
  await site.fill('ci_new', '/', 57, 3, (day) => day);
  await site.survey.tick(at(60));
  return site;
}

test('[CP1] file systems stand in the order of the days to full; those without a trend by how full they are', async () => {
  const site = await surveyed();
  const { items, counts, classes, sites, progress } = site.list({}, at(60));
  expect(items.map(({ ciId, instance, state }) => `${ciId} ${instance} ${state}`)).toEqual([
    'ci_db /data forecast',
    'ci_db /slow later',
    'ci_new / waiting',
    'ci_db / no-trend',
  ]);
  expect(counts).toEqual({
    total: 4,
    full: 0,
    within30: 1,
    within90: 1,
    later: 1,
    noTrend: 1,
    waiting: 1,
    waitingDaysMost: 3,
  });
  expect(classes).toEqual([
    { value: 'Server', count: 1 },
    { value: 'Workstation', count: 1 },
  ]);
  expect(sites.length).toBe(2);
  expect(progress).toMatchObject({ machines: 2, done: 2 });
});

test('[CP1] a row says how much, how fast, and when threshold and end are reached', async () => {
  const site = await surveyed();
  const [row] = site.list({ limit: 1 }, at(60)).items;
  expect(row?.growthBytesPerDay).toBeCloseTo(GIB, 0);
  expect(row?.utilisation).toBeCloseTo(89.75, 1);
  expect(row?.full?.days).toBeGreaterThan(9);
  expect(row?.full?.days).toBeLessThan(11.5);
  expect(row?.reachesThreshold?.days).toBeLessThan(1.5);
  expect(row?.threshold).toMatchObject({ percent: 90 });
  expect(row?.backTestDays).toBeLessThan(0.5);
  expect(row?.spark.length).toBe(90);
  expect(row?.spark.filter((value) => value !== null).length).toBe(60);
  const trend = site.register.trend({ ci: 'ci_db', instance: '/data' }, at(60));
  expect(trend.days.length).toBe(60);
  expect(trend.forecast.at(-1)?.[2]).toBe(100 * GIB);
  expect(trend.forecast.every(([, low, middle, high]) => low <= middle && middle <= high)).toBe(true);
  expect(() => site.register.trend({ ci: 'ci_db', instance: '/none' }, at(60))).toThrow('no history');
});

test.each(['days', 'used', 'growth', 'free', 'name'])(
  '[CP1] pages by %s follow one another without loss',
  async (sort) => {
    const site = await surveyed();
    const seen: string[] = [];
    let cursor: string | null | undefined;
    do {
      const page = site.list({ sort, limit: 3, ...(cursor ? { cursor } : {}) }, at(60));
      seen.push(...page.items.map(({ ciId, instance }) => `${ciId} ${instance}`));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen.length).toBe(4);
    expect(new Set(seen).size).toBe(4);
  },
);

test('[CP1] filters choose class, site, state and text', async () => {
  const site = await surveyed();
  const names = (query: Record<string, unknown>) =>
    site.list(query, at(60)).items.map(({ ciId, instance }) => `${ciId} ${instance}`);
  expect(names({ class: 'Workstation' })).toEqual(['ci_new /']);
  expect(names({ site: 'Hangzhou', state: 'forecast' })).toEqual(['ci_db /data']);
  expect(names({ site: '' })).toEqual(['ci_new /']);
  expect(names({ q: 'db /sl' })).toEqual(['ci_db /slow']);
});

test('[CP8] a machine is read again after an hour, and then only its last days', async () => {
  const site = await surveyed();
  site.reads = [];
  await site.survey.tick(at(60) + MINUTE_MS);
  expect(site.reads).toEqual([]);
  await site.fill('ci_db', '/data', 60, 2, (day) => 30 + day);
  await site.survey.tick(at(62));
  const days = site.survey.get('ci_db')?.spaces.find(({ instance }) => instance === '/data')?.days;
  expect(days?.length).toBe(62);
  expect(days?.map(({ day }) => day)).toEqual(days?.map((_, i) => (days[0]?.day ?? 0) + i));
});

test('[CP8] few machines at a time, each in its turn; one that cannot be read stops no other', async () => {
  const site = new Site();
  const count = MACHINES_PER_TICK * 2;
  for (let i = 0; i < count; i++) site.put(ci(`ci_${String(i).padStart(2, '0')}`));
  site.broken = 'ci_00';
  await site.survey.tick(at(1));
  expect(new Set(site.reads).size).toBe(MACHINES_PER_TICK);
  expect(site.faults.length).toBe(1);
  await site.survey.tick(at(1) + 1_000);
  expect(new Set(site.reads).size).toBe(count);
  site.reads = [];
  await site.survey.tick(at(1) + SURVEY_EVERY_MS);
  expect(site.reads[0]).toBe('ci_00');
});

test('[CP8] of machines that are new one at a time is read, be they thousands', async () => {
  const site = new Site();
  for (let i = 0; i < 4; i++) site.put(ci(`ci_${i}`, { createdAtMs: at(1) - HOUR_MS }));
  for (let second = 0; second < 4; second++) {
    await site.survey.tick(at(1) + second * 1_000);
    expect(new Set(site.reads).size).toBe(second + 1);
  }
});

test('[CP8] a machine that has no history yet is read again soon', async () => {
  const site = new Site();
  site.put(ci('ci_a'));
  await site.survey.tick(at(1));
  await site.fill('ci_a', '/', 1, 1, () => 50);
  await site.survey.tick(at(1) + YOUNG_EVERY_MS - 1);
  expect(site.list({}, at(2)).counts.total).toBe(0);
  await site.survey.tick(at(2));
  expect(site.list({}, at(2)).counts).toMatchObject({ total: 1, waiting: 1 });
});

test('[CP8] a machine that is hardly known is read again after a twelfth of that time', async () => {
  const site = new Site();
  site.put(ci('ci_a', { createdAtMs: at(1) - HOUR_MS }));
  await site.fill('ci_a', '/', 1, 2, () => 50);
  const readsAt = async (ms: number) => {
    site.reads = [];
    await site.survey.tick(ms);
    return site.reads.length;
  };
  expect(await readsAt(at(1))).toBeGreaterThan(0);
  expect(await readsAt(at(1) + YOUNG_EVERY_MS)).toBeGreaterThan(0);
  const laterMs = at(1) + 5 * HOUR_MS;
  expect(await readsAt(laterMs)).toBeGreaterThan(0);
  expect(await readsAt(laterMs + HOUR_MS / 2 - 1)).toBe(0);
  expect(await readsAt(laterMs + HOUR_MS / 2)).toBeGreaterThan(0);
  // However old it gets.
  expect(await readsAt(at(3))).toBeGreaterThan(0);
  expect(await readsAt(at(3) + SURVEY_EVERY_MS - 1)).toBe(0);
  expect(await readsAt(at(3) + SURVEY_EVERY_MS)).toBeGreaterThan(0);
});

test('[CP8] a machine is read first a minute after it came on record', async () => {
  const site = new Site();
  site.put(ci('ci_a', { createdAtMs: at(1) }));
  await site.survey.tick(at(1) + MINUTE_MS - 1);
  expect(site.reads).toEqual([]);
  await site.survey.tick(at(1) + MINUTE_MS);
  expect(site.reads).not.toEqual([]);
});

test('[CP8] a machine that was made by a clock that ran ahead is read all the same', async () => {
  const site = new Site();
  site.put(ci('ci_a', { createdAtMs: at(9) }));
  await site.survey.tick(at(1));
  await site.survey.tick(at(1) + YOUNG_EVERY_MS);
  expect(site.reads).not.toEqual([]);
});

test('[CP8] a clock that was set back keeps no machine waiting', async () => {
  const site = await surveyed();
  site.reads = [];
  await site.survey.tick(at(50));
  expect(site.reads).toEqual([]);
  await site.survey.tick(at(50) + SURVEY_EVERY_MS);
  expect(new Set(site.reads)).toEqual(new Set(['ci_db', 'ci_new']));
});

test('[CP8] what comes together over many readings, of late samples too, is what one reading of everything finds', async () => {
  const createdDay = 20;
  const told = fc.record({
    day: fc.integer({ min: createdDay, max: createdDay + 14 }),
    daysLate: fc.integer({ min: 0, max: 7 }),
    used: fc.integer({ min: 0, max: 100 }),
    instance: fc.constantFrom('/', '/data'),
    isReadBetween: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(told, { minLength: 1, maxLength: 20 }), async (all) => {
      const site = new Site();
      site.put(ci('ci_a', { createdAtMs: START + createdDay * DAY_MS }));
      const inOrder = all.toSorted((a, b) => a.day - b.day);
      for (const { day, daysLate, used, instance, isReadBetween } of inOrder) {
        await site.fill('ci_a', instance, day - daysLate, 1, () => used);
        if (isReadBetween) await site.survey.tick(START + day * DAY_MS + 20 * HOUR_MS);
      }
      const endMs = at(createdDay + 17);
      await site.survey.tick(endMs);
      const entry = ci('ci_a');
      const naive = createSurvey({
        directory: { get: () => entry, all: () => [entry], onChange: () => undefined },
        metrics: site.metrics,
        pause: () => Promise.resolve(),
        report: (what) => site.faults.push(what),
      });
      await naive.tick(endMs);
      const byName = (survey: typeof naive) =>
        survey
          .get('ci_a')
          ?.spaces.toSorted((a, b) => a.instance.localeCompare(b.instance))
          // A trend is a function too: it is compared by what it says.
          .map(({ forecast: { trend, ...forecast }, ...space }) => ({
            ...space,
            forecast,
            trend: trend && [trend.slope, trend.at(0), trend.at(createdDay)],
          }));
      expect(byName(site.survey)).toEqual(byName(naive));
      expect(site.faults).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

test('[CP8] a retired machine leaves the register', async () => {
  const site = await surveyed();
  site.put(ci('ci_db', { lifecycle: 'retired' }));
  expect(site.list({}, at(60)).items.map(({ ciId }) => ciId)).toEqual(['ci_new']);
});

test('[CP8] a file system that its machine leaves out for days is gone', async () => {
  const site = await surveyed();
  await site.fill('ci_db', '/data', 60, 4, (day) => 30 + day);
  await site.survey.tick(at(64));
  expect(site.list({ q: 'ci_db' }, at(64)).items.map(({ instance }) => instance)).toEqual(['/data']);
});

test('[CP9] consumers are ranked by the p95 or the average of ten-minute averages', async () => {
  const site = new Site();
  const series = new Map<string, number>();
  for (const id of ['ci_a', 'ci_b']) {
    site.put(ci(id));
    series.set(id, site.metrics.resolve({ ciId: id, metric: 'cpu.utilisation', instance: '' }));
  }
  for (let i = 0; i < 144; i++) {
    const atMs = START + i * 10 * MINUTE_MS;
    const values = { ci_a: i % 10 === 0 ? 100 : 10, ci_b: 40 };
    for (const [agentId, value] of Object.entries(values)) {
      const delivery = { agentId, epoch: '0000000000000001', seq: i + 1 };
      await site.metrics.append(
        delivery,
        [{ atMs, series: [series.get(agentId) ?? 0], values: [value] }],
        atMs,
      );
    }
  }
  await site.survey.tick(START + DAY_MS);
  const top = (by: string) =>
    site.register.consumers(capacityEndpoints.capacityConsumers.query.parse({ by }));
  expect(top('p95').items.map(({ ciId, p95 }) => [ciId, p95])).toEqual([
    ['ci_a', 100],
    ['ci_b', 40],
  ]);
  expect(top('average').items.map(({ ciId }) => ciId)).toEqual(['ci_b', 'ci_a']);
  expect(top('average').items[1]).toMatchObject({ average: expect.closeTo(19.4, 0), max: 100 });
});
