import { createHash } from 'node:crypto';
import type { DriftAnswer, PastCi, PeerItem, Retention } from '@muster/shared/api/history.ts';
import { DAY_MS, toIso } from '@muster/shared/time.ts';
import { afterEach, expect, test } from 'vitest';
import type { AuditEvent } from '../access/audit.ts';
import { createCmdb } from '../cmdb/cmdb.ts';
import { createTestWeb, TEST_START_MS } from '../http/testing.ts';
import { newId } from '../ids.ts';
import { createMerging } from '../cmdb/merging.ts';
import { createRelationGraph } from '../relations/graph.ts';
import { createSqlCmdbStore } from '../store/sql/cmdb.ts';
import { createSqlHistoryStore } from '../store/sql/history.ts';
import { openTestStore } from '../store/sql/testing.ts';
import { createHistory } from './history.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function setUp() {
  const web = await createTestWeb();
  const sql = await openTestStore();
  closers.push(() => sql.close());
  const cmdbStore = createSqlCmdbStore(sql);
  const store = createSqlHistoryStore(sql);
  const cmdb = await createCmdb({ store: cmdbStore, newId, recordAudit: async () => {} });
  const audit: AuditEvent[] = [];
  const history = createHistory({
    store,
    cmdb,
    cmdbStore,
    routes: web.web.routes,
    recordAudit: async (event) => void audit.push(event),
    newId,
  });
  const report = async (
    agentId: string,
    atMs: number,
    packages: Record<string, string>,
    ciId: string | null = null,
  ) => {
    const data = {
      packages: Object.entries(packages).map(([name, version]) => ({
        name,
        version,
        architecture: 'amd64',
        publisher: null,
        source: 'dpkg' as const,
        installedAtMs: null,
        sizeBytes: null,
      })),
    };
    const hash = createHash('sha256').update(JSON.stringify(data)).digest('hex');
    const result = await cmdb.applyInventory({
      reporter: { source: 'agent', id: agentId },
      hostname: agentId,
      scope: { class: 'Server', site: 'Hangzhou', tags: [] },
      reporterCiId: ciId,
      body: { atMs, sections: { software: { hash, complete: true, data } } },
      nowMs: atMs,
    });
    return result.ciId;
  };
  const get = async <T>(path: string) => {
    const { status, body } = await web.call('operator', 'GET', path);
    expect([path, status, status === 200 ? '' : JSON.stringify(body)]).toEqual([path, 200, '']);
    return body as T;
  };
  const graph = await createRelationGraph({ cmdb, store: cmdbStore, newId });
  const merging = createMerging({ cmdb, store: cmdbStore, graph, newId });
  return { ...web, cmdb, cmdbStore, store, graph, merging, history, report, get, audit };
}

const T0 = TEST_START_MS - 10 * DAY_MS;
const at = (days: number) => encodeURIComponent(toIso(T0 + days * DAY_MS));

test('[HI1] a CI and the whole list are told as they were, and before it began nothing is', async () => {
  const { cmdb, report, get } = await setUp();
  const id = await report('web-01', T0, { openssl: '1', curl: '8' });
  await cmdb.edit(id, { name: 'front', owner: 'Anna' }, 'user:anna', T0 + 2 * DAY_MS);
  await report('web-01', T0 + 4 * DAY_MS, { openssl: '2', curl: '8' }, id);
  const before = await get<{ ci: PastCi }>(`/cis/${id}/as-of?at=${at(1)}`);
  expect(before.ci).toMatchObject({ name: 'web-01', owner: null });
  expect(before.ci.software.map(({ name, version }) => `${name} ${version}`)).toEqual([
    'curl 8',
    'openssl 1',
  ]);
  const after = await get<{ ci: PastCi }>(`/cis/${id}/as-of?at=${at(5)}`);
  expect(after.ci).toMatchObject({ name: 'front', owner: 'Anna' });
  expect(after.ci.software[1]).toMatchObject({ name: 'openssl', version: '2' });
  expect(await get(`/cis/${id}/as-of?at=${at(-1)}`)).toMatchObject({ ci: null, keptSince: null });
  expect(await get(`/cmdb/as-of?at=${at(1)}`)).toMatchObject({
    total: 1,
    items: [{ name: 'web-01' }],
    classes: [{ class: 'Server', count: 1 }],
  });
  expect(await get(`/cmdb/as-of?at=${at(3)}&q=FRONT`)).toMatchObject({
    total: 1,
    items: [{ name: 'front' }],
  });
  expect(await get(`/cmdb/as-of?at=${at(-1)}`)).toMatchObject({ total: 0, items: [] });
});

