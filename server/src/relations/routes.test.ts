import { expect, test } from 'vitest';
import type { ImpactItem, Relation } from '@muster/shared/api/cmdb.ts';
import type { MapAnswer, ServiceDetail, ServiceSummary } from '@muster/shared/api/relations.ts';
import type { IndependentClass } from '@muster/shared/cmdb/classes.ts';
import type { PresenceState } from '@muster/shared/presence/state.ts';
import { createCmdb } from '../cmdb/cmdb.ts';
import { agent, hashOf, network } from '../cmdb/identity-testing.ts';
import { createTestWeb } from '../http/testing.ts';
import { newId } from '../ids.ts';
import { createMemoryCmdbStore } from '../store/memory/cmdb.ts';
import { createRelationGraph } from './graph.ts';
import { createNodeDirectory } from './nodes.ts';
import { addRelationRoutes } from './routes.ts';
import { createSuggestions } from './suggestions.ts';

async function setUp() {
  const made = await createTestWeb();
  const store = createMemoryCmdbStore();
  const cmdb = await createCmdb({ store, newId, recordAudit: async () => {} });
  const graph = await createRelationGraph({ cmdb, store, newId });
  const report = (what: string, error: unknown) => {
    throw new Error(what, { cause: error });
  };
  const nodes = await createNodeDirectory({ cmdb, store, graph, report });
  const states = new Map<string, PresenceState>();
  addRelationRoutes(made.web.routes, {
    graph,
    nodes,
    store,
    stateOf: (ciId) => states.get(ciId) ?? null,
    openIncidentsOf: (ciId) => (states.get(ciId) === 'silent' ? 1 : 0),
    suggestions: createSuggestions(graph, nodes, () => ['postgres 5432']),
  });
  const ci = async (ciClass: IndependentClass, name: string, state?: PresenceState) => {
    const { id } = await cmdb.create(
      { class: ciClass, name, edit: ciClass === 'Service' ? { set: { users: 40 } } : {} },
      'user:anna',
      1,
    );
    if (state) states.set(id, state);
    return id;
  };
  const call = async <T>(method: string, path: string, body?: unknown) => {
    const answer = await made.call('operator', method, path, body);
    return { status: answer.status, body: answer.body as T };
  };
  return { ...made, call, ci, states, graph, cmdb, store };
}

test('[RE1] relations are said, listed from both ends, ended, and seen as of any time', async () => {
  const { call, ci, advance, clock } = await setUp();
  const [mail, srv] = [await ci('Service', 'mail'), await ci('Server', 'srv', 'up')];
  const said = await call<{ items: Relation[] }>('POST', '/relations', {
    items: [{ type: 'dependsOn', fromId: mail, toId: srv }],
  });
  expect(said).toMatchObject({
    status: 201,
    body: { items: [{ fromName: 'mail', toName: 'srv', toClass: 'Server', source: 'human', inner: false }] },
  });
  const whileItHeld = new Date(clock.now()).toISOString();
  for (const id of [mail, srv])
    expect((await call<{ items: Relation[] }>('GET', `/cis/${id}/relations`)).body.items).toEqual(
      said.body.items,
    );
  advance(1_000);
  expect(await call('DELETE', `/relations/${said.body.items[0]?.id}`)).toMatchObject({ status: 204 });
  expect((await call<{ items: Relation[] }>('GET', `/cis/${mail}/relations`)).body.items).toEqual([]);
  const then = await call<{ items: Relation[] }>('GET', `/cis/${mail}/relations?at=${whileItHeld}`);
  expect(then.body.items).toMatchObject([{ toName: 'srv', endedAt: new Date(clock.now()).toISOString() }]);
  const again = await call<{ items: Relation[] }>('POST', '/relations', {
    items: [{ type: 'dependsOn', fromId: mail, toId: srv, group: 'front', needed: 1 }],
  });
  const withEnded = await call<{ items: Relation[] }>('GET', `/cis/${srv}/relations?ended=1`);
  expect(withEnded.body.items.map(({ id, endedAt, actor }) => [id, endedAt !== null, actor])).toEqual([
    [again.body.items[0]?.id, false, 'token:operator'],
    [said.body.items[0]?.id, true, 'token:operator'],
  ]);
  expect((await call('DELETE', '/relations/rel_none')).status).toBe(404);
  expect((await call('GET', '/cis/ci_none/relations')).status).toBe(404);
});

