import type { MaintenanceWindow, WindowPreview } from '@muster/shared/api/maintenance.ts';
import { DAY_MS, HOUR_MS, toIso } from '@muster/shared/time.ts';
import { expect, test } from 'vitest';
import { createTestWeb, TEST_START_MS as T } from '../http/testing.ts';
import { createMemoryMaintenanceStore } from '../store/memory/maintenance.ts';
import { createMaintenance } from './maintenance.ts';
import { addMaintenanceRoutes } from './routes.ts';

async function setUp() {
  const made = await createTestWeb();
  const machines = ['ci_1', 'ci_2'].map((id) => ({
    id,
    name: `srv-${id.slice(3)}`,
    class: 'Server',
    tags: ['blue'],
  }));
  let ids = 0;
  const maintenance = await createMaintenance(
    {
      store: createMemoryMaintenanceStore(),
      newId: (prefix) => `${prefix}_${++ids}`,
      source: {
        machines: () => machines,
        isMachine: (id) => machines.some((one) => one.id === id),
        nodes: () => machines.map((one) => ({ ...one, machineId: null })),
        graph: { from: () => [], to: () => [], node: () => undefined, partsOf: () => [] },
        membership: { locationsOf: () => [], servicesOf: () => [] },
      },
      troubles: () => [],
      report: (what, error) => {
        throw new Error(what, { cause: error });
      },
    },
    T,
  );
  addMaintenanceRoutes(made.web.routes, {
    maintenance,
    nameOf: (ciId) => machines.find(({ id }) => id === ciId),
    // The first is always expected, the second in the first hour of each UTC day of the test.
    hoursOf: (ciId, { fromMs }) =>
      ciId === 'ci_1'
        ? 'always'
        : [
            {
              fromMs: Math.floor(fromMs / DAY_MS) * DAY_MS,
              toMs: Math.floor(fromMs / DAY_MS) * DAY_MS + 12 * HOUR_MS,
            },
          ],
  });
  const call = async <B>(
    method: string,
    path: string,
    body?: unknown,
    role: 'operator' | 'viewer' = 'operator',
  ) => {
    const answer = await made.call(role, method, path, body);
    return { status: answer.status, body: answer.body as B };
  };
  return { ...made, call, maintenance };
}

const at = (hours: number) => toIso(T + hours * HOUR_MS);
const once = (from: number, to: number) => ({ kind: 'once', startsAt: at(from), endsAt: at(to) });

function body(more: object = {}) {
  return {
    title: 'New disk',
    targets: { ciIds: ['ci_1'] },
    schedule: once(1, 3),
    timeZone: 'Europe/Berlin',
    ...more,
  };
}

test('[MW50] a window is set, seen from the list and from its CI, prolonged and ended', async () => {
  const { call, advance, maintenance } = await setUp();
  const made = await call<MaintenanceWindow>('POST', '/maintenance-windows', body());
  expect(made).toMatchObject({
    status: 201,
    body: {
      id: 'mw_1',
      state: 'coming',
      covered: 1,
      agreedBy: 'operator',
      next: { from: at(1), to: at(3), remark: null },
    },
  });
  expect(await call('GET', '/cis/ci_1/maintenance')).toMatchObject({
    body: { now: null, windows: [{ id: 'mw_1' }] },
  });
  advance(2 * HOUR_MS);
  maintenance.tick(T + 2 * HOUR_MS);
  expect(await call('GET', '/cis/ci_1/maintenance')).toMatchObject({
    body: { now: { windowId: 'mw_1', from: at(1), to: at(3) }, past: [{ from: at(1), to: at(2) }] },
  });
  const longer = await call<MaintenanceWindow>('POST', '/maintenance-windows/mw_1/extend', { minutes: 30 });
  expect(longer.body).toMatchObject({ state: 'running', now: { to: at(3.5) } });
  const ended = await call<MaintenanceWindow>('DELETE', '/maintenance-windows/mw_1');
  expect(ended.body).toMatchObject({
    state: 'over',
    now: null,
    last: { from: at(1), to: at(2) },
    ended: { at: at(2) },
  });
  expect((await call('DELETE', '/maintenance-windows/mw_1')).status).toBe(409);
});