test('[HI10] what people entered comes back, as a change of its own that says from when; what reports tell does not', async () => {
  const { cmdb, call, get } = await setUp();
  const { id } = await cmdb.create(
    { class: 'Server', name: 'web', edit: { owner: 'Anna', set: { costCentre: '4711' } } },
    'user:anna',
    T0,
  );
  await cmdb.edit(
    id,
    { owner: null, set: { costCentre: null }, lifecycle: 'retired', reason: 'sold' },
    'user:bo',
    T0 + 2 * DAY_MS,
  );
  const preview = await get<{ changes: unknown[] }>(`/cis/${id}/restore?at=${at(1)}`);
  expect(preview).toMatchObject({ skipped: [{ attribute: 'lifecycle', reason: 'lifecycle' }] });
  expect(preview.changes).toHaveLength(2);
  expect((await call('viewer', 'POST', `/cis/${id}/restore`, { at: toIso(T0) })).status).toBe(403);
  expect((await call('operator', 'POST', `/cis/${id}/restore`, { at: toIso(T0 + DAY_MS) })).status).toBe(200);
  expect(cmdb.directory.get(id)).toMatchObject({ owner: 'Anna', lifecycle: 'retired' });
  const { items } = await get<{ items: { attribute: string; causeId: string }[] }>(
    `/history?ciId=${id}&limit=2`,
  );
  expect(
    items
      .map(({ attribute, causeId }) => [attribute, causeId])
      .toSorted(([a = ''], [b = '']) => a.localeCompare(b)),
  ).toEqual([
    ['costCentre', `restored ${toIso(T0 + DAY_MS)}`],
    ['owner', `restored ${toIso(T0 + DAY_MS)}`],
  ]);
  expect((await call('operator', 'POST', `/cis/${id}/restore`, { at: toIso(T0 - DAY_MS) })).status).toBe(400);
});

test('[HI20] drift to a baseline and between two moments names what changed, and nothing else', async () => {
  const { report, call, get } = await setUp();
  const a = await report('web-01', T0, { openssl: '1', curl: '8' });
  await report('web-02', T0, { openssl: '1' });
  const made = await call('operator', 'POST', '/baselines', {
    name: 'Golden',
    group: { class: 'Server' },
    at: toIso(T0 + DAY_MS),
  });
  expect(made).toMatchObject({ status: 201, body: { ciCount: 2, approvedBy: null } });
  const { id } = made.body as { id: string };
  await report('web-01', T0 + 2 * DAY_MS, { openssl: '2', vim: '9', curl: '8' }, a);
  for (const path of [`/drift?baseline=${id}`, `/drift?from=${at(1)}&to=${at(3)}&class=Server`]) {
    const drift = await get<DriftAnswer>(path);
    expect(drift).toMatchObject({ compared: 2, different: 1, counts: { software: 2 }, total: 2 });
    expect(drift.items.map(({ thing, change, before, after }) => [thing, change, before, after])).toEqual([
      ['openssl', 'changed', '1', '2'],
      ['vim', 'added', null, '9'],
    ]);
  }
  expect(await get(`/drift?baseline=${id}&q=vim`)).toMatchObject({ total: 1 });
  expect((await call('operator', 'PATCH', `/baselines/${id}`, { approved: true })).body).toMatchObject({
    approvedBy: 'token:operator',
  });
  expect((await call('operator', 'DELETE', `/baselines/${id}`)).status).toBe(204);
  expect(await get('/baselines')).toEqual({ items: [] });
});

test('[HI22] among peers the few that differ from most are named', async () => {
  const { report, get } = await setUp();
  for (let i = 0; i < 9; i++) await report(`web-${i}`, T0, { openssl: '2', curl: '8' });
  const odd = await report('web-odd', T0, { openssl: '1' });
  const { compared, items } = await get<{ compared: number; items: PeerItem[] }>('/drift/peers?class=Server');
  expect(compared).toBe(10);
  expect(
    items.map(({ thing, majority, majorityCount, outliers }) => [thing, majority, majorityCount, outliers]),
  ).toEqual([
    ['openssl', '2', 9, [{ ciId: odd, ciName: 'web-odd', value: '1' }]],
    ['curl', '8', 9, [{ ciId: odd, ciName: 'web-odd', value: null }]],
  ]);
});