test('[RE1] a part has the relations that its machine has with it, and none of its neighbours', async () => {
  const { call, cmdb, store } = await setUp();
  const data = network('d0:94:66:01:02:03', 'd0:94:66:01:02:04');
  const { ciId } = await cmdb.applyInventory({
    reporter: agent('a1'),
    hostname: 'web-01',
    scope: { class: 'Server', site: null, tags: [] },
    reporterCiId: null,
    body: { atMs: 5_000, sections: { network: { hash: hashOf(data), complete: true, data } } },
    nowMs: 5_000,
  });
  const part = (await store.parts(ciId)).find(({ name }) => name === 'eno1');
  const answer = await call<{ items: Relation[] }>('GET', `/cis/${part?.id}/relations`);
  expect(answer.status).toBe(200);
  expect(answer.body.items).toMatchObject([
    { type: 'composes', fromId: ciId, fromName: 'web-01', toId: part?.id, toName: 'eno1', inner: true },
  ]);
});

test('[RE3] what reports alone tell and groups where there are none are refused', async () => {
  const { call, ci } = await setUp();
  const [a, b] = [await ci('Server', 'a'), await ci('VirtualMachine', 'b')];
  const post = (item: object) => call('POST', '/relations', { items: [{ fromId: a, toId: b, ...item }] });
  expect((await post({ type: 'composes' })).status).toBe(400);
  expect((await post({ type: 'hosts', group: 'g' })).status).toBe(400);
  expect((await post({ type: 'dependsOn', needed: 2 })).status).toBe(400);
  expect((await post({ type: 'hosts' })).status).toBe(201);
});

test('[MP7] a service is down, degraded, unknown or up by what it stands on, the worst first', async () => {
  const { call, ci, states } = await setUp();
  const [web, mail, idle, dark] = [
    await ci('Service', 'web'),
    await ci('Service', 'mail'),
    await ci('Service', 'idle'),
    await ci('Service', 'dark'),
  ];
  const [a, b, c] = [
    await ci('Server', 'a', 'up'),
    await ci('Server', 'b', 'silent'),
    await ci('Server', 'c'),
  ];
  const put = (id: string, body: unknown) => call<ServiceDetail>('PUT', `/services/${id}/members`, body);
  expect(
    await put(web, { required: [], groups: [{ name: 'front', needed: 1, members: [a, b] }] }),
  ).toMatchObject({
    status: 200,
    body: {
      state: 'degraded',
      because: ['b'],
      spare: 0,
      members: 2,
      redundancy: [{ group: 'front', left: 1, of: 2, needed: 1 }],
      openIncidents: 1,
    },
  });
  await put(mail, { required: [b], groups: [] });
  await put(dark, { required: [c], groups: [] });
  const list = async () =>
    (await call<{ items: ServiceSummary[] }>('GET', '/services')).body.items.map(({ name, state }) => [
      name,
      state,
    ]);
  expect(await list()).toEqual([
    ['mail', 'down'],
    ['web', 'degraded'],
    ['dark', 'unknown'],
    ['idle', 'empty'],
  ]);
  states.set(b, 'up').set(c, 'up');
  expect(await list()).toEqual([
    ['dark', 'up'],
    ['mail', 'up'],
    ['web', 'up'],
    ['idle', 'empty'],
  ]);
  expect(idle).not.toBe('');
  const bad = await put(web, { required: [], groups: [{ name: 'front', needed: 3, members: [a, b] }] });
  expect(bad.status).toBe(400);
  const less = await put(web, { required: [a], groups: [] });
  expect(less.body.membersList.map(({ name, group }) => [name, group])).toEqual([['a', null]]);
});

