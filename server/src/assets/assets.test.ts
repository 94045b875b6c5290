import type {
  AssetRow,
  Assignment,
  LocationNode,
  Stocktake,
  StocktakeItem,
} from '@muster/shared/api/assets.ts';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import { NO_OWN_CLASSES } from '@muster/shared/cmdb/class-registry.ts';
import { DAY_MS } from '@muster/shared/time.ts';
import { expect, test } from 'vitest';
import { createCmdb } from '../cmdb/cmdb.ts';
import { createTestWeb, TEST_START_MS } from '../http/testing.ts';
import { newId } from '../ids.ts';
import { createRelationGraph } from '../relations/graph.ts';
import { createMemoryAssetStore } from '../store/memory/assets.ts';
import { createMemoryCmdbStore } from '../store/memory/cmdb.ts';
import type { CiEdit } from '../cmdb/edit.ts';
import type { IndependentClass } from '@muster/shared/cmdb/classes.ts';
import { createArchive } from './archive.ts';
import { createAssets } from './assets.ts';
import { createAssetNumberer } from './numbers.ts';
import { addAssetRoutes } from './routes.ts';

async function setUp() {
  const made = await createTestWeb();
  const cmdbStore = createMemoryCmdbStore();
  const store = createMemoryAssetStore();
  const registry = () => NO_OWN_CLASSES;
  const numberer = await createAssetNumberer({ store, registry });
  const cmdb = await createCmdb({
    store: cmdbStore,
    newId,
    recordAudit: async () => {},
    numberFor: numberer.next,
  });
  const graph = await createRelationGraph({ cmdb, store: cmdbStore, newId });
  const heard = new Map<string, number>();
  const assets = await createAssets({
    cmdb,
    cmdbStore,
    graph,
    store,
    numberer,
    registry,
    newId,
    lastSeenMs: (id) => heard.get(id) ?? null,
  });
  const archive = createArchive({ cmdb, cmdbStore, graph, newId });
  const labels = new Map<string, readonly string[]>();
  const isLabelled = (id: string, label: string) => labels.get(id)?.includes(label) ?? false;
  const deps = { archive, assets, numberer, store, cmdb, cmdbStore, graph, registry, isLabelled };
  addAssetRoutes(made.web.routes, deps);
  const create = (ofClass: IndependentClass, name: string, edit: CiEdit = {}) =>
    cmdb.create({ class: ofClass, name, edit }, 'user:anna', made.clock.now());
  const api = async <T>(method: string, path: string, body?: unknown) => {
    const answer = await made.call('operator', method, path, body);
    return { status: answer.status, body: answer.body as T & { code?: string; detail?: string } };
  };
  const at = (fromId: string, toId: string) =>
    graph.relate([{ type: 'locatedAt', fromId, toId }], {
      actor: 'user:anna',
      source: 'human',
      nowMs: made.clock.now(),
    });
  return { ...made, cmdb, cmdbStore, graph, create, api, at, heard, labels };
}

test('[AS4] new ones are numbered by the pattern of their class; taken numbers are passed over', async () => {
  const { create, call, cmdb } = await setUp();
  await create('Workstation', 'pc-0', { assetNumber: 'PC-2026-0002' });
  const put = await call('admin', 'PUT', '/asset-settings/Workstation', {
    pattern: 'PC-{year}-{seq:4}',
    lifeMonths: 36,
  });
  expect(put.body).toEqual({
    class: 'Workstation',
    pattern: 'PC-{year}-{seq:4}',
    next: 'PC-2026-0001',
    lifeMonths: 36,
  });
  const made = await Promise.all(['a', 'b', 'c'].map((name) => create('Workstation', name)));
  expect(made.map(({ assetNumber }) => assetNumber)).toEqual([
    'PC-2026-0001',
    'PC-2026-0003',
    'PC-2026-0004',
  ]);
  expect((await create('Printer', 'lp')).assetNumber).toBeNull();
  expect(cmdb.holderOf('pc-2026-0003')?.name).toBe('b');
});

