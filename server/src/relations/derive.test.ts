import { expect, test } from 'vitest';
import type { SectionInput } from '@muster/shared/inventory/sections.ts';
import type { IndependentClass } from '@muster/shared/cmdb/classes.ts';
import { DAY_MS } from '@muster/shared/time.ts';
import { createCmdb } from '../cmdb/cmdb.ts';
import { newId } from '../ids.ts';
import { createMemoryCmdbStore } from '../store/memory/cmdb.ts';
import { contains, isLocal, networkOf } from './cidr.ts';
import { createDeriver } from './derive.ts';
import { createRelationGraph } from './graph.ts';

const UUID = '4c4c4544-0042-3510-8052-b4c04f4b5931';
const SWAPPED = '44454c4c-4200-1035-8052-b4c04f4b5931';

function network(address: string, gateway?: string): SectionInput['network'] {
  return {
    interfaces: [
      {
        name: 'eth0',
        mac: null,
        macPermanent: false,
        kind: 'ethernet',
        virtual: false,
        removable: false,
        speedBitsPerSecond: null,
        mtu: null,
        state: 'up',
        driver: null,
        addresses: [{ address, prefix: 24, family: 'ipv4' }],
      },
    ],
    gateways: gateway === undefined ? [] : [{ address: gateway, interface: 'eth0' }],
    dnsServers: [],
  };
}

async function setUp() {
  const store = createMemoryCmdbStore();
  const cmdb = await createCmdb({ store, newId, recordAudit: async () => {} });
  const graph = await createRelationGraph({ cmdb, store, newId });
  const deriver = createDeriver({ cmdb, store, graph });
  let atMs = 1_000_000;
  const ids = new Map<string, string>();
  const report = async (name: string, sections: Partial<SectionInput>) => {
    atMs += DAY_MS / 2;
    const { ciId } = await cmdb.applyInventory({
      reporter: { source: 'agent', id: name },
      hostname: name,
      scope: { class: null, site: null, tags: [] },
      reporterCiId: ids.get(name) ?? null,
      body: {
        atMs,
        sections: Object.fromEntries(
          Object.entries(sections).map(([section, data]) => [
            section,
            { hash: `${name} ${atMs}`, complete: true, data },
          ]),
        ),
      },
      nowMs: atMs,
    } as unknown as Parameters<typeof cmdb.applyInventory>[0]);
    ids.set(name, ciId);
    await deriver.tick(atMs);
    return ciId;
  };
  const edges = () =>
    [...graph.all()].map(({ type, fromId, toId, source }) => ({ type, fromId, toId, source }));
  const record = async (ciClass: IndependentClass, name: string, set: Record<string, unknown> = {}) =>
    (await cmdb.create({ class: ciClass, name, edit: { set } }, 'user:anna', atMs)).id;
  return { store, cmdb, graph, deriver, report, edges, record, nowMs: () => atMs };
}
const outgoing = (address: string, port = 5432) => ({
  outgoing: [{ protocol: 'tcp' as const, address, port, process: 'app' }],
});
const listening = (port: number) => ({
  listening: [{ protocol: 'tcp' as const, address: '0.0.0.0', port, process: 'postgres', user: null }],
});

test('[RE7] a connection leads to the one machine that holds the address and listens there', async () => {
  const { report, edges, deriver } = await setUp();
  const db = await report('db', { network: network('10.0.0.5'), sockets: listening(5432) });
  const app = await report('app', { network: network('10.0.0.6'), sockets: outgoing('10.0.0.5') });
  expect(edges()).toEqual([{ type: 'connectsTo', fromId: app, toId: db, source: 'agent' }]);
  expect(deriver.portsOf(db)).toEqual(['postgres 5432']);
  await report('other', { network: network('10.0.0.7'), sockets: outgoing('10.0.0.5', 9999) });
  expect(edges()).toHaveLength(1);
});

test('[RE7] a host carries the machine of the UUID in either byte order', async () => {
  for (const uuid of [UUID, SWAPPED]) {
    const { report, edges, cmdb, store, nowMs } = await setUp();
    const vm = await cmdb.create({ class: 'VirtualMachine', name: 'vm' }, 'user:anna', 1);
    await store.applyEdits({
      cis: [vm],
      keys: new Map([[vm.id, [{ kind: 'uuid', value: UUID }]]]),
      relations: [],
      history: [],
    });
    const guest = {
      name: 'vm',
      id: uuid,
      kind: 'virtual-machine' as const,
      hypervisor: 'kvm',
      state: 'running' as const,
      memoryBytes: null,
      cpus: null,
      image: null,
    };
    const host = await report('host', {
      guests: { guests: [guest, { ...guest, id: 'abc', kind: 'container' as const }] },
    });
    expect(edges()).toEqual([{ type: 'hosts', fromId: host, toId: vm.id, source: 'agent' }]);
    expect(nowMs()).toBeGreaterThan(0);
  }
});