test('[MP1] the impact of several at once has its totals, its users and the ways', async () => {
  const { call, ci } = await setUp();
  const [web, a, b, anna] = [
    await ci('Service', 'web'),
    await ci('Server', 'a'),
    await ci('Server', 'b'),
    await ci('Person', 'Anna'),
  ];
  await call('PUT', `/services/${web}/members`, {
    required: [],
    groups: [{ name: 'front', needed: 1, members: [a, b] }],
  });
  await call('POST', '/relations', { items: [{ type: 'assignedTo', fromId: a, toId: anna }] });
  const one = await call<{ items: ImpactItem[] }>('GET', `/impact?ci=${a}`);
  expect(one.body).toMatchObject({
    failing: [{ name: 'a' }],
    items: [
      { name: 'web', state: 'degraded', path: ['a', 'web'], redundancy: [{ left: 1 }] },
      { name: 'Anna', state: 'affected' },
    ],
    totals: { degraded: { services: 1 }, lost: { services: 0 }, affected: { persons: 1 } },
    usersLost: 0,
  });
  expect((await call('GET', `/impact?ci=${a},${b}`)).body).toMatchObject({
    totals: { lost: { services: 1 } },
    usersLost: 40,
  });
  expect((await call('GET', `/cis/${web}/depends-on`)).body).toMatchObject({
    items: [
      { name: 'a', alone: false },
      { name: 'b', alone: false },
    ],
  });
});

test('[MP8] the map holds what has relations, by class, site, service or steps around a CI, and counts the rest', async () => {
  const { call, ci } = await setUp();
  const [web, a, b, c] = [
    await ci('Service', 'web'),
    await ci('Server', 'a', 'up'),
    await ci('Server', 'b'),
    await ci('Server', 'c'),
  ];
  await ci('Server', 'alone');
  await call('POST', '/relations', {
    items: [
      { type: 'dependsOn', fromId: web, toId: a },
      { type: 'connectsTo', fromId: a, toId: b },
      { type: 'connectsTo', fromId: b, toId: c },
    ],
  });
  const map = async (query: string) => (await call<MapAnswer>('GET', `/map${query}`)).body;
  const names = (answer: MapAnswer) => answer.nodes.map(({ name }) => name).toSorted();
  const whole = await map('');
  expect([names(whole), whole.edges.length, whole.lonely, whole.types]).toEqual([
    ['a', 'b', 'c', 'web'],
    3,
    1,
    ['dependsOn', 'connectsTo'],
  ]);
  expect(whole.nodes.find(({ name }) => name === 'a')).toMatchObject({ state: 'up', class: 'Server' });
  expect(names(await map('?class=Server'))).toEqual(['a', 'b', 'c']);
  expect(names(await map(`?around=${web}&steps=1`))).toEqual(['a', 'web']);
  expect(names(await map(`?service=${web}`))).toEqual(['a', 'web']);
  expect(names(await map('?type=connectsTo'))).toEqual(['a', 'b', 'c']);
  expect((await call('GET', '/map?around=ci_none')).status).toBe(404);
});

test('[RE9] a machine that three others talk to and no service stands on is suggested', async () => {
  const { call, ci } = await setUp();
  const [db, svc] = [await ci('Server', 'db'), await ci('Service', 'erp')];
  const clients = [await ci('Server', 'x'), await ci('Server', 'y'), await ci('Server', 'z')];
  await call('POST', '/relations', {
    items: clients.map((fromId) => ({ type: 'connectsTo', fromId, toId: db })),
  });
  expect((await call('GET', '/services/suggestions')).body).toMatchObject({
    items: [{ server: { name: 'db' }, clientsTotal: 3, ports: ['postgres 5432'] }],
  });
  await call('PUT', `/services/${svc}/members`, { required: [db], groups: [] });
  expect((await call('GET', '/services/suggestions')).body).toEqual({ items: [] });
});