test('[MW51] lists show what runs, what comes, what recurs and what is over, in pages', async () => {
  const { call, advance } = await setUp();
  await call('POST', '/maintenance-windows', body({ title: 'runs', schedule: once(-1, 2) }));
  await call('POST', '/maintenance-windows', body({ title: 'comes later', schedule: once(20, 21) }));
  await call('POST', '/maintenance-windows', body({ title: 'comes', schedule: once(5, 6) }));
  const recurring = {
    kind: 'recurring',
    start: '2026-01-05T02:00',
    durationMinutes: 60,
    rule: 'FREQ=WEEKLY',
  };
  await call(
    'POST',
    '/maintenance-windows',
    body({ title: 'recurs', schedule: recurring, targets: { tags: ['blue'] } }),
  );
  const titles = async (query: string) =>
    (await call<{ items: MaintenanceWindow[] }>('GET', `/maintenance-windows?${query}`)).body.items.map(
      ({ title }) => title,
    );
  expect(await titles('')).toEqual(['runs', 'comes', 'comes later', 'recurs']);
  expect(await titles('show=running')).toEqual(['runs']);
  expect(await titles('show=coming')).toEqual(['comes', 'comes later']);
  expect(await titles('show=recurring')).toEqual(['recurs']);
  expect(await titles('ci=ci_2')).toEqual(['recurs']);
  const first = await call<{ items: MaintenanceWindow[]; nextCursor: string }>(
    'GET',
    '/maintenance-windows?limit=3',
  );
  expect(await titles(`limit=3&cursor=${encodeURIComponent(first.body.nextCursor)}`)).toEqual(['recurs']);
  advance(10 * HOUR_MS);
  expect(await titles('show=past')).toEqual(['comes', 'runs']);
});

test('[MW52] a preview names the next times with what the clocks do, who is covered, what it meets and whose hours', async () => {
  const { call } = await setUp();
  await call('POST', '/maintenance-windows', body({ title: 'Other', schedule: once(24 * 90, 24 * 92) }));
  const preview = await call<WindowPreview>('POST', '/maintenance-windows/preview', {
    targets: { tags: ['blue'] },
    schedule: { kind: 'recurring', start: '2026-03-27T02:30', durationMinutes: 60, rule: 'FREQ=DAILY' },
    timeZone: 'Europe/Berlin',
  });
  expect(preview.status).toBe(200);
  expect(preview.body.problem).toBeNull();
  expect(preview.body.occurrences).toHaveLength(10);
  expect(preview.body.occurrences.slice(0, 3)).toEqual([
    {
      from: '2026-03-27T01:30:00.000Z',
      to: '2026-03-27T02:30:00.000Z',
      localFrom: '2026-03-27T02:30',
      localTo: '2026-03-27T03:30',
      remark: null,
    },
    {
      from: '2026-03-28T01:30:00.000Z',
      to: '2026-03-28T02:30:00.000Z',
      localFrom: '2026-03-28T02:30',
      localTo: '2026-03-28T03:30',
      remark: null,
    },
    {
      from: '2026-03-29T01:30:00.000Z',
      to: '2026-03-29T02:30:00.000Z',
      localFrom: '2026-03-29T03:30',
      localTo: '2026-03-29T04:30',
      remark: 'start-skipped',
    },
  ]);
  expect(preview.body.covered).toEqual({
    total: 2,
    items: [
      { id: 'ci_1', name: 'srv-1', class: 'Server', via: 'tag' },
      { id: 'ci_2', name: 'srv-2', class: 'Server', via: 'tag' },
    ],
  });
  expect(preview.body.conflicts).toMatchObject([{ title: 'Other', cis: 1 }]);
  expect(preview.body.serviceHours).toEqual({
    always: 1,
    hit: 1,
    free: 0,
    firstHit: { name: 'srv-2', at: '2026-03-27T01:30:00.000Z' },
  });
});