test('[AS4] one without a number gets the next; a class without a pattern says so', async () => {
  const { create, call, api } = await setUp();
  const { id } = await create('Printer', 'lp');
  expect((await api('POST', `/assets/${id}/number`)).status).toBe(400);
  await call('admin', 'PUT', '/asset-settings/Printer', { pattern: 'PR{seq:3}', lifeMonths: 60 });
  expect((await api('POST', `/assets/${id}/number`)).body).toEqual({ id, assetNumber: 'PR001' });
  expect((await api('POST', `/assets/${id}/number`)).status).toBe(409);
  expect((await api('GET', '/assets/by-number?number=pr001')).body).toMatchObject({ id });
  expect((await api('GET', '/assets/by-number?number=zzz')).status).toBe(404);
});

test('[AS20] handed out it is in use and tied to the person, who is added where nobody knows them', async () => {
  const { create, api, graph, cmdbStore } = await setUp();
  const { id } = await create('Workstation', 'pc-1', { lifecycle: 'in_stock' });
  const out = await api<Assignment>('POST', `/assets/${id}/check-out`, {
    personName: 'Liu Fang',
    condition: 'good',
    due: '2026-02-01',
  });
  expect(out.body).toMatchObject({ kind: 'out', lifecycle: 'in_use', due: '2026-02-01', endedAt: null });
  expect(graph.from(id, 'assignedTo').map(({ toId }) => toId)).toEqual([out.body.person.id]);
  expect((await cmdbStore.ci(id))?.lifecycle).toBe('in_use');
  const people = await cmdbStore.records('Person');
  expect(people.map(({ name }) => name)).toEqual(['Liu Fang']);
});

test('[AS20] handed on, who had it gives it up; both rows stay', async () => {
  const { create, api, graph } = await setUp();
  const { id } = await create('Workstation', 'pc-1');
  await api('POST', `/assets/${id}/check-out`, { personName: 'Liu Fang', condition: 'good' });
  await api('POST', `/assets/${id}/check-out`, { personName: 'Wang Wei', condition: 'worn' });
  const { body } = await api<{ items: Assignment[] }>('GET', `/assignments?ci=${id}`);
  expect(body.items.map(({ kind, person, endedAt }) => [kind, person.name, endedAt !== null])).toEqual([
    ['out', 'Wang Wei', false],
    ['in', 'Liu Fang', false],
    ['out', 'Liu Fang', true],
  ]);
  expect(graph.from(id, 'assignedTo')).toHaveLength(1);
});

test('[AS21] taken back it goes into stock or repair with its condition; nobody has it then', async () => {
  const { create, api, graph, cmdbStore } = await setUp();
  const { id } = await create('Workstation', 'pc-1');
  expect((await api('POST', `/assets/${id}/check-in`, { condition: 'good' })).status).toBe(409);
  await api('POST', `/assets/${id}/check-out`, { personName: 'Liu Fang', condition: 'good' });
  const back = await api<Assignment>('POST', `/assets/${id}/check-in`, {
    condition: 'damaged',
    note: 'screen broken',
    to: 'in_repair',
  });
  expect(back.body).toMatchObject({ kind: 'in', lifecycle: 'in_repair', condition: 'damaged' });
  const ci = await cmdbStore.ci(id);
  expect([ci?.lifecycle, ci?.attributes['condition']?.value]).toEqual(['in_repair', 'damaged']);
  expect(graph.from(id, 'assignedTo')).toEqual([]);
  const open = await api<{ items: Assignment[] }>('GET', '/assignments?state=open');
  expect(open.body.items).toEqual([]);
});

test('[AS20] what is retired or no thing is not handed out', async () => {
  const { create, api } = await setUp();
  const retired = await create('Workstation', 'pc-1', { lifecycle: 'retired' });
  const person = await create('Person', 'Liu Fang');
  const hand = (id: string, body: object = { personName: 'x' }) =>
    api('POST', `/assets/${id}/check-out`, { condition: 'good', ...body });
  expect((await hand(retired.id)).body.code).toBe('transition-not-allowed');
  expect((await hand(person.id)).status).toBe(400);
  const { id } = await create('Workstation', 'pc-2');
  expect((await hand(id, { personId: retired.id })).status).toBe(404);
  expect((await hand(id, {})).status).toBe(400);
});

test('[AS22] what is not back by its day is overdue', async () => {
  const { create, api, advance } = await setUp();
  const { id } = await create('Workstation', 'pc-1');
  await api('POST', `/assets/${id}/check-out`, { personName: 'Liu', condition: 'good', due: '2026-01-03' });
  const overdue = async () =>
    (await api<{ items: Assignment[] }>('GET', '/assignments?state=overdue')).body.items;
  advance(DAY_MS);
  expect(await overdue()).toEqual([]);
  advance(DAY_MS);
  expect((await overdue()).map(({ ci }) => ci.name)).toEqual(['pc-1']);
});

