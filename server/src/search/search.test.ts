import { expect, test } from 'vitest';
import type { UserRecord } from '../access/store.ts';
import type { ChangeSet, Ci, CmdbStore, Machine, Part } from '../cmdb/store.ts';
import { createMemoryCmdbStore } from '../store/memory/cmdb.ts';
import { createMemoryIncidentStore } from '../store/memory/incidents.ts';
import { createMemorySearchStore } from '../store/memory/search.ts';
import type { AppliedChange } from '../cmdb/cmdb.ts';
import { type Incident, UNTOUCHED } from '../incidents/store.ts';
import { newId } from '../ids.ts';
import { createRelationGraph, type EdgeWish } from '../relations/graph.ts';
import { createSearch } from './search.ts';

const BY = { actor: 'user:anna', source: 'human' as const, nowMs: 1 };

async function setUp(
  sets: readonly ChangeSet[],
  records: readonly Ci[] = [],
  incidents = createMemoryIncidentStore(),
  edges: readonly EdgeWish[] = [],
) {
  const cmdb = createMemoryCmdbStore();
  for (const set of sets) await cmdb.apply(set);
  await cmdb.applyEdits({ cis: records, keys: new Map(), relations: [], history: [] });
  const listeners: ((change: AppliedChange) => void)[] = [];
  const graph = await createRelationGraph({
    cmdb: {
      change: async (decide) => {
        const { edits, result } = await decide();
        await cmdb.applyEdits(edits);
        return result;
      },
    },
    store: cmdb,
    newId,
  });
  if (edges.length > 0) await graph.relate(edges, BY);
  const search = createSearch({
    cmdb: { onApplied: (listener) => void listeners.push(listener) },
    machines: cmdb,
    graph,
    store: createMemorySearchStore(cmdb, incidents),
    users: async () => [USER],
  });
  await search.start();
  const apply = async (set: ChangeSet, store: CmdbStore = cmdb) => {
    await store.apply(set);
    for (const listener of listeners) listener({ ci: set.machine, parts: set.parts, history: set.history });
  };
  const machines = async (text: string) =>
    (await search.ask(text, 5)).machines.items.map(({ item, match }) => [item.name, match.field]);
  const parts = async (text: string) => (await search.ask(text, 5)).parts.items.map(({ item }) => item.name);
  return { search, apply, machines, parts, graph };
}

test('[SE5] machines that were there at the start are found by what is known of them', async () => {
  const { machines } = await setUp([change(machine('ci_1', 'lab-1'))]);
  expect(await machines('pf3x')).toEqual([['lab-1', 'serial']]);
  expect(await machines('a-7')).toEqual([['lab-1', 'assetNumber']]);
  expect(await machines('ci_1')).toEqual([['lab-1', 'id']]);
});

test('[SE5] a change is found at once, and what it replaced no longer', async () => {
  const { machines, apply } = await setUp([change(machine('ci_1', 'old'))]);
  await apply(change(machine('ci_1', 'new')));
  expect([await machines('old'), await machines('new')]).toEqual([[], [['new', 'name']]]);
});

test('[SE5] a stand-in whose machine turned out to be another one is not found', async () => {
  const { machines, apply } = await setUp([]);
  const standIn = { ...machine('ci_1', 'lab'), placeholder: true };
  await apply(change(standIn));
  expect(await machines('lab')).toHaveLength(1);
  await apply(change({ ...standIn, mergedInto: 'ci_2' }));
  expect(await machines('lab')).toEqual([]);
});

test('[SE5] parts are found by serial until they are gone', async () => {
  const disk = part('sda', 'S4EVNX0N');
  const { parts, apply } = await setUp([change(machine('ci_1', 'a'), [disk])]);
  expect(await parts('4evn')).toEqual(['sda']);
  await apply(change(machine('ci_1', 'a'), [{ ...disk, removedAtMs: 5 }]));
  expect(await parts('4evn')).toEqual([]);
});