test('[MW52] a preview of a rule that cannot be says why in both languages, and still who would be covered', async () => {
  const { call } = await setUp();
  const preview = await call<WindowPreview>('POST', '/maintenance-windows/preview', {
    targets: { tags: ['blue'] },
    schedule: { kind: 'recurring', start: '2026-03-27T02:30', durationMinutes: 60, rule: 'FREQ=HOURLY' },
    timeZone: 'Europe/Berlin',
  });
  expect(preview.body).toMatchObject({ occurrences: [], covered: { total: 2 } });
  expect(preview.body.problem?.en).toContain('too fine');
  expect(preview.body.problem?.zh).toContain('粒度');
});

test.each([
  [{ targets: { ciIds: ['ci_9'] } }, 404],
  [{ targets: {} }, 400],
  [{ targets: { services: ['ci_1'] } }, 400],
  [{ schedule: once(3, 1) }, 400],
  [{ schedule: once(-3, -1) }, 400],
  [{ schedule: { kind: 'recurring', start: '2026-01-05', durationMinutes: 60, rule: 'FREQ=DAILY' } }, 400],
  [{ schedule: { kind: 'recurring', start: '2026-01-05T02:00', durationMinutes: 60, rule: 'NOW' } }, 400],
])('[MW6] %j is refused', async (wrong, status) => {
  const { call } = await setUp();
  expect((await call('POST', '/maintenance-windows', body(wrong))).status).toBe(status);
});

test('[MW53] one occurrence is taken out, others of the rule take place; the strip shows them', async () => {
  const { call } = await setUp();
  const schedule = { kind: 'recurring', start: '2026-01-03T02:00', durationMinutes: 60, rule: 'FREQ=DAILY' };
  await call('POST', '/maintenance-windows', body({ schedule, timeZone: 'UTC' }));
  const strip = async () =>
    (
      await call<{ items: { from: string }[] }>(
        'GET',
        '/maintenance-occurrences?from=2026-01-03T00:00:00Z&to=2026-01-06T00:00:00Z',
      )
    ).body.items.map(({ from }) => from.slice(0, 13));
  expect(await strip()).toEqual(['2026-01-03T02', '2026-01-04T02', '2026-01-05T02']);
  const skip = await call('POST', '/maintenance-windows/mw_1/skip', { from: '2026-01-04T02:00:00Z' });
  expect(skip.status).toBe(200);
  expect(await strip()).toEqual(['2026-01-03T02', '2026-01-05T02']);
  expect(
    (await call('POST', '/maintenance-windows/mw_1/skip', { from: '2026-01-04T02:00:00Z' })).status,
  ).toBe(404);
});

test('[MW54] a change keeps what it does not name; viewers look and set nothing', async () => {
  const { call } = await setUp();
  await call('POST', '/maintenance-windows', body());
  const changed = await call<MaintenanceWindow>('PATCH', '/maintenance-windows/mw_1', {
    title: 'Two new disks',
    flexible: { durationMinutes: 20, per: 'ci' },
  });
  expect(changed.body).toMatchObject({
    title: 'Two new disks',
    schedule: once(1, 3),
    flexible: { durationMinutes: 20, per: 'ci' },
  });
  expect((await call('GET', '/maintenance-windows/mw_1', undefined, 'viewer')).body).toMatchObject({
    cis: [{ id: 'ci_1', via: 'named' }],
    occurrences: [{ from: at(1) }],
  });
  expect((await call('DELETE', '/maintenance-windows/mw_1', undefined, 'viewer')).status).toBe(403);
});

test('[MW53] of hundreds of windows the strip shows as many as it has room for, each with all its times', async () => {
  const { call } = await setUp();
  for (let i = 0; i < 100; i++)
    await call('POST', '/maintenance-windows', {
      ...body({ title: `Night ${i}` }),
      schedule: { kind: 'recurring', start: '2026-01-02T01:00', durationMinutes: 30, rule: 'FREQ=DAILY' },
    });
  const strip = await call<{ items: { windowId: string }[]; cut: boolean }>(
    'GET',
    '/maintenance-occurrences?from=2026-01-03T00:00:00Z&to=2026-01-17T00:00:00Z',
  );
  const times = new Map<string, number>();
  for (const { windowId } of strip.body.items) times.set(windowId, (times.get(windowId) ?? 0) + 1);
  expect(strip.body.cut).toBe(true);
  expect(new Set(times.values())).toEqual(new Set([14]));
  expect(times.size).toBe(71);
});
