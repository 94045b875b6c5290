import { createHash } from 'node:crypto';
import { DAY_MS } from '@muster/shared/time.ts';
import { expect, test } from 'vitest';
import { createTestWeb } from '../http/testing.ts';
import { newId } from '../ids.ts';
import { createMemoryCmdbStore } from '../store/memory/cmdb.ts';
import { createCmdb } from './cmdb.ts';
import { addCmdbRoutes } from './routes.ts';

const NETWORK = {
  interfaces: [
    {
      name: 'eth0',
      mac: '3c:52:82:1a:0b:9e',
      macPermanent: true,
      kind: 'ethernet',
      virtual: false,
      removable: false,
      speedBitsPerSecond: 1e9,
      mtu: 1500,
      state: 'up',
      driver: 'e1000e',
      addresses: [{ address: '10.0.0.7', prefix: 24, family: 'ipv4' }],
    },
  ],
  gateways: [],
  dnsServers: [],
};

async function setUp() {
  const made = await createTestWeb();
  const store = createMemoryCmdbStore();
  const cmdb = await createCmdb({ store, newId, recordAudit: async () => {} });
  addCmdbRoutes(made.web.routes, {
    cmdb,
    store,
    presenceOf: () => undefined,
    unheardState: () => 'unknown',
    openIncidentsOf: () => 0,
  });
  const scope = { class: 'Server' as const, site: 'Hangzhou', tags: [] };
  const report = async (
    agentId: string,
    hostname: string,
    atMs: number,
    reporterCiId: string | null = null,
    network: object = NETWORK,
  ) =>
    cmdb.applyInventory({
      reporter: { source: 'agent', id: agentId },
      hostname,
      scope,
      reporterCiId,
      body: {
        atMs,
        sections: {
          network: {
            hash: createHash('sha256').update(JSON.stringify(network)).digest('hex'),
            complete: true,
            data: network,
          },
        },
      },
      nowMs: atMs,
    });
  const get = async <T>(path: string) => (await made.call('viewer', 'GET', path)).body as T;
  return { ...made, cmdb, store, scope, report, get };
}

interface Listed {
  items: { id: string; name: string; evidenceAt?: string; machine?: { name: string } }[];
  total?: number;
}

test('[CI10] a class of parts is listed over all machines, with its machine and its evidence', async () => {
  const { report, get } = await setUp();
  await report('a1', 'web-01', 5_000);
  const list = await get<Listed>('/cis?class=NetworkInterface&evidence=1&fields=mac');
  expect(list).toMatchObject({
    total: 1,
    items: [
      {
        name: 'eth0',
        class: 'NetworkInterface',
        site: 'Hangzhou',
        machine: { name: 'web-01' },
        evidenceAt: '1970-01-01T00:00:05.000Z',
        attributes: { mac: '3c:52:82:1a:0b:9e' },
      },
    ],
  });
});

test('[CI10] a part has a page with what it is recognised by, its history and its machine', async () => {
  const { report, get } = await setUp();
  const { ciId } = await report('a1', 'web-01', 5_000);
  const [part] = (await get<Listed>('/cis?class=NetworkInterface')).items;
  const id = part?.id ?? '';
  expect(await get(`/cis/${id}`)).toMatchObject({
    name: 'eth0',
    machine: { id: ciId },
    removedAt: null,
    keys: ['mac 3c:52:82:1a:0b:9e eth0', 'mac 3c:52:82:1a:0b:9e', 'name eth0'],
    parts: [],
  });
});

test('[CI10] classes are told with their counts, and what machines can be filtered by', async () => {
  const { report, get } = await setUp();
  await report('a1', 'web-01', 5_000);
  const { items, ...facets } = await get<{ items: { class: string; group: string; count: number }[] }>(
    '/classes',
  );
  expect(items.filter(({ count }) => count > 0)).toEqual([
    { class: 'Server', group: 'machine', count: 1 },
    { class: 'NetworkInterface', group: 'part', count: 1 },
    { class: 'IPAddress', group: 'part', count: 1 },
  ]);
  expect(new Set(items.map(({ group }) => group))).toEqual(new Set(['machine', 'part', 'record']));
  expect(facets).toEqual({
    sites: [{ value: 'Hangzhou', count: 1 }],
    owners: [{ value: null, count: 1 }],
    lifecycles: [{ value: 'in_use', count: 1 }],
  });
});

test('[CI10] what no report has confirmed for so many days is found by its age', async () => {
  const { report, get, nowMs } = await setUpAged();
  await report('a1', 'web-01', nowMs - 10 * DAY_MS);
  const names = async (days: number) =>
    (await get<Listed>(`/cis?staleDays=${days}`)).items.map(({ name }) => name);
  expect([await names(9), await names(11)]).toEqual([['web-01'], []]);
});

async function setUpAged() {
  const made = await setUp();
  const nowMs = made.clock.now();
  return { ...made, nowMs };
}

/** Two built-in ports: enough to be recognised by. */
const TWO_PORTS = {
  ...NETWORK,
  interfaces: [
    ...NETWORK.interfaces,
    ...NETWORK.interfaces.map((one) => ({ ...one, name: 'eth1', mac: '3c:52:82:1a:0b:9f' })),
  ],
};

test('[ID1] a stand-in whose machine was known already says which one that is', async () => {
  const { report, cmdb, scope, get } = await setUp();
  const { ciId } = await report('a1', 'web-01', 5_000, null, TWO_PORTS);
  const standIn = await cmdb.placeholder({ agentId: 'a2', hostname: 'web-01', scope }, 6_000);
  expect(await get(`/cis/${standIn}`)).toMatchObject({ mergedInto: null });
  expect((await report('a2', 'web-01', 7_000, standIn, TWO_PORTS)).ciId).toBe(ciId);
  expect(await get(`/cis/${standIn}`)).toMatchObject({ mergedInto: { id: ciId, name: 'web-01' } });
  expect((await get<Listed>('/cis')).items.map(({ id }) => id)).toEqual([ciId]);
});