test('[SE7] records of every class are found beside machines, by number, serial, login, mail and own attributes', async () => {
  const { search } = await setUp([change(machine('ci_1', 'lab'))], RECORDS);
  const records = async (text: string) =>
    (await search.ask(text, 5)).records.items.map(({ item, match }) => [item.class, item.name, match.field]);
  expect(await records('a-901')).toEqual([['Printer', 'Copier', 'assetNumber']]);
  expect(await records('vnb3')).toEqual([['Printer', 'Copier', 'serial']]);
  expect(await records('anna.li')).toEqual([['Person', '李安娜', 'user']]);
  expect(await records('@example.org')).toEqual([['Person', '李安娜', 'mail']]);
  expect(await records('blue tray')).toEqual([['Printer', 'Copier', 'detail']]);
  expect((await search.ask('copier', 5)).machines.items).toEqual([]);
});

test('[SE13] a machine is found by name and login of whom it is assigned to, from the start and through every change', async () => {
  const assigned = { type: 'assignedTo', fromId: 'ci_1', toId: 'ci_q' } as const;
  const own = machine('ci_1', 'lab');
  const used = { ...own, attributes: { ...own.attributes, lastUser: held('wang') } };
  const { machines, apply, graph, search } = await setUp([change(used)], RECORDS, undefined, [assigned]);
  expect(await machines('安娜')).toEqual([['lab', 'user']]);
  expect(await machines('anna.li')).toEqual([['lab', 'user']]);
  await apply(change({ ...used, name: 'lab-2' }));
  expect(await machines('anna.li')).toEqual([['lab-2', 'user']]);
  const person = { ...RECORDS[1], name: 'Li Anna' } as Machine;
  await apply(change(person));
  expect([await machines('安娜'), await machines('li anna')]).toEqual([[], [['lab-2', 'user']]]);
  const [edge] = graph.from('ci_1', 'assignedTo');
  await graph.end([edge?.id ?? ''], BY);
  expect([await machines('li anna'), await machines('wang')]).toEqual([[], [['lab-2', 'user']]]);
  await graph.relate([{ ...assigned, fromId: 'ci_p' }], BY);
  const { records } = await search.ask('li anna', 5);
  expect(records.items.map(({ item }) => item.name)).toEqual(['Li Anna', 'Copier']);
  await apply(change({ ...person, mergedInto: 'archived' }));
  expect((await search.ask('li anna', 5)).records.items).toEqual([]);
});

test('[SE8] a CI that turned out to be another one leads there by its former name, until the two are parted again', async () => {
  const { machines, apply } = await setUp([change(machine('ci_1', 'front')), change(machine('ci_2', 'old'))]);
  await apply(change({ ...machine('ci_2', 'old'), mergedInto: 'ci_1' }));
  expect(await machines('old')).toEqual([['front', 'formerName']]);
  await apply(change(machine('ci_1', 'front-2')));
  expect(await machines('old')).toEqual([['front-2', 'formerName']]);
  await apply(change(machine('ci_2', 'old')));
  expect(await machines('old')).toEqual([['old', 'name']]);
});

test('[SE8] former names are known after a start too, through a chain of mergers', async () => {
  const { machines } = await setUp([
    change(machine('ci_1', 'front')),
    change({ ...machine('ci_2', 'middle'), mergedInto: 'ci_1' }),
    change({ ...machine('ci_3', 'first'), mergedInto: 'ci_2' }),
  ]);
  expect(await machines('first')).toEqual([['front', 'formerName']]);
});

test.each(['INC-0001', 'inc-1', 'inc1', 'inc-01'])(
  '[SE9] an incident is found by its number: %s',
  async (text) => {
    const incidents = createMemoryIncidentStore();
    await incidents.save(INCIDENT, []);
    const { search } = await setUp([], [], incidents);
    expect((await search.ask(text, 5)).incidents.items.map(({ item }) => item.ref)).toEqual(['INC-0001']);
  },
);