test('[RE8] a gateway that nobody of the network names any more ends; one of two that somebody names stays', async () => {
  const { report, edges, record } = await setUp();
  const subnet = await record('Subnet', 'office', { cidr: '10.0.0.0/24' });
  const before = await report('before', { network: network('10.0.0.1') });
  const after = await report('after', { network: network('10.0.0.2') });
  await report('pc', { network: network('10.0.0.5', '10.0.0.1') });
  await report('other', { network: network('10.0.0.6', '10.0.0.1') });
  const gateways = () =>
    edges().flatMap(({ type, fromId, toId }) => (type === 'gatewayOf' && toId === subnet ? fromId : []));
  for (let day = 0; day < 10; day++) {
    await report('pc', { network: network('10.0.0.5', '10.0.0.2') });
    await report('other', { network: network('10.0.0.6', '10.0.0.1') });
  }
  expect(gateways()).toEqual([before, after]);
  for (let day = 0; day < 10; day++)
    for (const [name, address] of [
      ['pc', '10.0.0.5'],
      ['other', '10.0.0.6'],
    ] as const)
      await report(name, { network: network(address, '10.0.0.2') });
  expect(gateways()).toEqual([after]);
});

test('[RE7] membership follows the network of a subnet record, its gateway who holds the address', async () => {
  const { report, edges, record } = await setUp();
  const subnet = await record('Subnet', 'office', { cidr: '10.0.0.0/24' });
  await record('Subnet', 'elsewhere', { cidr: '10.0.1.0/24' });
  const router = await report('router', { network: network('10.0.0.1') });
  const pc = await report('pc', { network: network('10.0.0.9', '10.0.0.1') });
  expect(edges()).toEqual([
    { type: 'memberOf', fromId: router, toId: subnet, source: 'agent' },
    { type: 'memberOf', fromId: pc, toId: subnet, source: 'agent' },
    { type: 'gatewayOf', fromId: router, toId: subnet, source: 'agent' },
  ]);
});

test('[RE8] what a person ended stays ended, and what a person said is not ended by reports', async () => {
  const { report, edges, graph, nowMs } = await setUp();
  const db = await report('db', { network: network('10.0.0.5'), sockets: listening(5432) });
  const app = await report('app', { network: network('10.0.0.6'), sockets: outgoing('10.0.0.5') });
  const [edge] = graph.from(app, 'connectsTo');
  await graph.end([edge?.id ?? ''], { actor: 'user:anna', source: 'human', nowMs: nowMs() });
  await report('app', { network: network('10.0.0.6'), sockets: outgoing('10.0.0.5') });
  expect(edges()).toEqual([]);
  await graph.relate([{ type: 'connectsTo', fromId: app, toId: db }], {
    actor: 'user:anna',
    source: 'human',
    nowMs: nowMs(),
  });
  for (let day = 0; day < 100; day++) await report('app', { sockets: {} });
  expect(edges()).toEqual([{ type: 'connectsTo', fromId: app, toId: db, source: 'human' }]);
});

test('[RE8] an edge ends only when it was missed often and long enough, and coming and going leaves no trail', async () => {
  const { report, edges, graph, store } = await setUp();
  const db = await report('db', { network: network('10.0.0.5'), sockets: listening(5432) });
  const app = await report('app', { network: network('10.0.0.6'), sockets: outgoing('10.0.0.5') });
  for (let turn = 0; turn < 20; turn++) {
    await report('app', { sockets: {} });
    await report('app', { sockets: outgoing('10.0.0.5') });
  }
  expect(graph.from(app, 'connectsTo').map(({ toId }) => toId)).toEqual([db]);
  const rows = (await store.history({ machineId: app, limit: 200 })).items.filter(
    ({ attribute }) => attribute === 'relation:connectsTo',
  );
  expect(rows).toHaveLength(1);
  for (let half = 0; half < 69; half++) await report('app', { sockets: {} });
  expect(edges()).toHaveLength(1);
  for (let half = 0; half < 3; half++) await report('app', { sockets: {} });
  expect(edges()).toEqual([]);
});

test('[RE7] an address lies in a network by its bits, in IPv4 and IPv6', () => {
  const lies = (network_: string, address: string) => {
    const parsed = networkOf(network_);
    return parsed !== null && contains(parsed, address);
  };
  expect([
    lies('10.0.0.0/24', '10.0.0.255'),
    lies('10.0.0.0/24', '10.0.1.0'),
    lies('0.0.0.0/0', '1.2.3.4'),
    lies('10.0.0.7/32', '10.0.0.7'),
  ]).toEqual([true, false, true, true]);
  expect([
    lies('fd00::/64', 'fd00::1:2'),
    lies('fd00::/64', 'fd00:0:0:1::1'),
    lies('10.0.0.0/8', 'fd00::1'),
  ]).toEqual([true, false, false]);
  for (const bad of ['', '10.0.0.0', '10.0.0/24', '10.0.0.0/33', '300.0.0.0/8', 'fd00::1::/64', 'x/8'])
    expect(networkOf(bad)).toBeNull();
  expect(['127.0.0.1', '::1', 'fe80::1', '169.254.1.1', '10.0.0.1'].map(isLocal)).toEqual([
    true,
    true,
    true,
    true,
    false,
  ]);
});