test('[AS30] [AS31] the list says age, warranty and value, what ends first first', async () => {
  const { create, api } = await setUp();
  const buy = (purchaseDate: string, warrantyEnd: string) => ({
    set: { purchaseDate, warrantyEnd, cost: 4800, currency: 'CNY' },
  });
  await create('Workstation', 'new', buy('2026-01-01', '2029-01-01'));
  await create('Printer', 'old', buy('2020-01-01', '2023-01-01'));
  await create('Workstation', 'ends', buy('2024-01-01', '2026-02-01'));
  await create('Workstation', 'gone', { ...buy('2019-01-01', '2020-01-01'), lifecycle: 'disposed' });
  const list = async (query: string) => {
    const { body } = await api<{ items: AssetRow[] }>('GET', `/assets${query}`);
    return body.items.map(({ name }) => name);
  };
  const { body } = await api<{ items: AssetRow[]; total: number }>('GET', '/assets');
  expect(body.total).toBe(4);
  expect(body.items.find(({ name }) => name === 'ends')).toMatchObject({
    ageMonths: 24,
    warrantyDays: 30,
    value: 2400,
  });
  expect(await list('?filter=warranty-over')).toEqual(['old']);
  expect(await list('?filter=warranty-ending')).toEqual(['ends']);
  expect(await list('?filter=due')).toEqual(['old']);
  expect(await list('?class=Printer')).toEqual(['old']);
  expect(await list('?q=EN')).toEqual(['ends']);
});

test('[AS32] the list is filtered by a label of the agent configuration, with its value or any', async () => {
  const { create, api, labels } = await setUp();
  const one = await create('Workstation', 'pc-1');
  const other = await create('Workstation', 'pc-2');
  await create('Workstation', 'pc-3');
  labels.set(one.id, ['env', 'env=test=1']);
  labels.set(other.id, ['env', 'env=live']);
  const list = async (label: string) => {
    const query = new URLSearchParams({ label }).toString();
    const { body } = await api<{ items: AssetRow[]; total: number }>('GET', `/assets?${query}`);
    expect(body.total).toBe(body.items.length);
    return body.items.map(({ name }) => name).sort();
  };
  expect(await list('env=live')).toEqual(['pc-2']);
  expect(await list('env=test=1')).toEqual(['pc-1']);
  expect(await list('env')).toEqual(['pc-1', 'pc-2']);
  expect(await list('en')).toEqual([]);
});

test('[AS35] locations are a tree, each with what is there and below', async () => {
  const { create, api, at } = await setUp();
  const [hq, room] = [await create('Location', 'HQ'), await create('Location', 'Room 1')];
  const pc = await create('Workstation', 'pc');
  await at(room.id, hq.id);
  await at(pc.id, room.id);
  const { body } = await api<{ items: LocationNode[] }>('GET', '/locations');
  expect(
    body.items.map(({ name, parentId, assets, assetsBelow }) => [name, parentId, assets, assetsBelow]),
  ).toEqual([
    ['HQ', null, 0, 1],
    ['Room 1', hq.id, 1, 1],
  ]);
});

test('[AS40] [AS41] a count tells what was found, only heard, missing and not expected there', async () => {
  const { create, api, at, heard } = await setUp();
  const [hq, room] = [await create('Location', 'HQ'), await create('Location', 'Room 1')];
  await at(room.id, hq.id);
  const make = async (name: string, place: string | null, edit: CiEdit = {}) => {
    const ci = await create('Workstation', name, { assetNumber: name.toUpperCase(), ...edit });
    if (place !== null) await at(ci.id, place);
    return ci;
  };
  await make('found', room.id);
  const seen = await make('seen', hq.id);
  await make('missing', room.id);
  await make('retired', room.id, { lifecycle: 'retired' });
  await make('elsewhere', null);
  heard.set(seen.id, TEST_START_MS);
  const { body: count } = await api<Stocktake>('POST', '/stocktakes', { name: 'Spring', locationId: hq.id });
  expect(count.counts).toEqual({ expected: 3, found: 0, seen: 1, missing: 2, unexpected: 0 });
  const scan = (code: string) => api<StocktakeItem>('POST', `/stocktakes/${count.id}/scans`, { code });
  expect((await scan('found')).body.state).toBe('found');
  expect((await scan('FOUND')).body.state).toBe('found');
  expect((await scan('elsewhere')).body.state).toBe('unexpected');
  expect((await scan('no-such-number')).body).toMatchObject({ id: null, state: 'unexpected' });
  const { body } = await api<Stocktake & { items: StocktakeItem[] }>('GET', `/stocktakes/${count.id}`);
  expect(body.counts).toEqual({ expected: 3, found: 1, seen: 1, missing: 1, unexpected: 2 });
  await api('POST', `/stocktakes/${count.id}/end`);
  expect((await scan('missing')).status).toBe(409);
  await make('later', room.id);
  const after = await api<Stocktake>('GET', `/stocktakes/${count.id}`);
  expect(after.body.counts).toEqual(body.counts);
});