test('[HI30] the score says what is missing, old and contradicted; the fleet has its mean and its trend', async () => {
  const { cmdb, report, history, get, clock } = await setUp();
  const id = await report('web-01', T0, { openssl: '1' });
  await cmdb.edit(id, { lock: { kernel: '6.0' } }, 'user:anna', T0);
  const one = await get<{ score: number; counted: number; missing: number }>(`/cis/${id}/accuracy`);
  expect(one).toMatchObject({ missing: 10, counted: 11 });
  expect(one.score).toBe(9);
  for (let i = 0; i < 3; i++) await history.tick(clock.now());
  expect(await get('/accuracy')).toMatchObject({
    waiting: 0,
    fleet: { count: 1, score: 9 },
    classes: [{ class: 'Server', count: 1 }],
    sites: [{ site: 'Hangzhou' }],
    days: [{ count: 1, score: 9 }],
    items: [{ id, score: 9, missing: 10 }],
  });
});

test('[HI40] what is too old goes in steps and is never shown as if nothing had been', async () => {
  const { cmdb, history, call, get, audit, clock } = await setUp();
  const long = clock.now() - 800 * DAY_MS;
  const { id } = await cmdb.create({ class: 'Supplier', name: 'First' }, 'user:anna', long);
  await cmdb.edit(id, { name: 'Second' }, 'user:anna', long + DAY_MS);
  await cmdb.edit(id, { name: 'Third' }, 'user:anna', clock.now() - 2 * DAY_MS);
  const years = { states: 1, values: 1, software: null, relations: null };
  expect((await call('operator', 'PUT', '/history/retention', years)).status).toBe(403);
  expect((await call('admin', 'PUT', '/history/retention', years)).status).toBe(200);
  for (let i = 0; i < 6; i++) await history.tick(clock.now());
  expect(await get(`/cis/${id}/as-of?at=${encodeURIComponent(toIso(long + DAY_MS / 2))}`)).toMatchObject({
    ci: null,
    keptSince: toIso(Math.round(clock.now() - 365.25 * DAY_MS)),
  });
  expect(
    await get(`/cis/${id}/as-of?at=${encodeURIComponent(toIso(clock.now() - 3 * DAY_MS))}`),
  ).toMatchObject({
    ci: { name: 'Second' },
  });
  expect((await call('operator', 'GET', `/drift?from=${encodeURIComponent(toIso(long))}`)).status).toBe(422);
  const { items } = await get<Retention>('/history/retention');
  expect(items.map(({ kind, rows }) => [kind, rows])).toEqual([
    ['states', 1],
    ['values', 1],
    ['software', 0],
    ['relations', 0],
  ]);
  expect(audit.map(({ action, subject, detail }) => [action, subject, detail.rows])).toEqual([
    ['history.deleted', 'states', 2],
    ['history.deleted', 'values', 2],
  ]);
});

test('[HI50] changes are found by what, who, when and of which kind', async () => {
  const { cmdb, report, get } = await setUp();
  const id = await report('web-01', T0, { openssl: '1' });
  await report('web-01', T0 + DAY_MS, { openssl: '2' }, id);
  await cmdb.edit(id, { owner: 'Anna' }, 'user:anna', T0 + 2 * DAY_MS);
  const found = async (query: string) =>
    (await get<{ items: { attribute: string | null }[] }>(`/history?${query}`)).items.map(
      ({ attribute }) => attribute,
    );
  expect(await found('')).toEqual(['owner', 'version', null]);
  expect(await found('attribute=owner')).toEqual(['owner']);
  expect(await found('attribute=software')).toEqual(['version']);
  expect(await found('class=Software')).toEqual(['version']);
  expect(await found('source=human&kind=changed')).toEqual(['owner']);
  expect(await found('actor=agent:web-01')).toEqual(['version', null]);
  expect(await found(`from=${at(1)}&to=${at(2)}`)).toEqual(['version']);
  expect(await found('q=OPENSSL')).toEqual(['version']);
  expect(await found(`ciId=${id}&limit=1`)).toEqual(['owner']);
});