test('[SE6] software is told with the number of its machines, the plain name first', async () => {
  const { search } = await setUp([
    change(machine('ci_1', 'a'), [], ['openssl', 'libopenssl-dev']),
    change(machine('ci_2', 'b'), [], ['openssl']),
  ]);
  expect((await search.ask('openssl', 5)).software).toEqual({
    items: [
      { name: 'openssl', machines: 2 },
      { name: 'libopenssl-dev', machines: 1 },
    ],
    more: false,
  });
});

test('[SE6] people are found by either of their names', async () => {
  const { search } = await setUp([]);
  for (const text of ['anna', '安娜'])
    expect((await search.ask(text, 5)).users.items.map(({ id }) => id)).toEqual(['usr_1']);
});

const USER: UserRecord = {
  id: 'usr_1',
  name: 'anna',
  displayName: '李安娜',
  role: 'viewer',
  language: 'zh',
  disabled: false,
  passwordHash: '',
  createdAtMs: 0,
  lastSignInAtMs: null,
};

const held = (value: string) => ({
  value,
  source: 'agent' as const,
  observedAtMs: 1,
  section: 'hardware' as const,
  lockedBy: null,
});

function machine(id: string, name: string): Machine {
  return {
    id,
    name,
    class: 'Workstation',
    subclass: null,
    classLocked: false,
    nameLocked: false,
    lifecycle: 'in_use',
    criticality: 3,
    assetNumber: 'A-77',
    owner: null,
    supportGroup: null,
    serviceHours: null,
    site: null,
    tags: [],
    agentId: null,
    placeholder: false,
    mergedInto: null,
    createdAtMs: 1,
    attributes: { serial: held('PF3XK2'), hostname: held(name.toUpperCase()) },
  };
}

const INCIDENT: Incident = {
  ...UNTOUCHED,
  id: 'inc_1',
  ref: 'INC-0001',
  state: 'new',
  title: { en: 'Disk full', zh: '磁盘已满' },
  description: { en: '', zh: '' },
  impact: 2,
  urgency: 2,
  priority: 2,
  why: { en: '', zh: '' },
  source: 'person',
  ciId: null,
  ciName: null,
  ciClass: null,
  causeKey: null,
  assignee: null,
  holdReason: null,
  resolution: null,
  cause: null,
  action: null,
  needsCause: false,
  alerts: [],
  openedAtMs: 1,
  breachedAtMs: null,
  acknowledgedAtMs: null,
  resolvedAtMs: null,
  restoredAtMs: null,
  closedAtMs: null,
  quietSinceMs: null,
  respondByMs: 2,
  restoreByMs: 3,
  version: 1,
};

const said = (value: string) => ({
  value,
  source: 'human' as const,
  observedAtMs: 1,
  section: null,
  lockedBy: null,
});
const RECORDS: readonly Ci[] = [
  {
    ...machine('ci_p', 'Copier'),
    class: 'Printer',
    assetNumber: 'A-901',
    attributes: { serial: said('VNB3K'), trayColour: said('blue tray') },
  },
  {
    ...machine('ci_q', '李安娜'),
    class: 'Person',
    assetNumber: null,
    attributes: { login: said('anna.li'), mail: said('anna.li2@example.org') },
  },
];

function part(name: string, serial: string): Part {
  return {
    id: `p_${name}`,
    machineId: 'ci_1',
    name,
    class: 'Component',
    section: 'storage',
    keys: [`disk serial ${serial}`],
    attributes: { serial: held(serial) },
    absentReports: 0,
    createdAtMs: 1,
    removedAtMs: null,
  };
}

function change(of: Machine, parts: readonly Part[] = [], software: readonly string[] = []): ChangeSet {
  return {
    machine: of,
    keys: [],
    parts,
    installations: {
      put: software.map((name) => ({
        key: name,
        name,
        version: '1',
        architecture: null,
        publisher: null,
        source: 'dpkg',
        installedAtMs: null,
        sizeBytes: null,
        firstSeenAtMs: 1,
        absentReports: 0,
      })),
      removed: [],
    },
    sections: {},
    history: [],
    traces: [],
  };
}