test('[AS30] the asset side of one CI; a person has none', async () => {
  const { create, api } = await setUp();
  const { id } = await create('Workstation', 'pc', { set: { cost: 480, purchaseDate: '2025-01-02' } });
  expect((await api<AssetRow>('GET', `/assets/${id}`)).body).toMatchObject({
    value: 360,
    monthsLeft: 36,
    open: null,
  });
  const person = await create('Person', 'Liu');
  expect((await api<CiDetail>('GET', `/assets/${person.id}`)).status).toBe(404);
});

test('[AS60] a record is taken off the books and put back with its number and relations', async () => {
  const { create, api, at, graph, cmdb } = await setUp();
  const room = await create('Location', 'Room 1');
  const { id } = await create('Printer', 'lp', { assetNumber: 'P-1' });
  await at(id, room.id);
  expect((await api('POST', `/cis/${id}/archive`)).body).toEqual({ id, name: 'lp' });
  expect([cmdb.holderOf('P-1'), graph.from(id)]).toEqual([undefined, []]);
  expect((await api<{ items: AssetRow[] }>('GET', '/assets')).body.items).toEqual([]);
  expect((await api('POST', `/cis/${id}/archive`)).status).toBe(409);
  expect((await api('POST', `/cis/${id}/unarchive`)).status).toBe(200);
  expect(cmdb.holderOf('P-1')?.id).toBe(id);
  expect(graph.from(id, 'locatedAt').map(({ toId }) => toId)).toEqual([room.id]);
  expect((await api('POST', `/cis/${id}/unarchive`)).status).toBe(409);
});

test('[AS60] it is not put back while another thing has its number', async () => {
  const { create, api } = await setUp();
  const { id } = await create('Printer', 'lp', { assetNumber: 'P-1' });
  await api('POST', `/cis/${id}/archive`);
  await create('Printer', 'lp-2', { assetNumber: 'p-1' });
  expect((await api('POST', `/cis/${id}/unarchive`)).body.code).toBe('asset-number-taken');
});

test('[AS20] what is off the books, retired or disposed of is handed to nobody, and to nobody who is off the books', async () => {
  const { create, api, cmdbStore } = await setUp();
  const hand = (id: string, to: object) =>
    api('POST', `/assets/${id}/check-out`, { condition: 'good', ...to });
  for (const lifecycle of ['retired', 'disposed'] as const) {
    const { id } = await create('Workstation', lifecycle, { lifecycle });
    expect((await hand(id, { personName: 'Liu' })).body.code).toBe('transition-not-allowed');
  }
  const person = await create('Person', 'Wang');
  const { id } = await create('Workstation', 'pc-1', { lifecycle: 'in_stock' });
  await api('POST', `/cis/${person.id}/archive`);
  expect((await hand(id, { personId: person.id })).status).toBe(404);
  expect((await hand(id, { personName: 'wang' })).status).toBe(200);
  expect((await cmdbStore.records('Person')).filter(({ mergedInto }) => mergedInto === null)).toHaveLength(1);
  const gone = await create('Workstation', 'pc-2', { lifecycle: 'in_stock' });
  await api('POST', `/cis/${gone.id}/archive`);
  expect((await hand(gone.id, { personName: 'Liu' })).status).toBe(409);
});

test('[AS35] a location that is off the books is in no tree', async () => {
  const { create, api } = await setUp();
  const { id } = await create('Location', 'Room 1');
  await api('POST', `/cis/${id}/archive`);
  expect((await api<{ items: LocationNode[] }>('GET', '/locations')).body.items).toEqual([]);
});