test('[HI20] relations and watched files that came, went or changed are drift too; one made anew is none', async () => {
  const { cmdb, graph, get } = await setUp();
  const files = async (ciId: string | null, atMs: number, hash: string) => {
    const data = {
      directories: [{ path: '/etc', state: 'read' as const }],
      files: [{ path: '/etc/hosts', sha256: hash }].map((file) => ({
        ...file,
        sizeBytes: 1,
        modifiedAtMs: 1,
        mode: '0644',
        owner: 'root',
        group: 'root',
        linkTarget: null,
      })),
    };
    const sections = {
      fingerprints: {
        hash: createHash('sha256').update(JSON.stringify(data)).digest('hex'),
        complete: true,
        data,
      },
    };
    return cmdb.applyInventory({
      reporter: { source: 'agent', id: 'web' },
      hostname: 'web',
      scope: { class: 'Server', site: null, tags: [] },
      reporterCiId: ciId,
      body: { atMs, sections },
      nowMs: atMs,
    });
  };
  const { ciId } = await files(null, T0, 'a'.repeat(64));
  const here = await cmdb.create({ class: 'Location', name: 'Room 1' }, 'user:anna', T0);
  const there = await cmdb.create({ class: 'Location', name: 'Room 2' }, 'user:anna', T0);
  const by = (days: number) => ({ actor: 'user:anna', source: 'human' as const, nowMs: T0 + days * DAY_MS });
  const tie = async (toId: string, days: number) => {
    await graph.end(
      graph.from(ciId, 'locatedAt').map(({ id }) => id),
      by(days),
    );
    await graph.relate([{ type: 'locatedAt', fromId: ciId, toId }], by(days));
  };
  await tie(here.id, 0.5);
  await tie(there.id, 2);
  await files(ciId, T0 + 2 * DAY_MS, 'b'.repeat(64));
  await files(ciId, T0 + 4 * DAY_MS, 'a'.repeat(64));
  const moved = await get<DriftAnswer>(`/drift?from=${at(1)}&to=${at(3)}&class=Server`);
  expect(moved).toMatchObject({ different: 1, counts: { relation: 2, file: 1 } });
  expect(moved.items.map(({ kind, change, thing, attribute }) => [kind, change, thing, attribute])).toEqual([
    ['relation', 'removed', 'Room 1', 'locatedAt'],
    ['relation', 'added', 'Room 2', 'locatedAt'],
    ['file', 'changed', '/etc/hosts', null],
  ]);
  // The file is as it was again, and so is the relation.
  await tie(here.id, 5);
  expect(await get(`/drift?from=${at(1)}&to=${at(6)}&class=Server`)).toMatchObject({
    different: 0,
    total: 0,
  });
});

test('[HI20] of a baseline, single items can be compared', async () => {
  const { cmdb, call, get } = await setUp();
  const make = (name: string) => cmdb.create({ class: 'Supplier', name }, 'user:anna', T0);
  const [one, two] = [await make('One'), await make('Two')];
  const made = await call('operator', 'POST', '/baselines', {
    name: 'Chosen',
    group: { ids: [one.id, two.id] },
    at: toIso(T0 + DAY_MS),
  });
  const { id } = made.body as { id: string };
  for (const each of [one, two]) await cmdb.edit(each.id, { owner: 'Bo' }, 'user:anna', T0 + 2 * DAY_MS);
  expect(await get(`/drift?baseline=${id}`)).toMatchObject({ compared: 2, total: 2 });
  expect(await get(`/drift?baseline=${id}&ids=${two.id}`)).toMatchObject({
    compared: 1,
    items: [{ ciId: two.id, attribute: 'owner', after: 'Bo' }],
  });
});

test('[HI51] the changes of an item include those of what was merged into it', async () => {
  const { merging, report, get } = await setUp();
  const one = await report('web-01', T0, { openssl: '1' });
  const two = await report('web-02', T0 + 1, { curl: '1' });
  await report('web-02', T0 + DAY_MS, { curl: '2' }, two);
  await merging.merge(one, [two], 'user:anna', T0 + 2 * DAY_MS);
  const { items } = await get<{ items: { ciId: string; attribute: string | null }[] }>(
    `/history?ciId=${one}`,
  );
  expect(items.map(({ attribute }) => attribute)).toContain('version');
  expect(new Set(items.map(({ ciId }) => ciId))).toEqual(new Set([one, two]));
});
