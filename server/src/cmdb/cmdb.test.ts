import { createHash } from 'node:crypto';
import { setImmediate as othersTurn } from 'node:timers/promises';
import type { Snapshot } from '@muster/shared/inventory/sections.ts';
import type { InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import { InventoryBody } from '@muster/shared/wire/frame-bodies.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AuditEvent } from '../access/audit.ts';
import { newId } from '../ids.ts';
import { createMemoryCmdbStore } from '../store/memory/cmdb.ts';
import { createCmdb } from './cmdb.ts';

const NO_SCOPE = { class: null, site: null, tags: [] };

async function setUp() {
  const store = createMemoryCmdbStore();
  const audit: AuditEvent[] = [];
  const cmdb = await createCmdb({ store, newId, recordAudit: async (event) => void audit.push(event) });
  let nowMs = 1_000;
  let reporterCiId: string | null = null;
  /** One report of one agent; `undefined` data confirms what is held. */
  async function report(sections: Snapshot, options: { complete?: boolean; agentId?: string } = {}) {
    nowMs += 1_000;
    const body = {
      atMs: nowMs,
      sections: Object.fromEntries(
        Object.entries(sections).map(([name, data]) => [
          name,
          { hash: hashOf(data), complete: options.complete ?? true, data },
        ]),
      ),
    };
    const result = await cmdb.applyInventory({
      reporter: { source: 'agent', id: options.agentId ?? 'a1' },
      hostname: 'web-01',
      scope: NO_SCOPE,
      reporterCiId: options.agentId ? null : reporterCiId,
      body,
      nowMs,
    });
    if (!options.agentId) reporterCiId = result.ciId;
    return result;
  }
  /** The agent says that a section is as it was. */
  async function confirm(section: InventorySection, hash: string) {
    nowMs += 1_000;
    const body = { atMs: nowMs, sections: { [section]: { hash, complete: true } } };
    return cmdb.applyInventory({
      reporter: { source: 'agent', id: 'a1' },
      hostname: 'web-01',
      scope: NO_SCOPE,
      reporterCiId,
      body: InventoryBody.parse(body),
      nowMs,
    });
  }
  const history = async (ciId: string) =>
    (await store.history({ machineId: ciId, limit: 500 })).items.toReversed();
  return { store, cmdb, audit, report, confirm, history };
}

function hashOf(data: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(data) ?? '')
    .digest('hex');
}

describe('reports', () => {
  test('[CI4] the first report makes a machine with parts and software, and one history row', async () => {
    const { report, store, history, cmdb } = await setUp();
    const { ciId, decision } = await report({
      hardware: hardware(),
      os: os(),
      network: network(),
      software: software({ openssl: '3.0.1' }),
    });
    expect(decision).toMatchObject({ decision: 'created', rule: 'new' });
    expect(await store.machine(ciId)).toMatchObject({
      name: 'web-01',
      placeholder: false,
      lifecycle: 'in_use',
    });
    expect((await store.parts(ciId)).map((part) => part.class)).toEqual([
      'Component',
      'IPAddress',
      'NetworkInterface',
      'OperatingSystem',
    ]);
    expect(await store.installations(ciId)).toMatchObject([{ name: 'openssl', version: '3.0.1' }]);
    expect((await history(ciId)).map(({ kind }) => kind)).toEqual(['created']);
    expect(cmdb.directory.get(ciId)).toMatchObject({
      name: 'web-01',
      timeZone: 'Asia/Shanghai',
      agentId: 'a1',
    });
  });

  test('[CI1] the same inventory a thousand times adds nothing', async () => {
    const { report, history } = await setUp();
    const { ciId } = await report({ hardware: hardware(), software: software({ openssl: '3.0.1' }) });
    for (let i = 0; i < 1_000; i++)
      await report({ hardware: hardware(), software: software({ openssl: '3.0.1' }) });
    expect(await history(ciId)).toHaveLength(1);
  });

  test('[CI7] a package update is one row with both versions, not a removal and an addition', async () => {
    const { report, history } = await setUp();
    const { ciId } = await report({
      hardware: hardware(),
      software: software({ openssl: '3.0.1', curl: '8' }),
    });
    await report({ software: software({ openssl: '3.0.2', curl: '8' }) });
    expect((await history(ciId)).slice(1)).toMatchObject([
      {
        kind: 'changed',
        attribute: 'software:openssl',
        before: '3.0.1',
        after: '3.0.2',
        source: 'agent',
        actor: 'agent:a1',
      },
    ]);
  });

  test('[CI6] a package missing once is not removed; missing twice it is; a flapping scan leaves no history', async () => {
    const { report, history } = await setUp();
    const { ciId } = await report({ hardware: hardware(), software: software({ openssl: '1', curl: '8' }) });
    await report({ software: software({ openssl: '1' }) });
    await report({ software: software({ openssl: '1', curl: '8' }) });
    expect(await history(ciId)).toHaveLength(1);
    await report({ software: software({ openssl: '1' }) });
    await report({ software: software({ openssl: '1' }) });
    expect((await history(ciId)).slice(1)).toMatchObject([
      { kind: 'removed', attribute: 'software:curl', before: '8' },
    ]);
  });

  test('[CI6] an incomplete report removes nothing, however often', async () => {
    const { report, store } = await setUp();
    const { ciId } = await report({ hardware: hardware(), software: software({ openssl: '1', curl: '8' }) });
    for (let i = 0; i < 5; i++) await report({ software: software({ openssl: '1' }) }, { complete: false });
    expect(await store.installations(ciId)).toHaveLength(2);
  });

  test('[CI6] a part that was removed and returns is the same part', async () => {
    const { report, store, history } = await setUp();
    const { ciId } = await report({ hardware: hardware(), network: network() });
    const [before] = await store.parts(ciId);
    const without = { ...network(), interfaces: [] };
    await report({ network: without });
    await report({ network: without });
    expect((await store.parts(ciId)).filter((part) => part.class === 'NetworkInterface')).toEqual([]);
    await report({ network: network() });
    const back = (await store.parts(ciId)).find((part) => part.class === 'NetworkInterface');
    expect(back?.createdAtMs).toBe(before?.createdAtMs);
    expect(
      (await history(ciId))
        .slice(1)
        .map(({ kind }) => kind)
        .filter((kind) => kind !== 'changed'),
    ).toEqual(['removed', 'returned']);
  });

  test('[CI5] a section that is not reported is unchanged, and a value not told any more stays', async () => {
    const { report, store, history } = await setUp();
    const { ciId } = await report({ hardware: hardware(), os: os() });
    await report({ os: { ...os(), kernel: null } });
    const machine = await store.machine(ciId);
    expect(machine?.attributes.serial?.value).toBe('7XK2Q93');
    expect(machine?.attributes.kernel?.value).toBe('6.1.0');
    expect(await history(ciId)).toHaveLength(1);
  });

  test('[CI9] a renamed host keeps its CI and is renamed; a name that a person chose stays', async () => {
    const { report, store, cmdb } = await setUp();
    const { ciId } = await report({ hardware: hardware(), os: os() });
    await report({ os: { ...os(), hostname: 'web-02' } });
    expect((await store.machine(ciId))?.name).toBe('web-02');
    await cmdb.edit(ciId, { name: 'Till 4' }, 'user:anna', 9_000);
    await report({ os: { ...os(), hostname: 'web-03' } });
    expect((await store.machine(ciId))?.name).toBe('Till 4');
  });

  test('[CI9] a class that was a guess before the hardware was told is corrected without a history row', async () => {
    const { report, store, history } = await setUp();
    const { ciId } = await report({ os: os() });
    await report({ hardware: { ...hardware(), virtualisation: 'kvm' } });
    expect((await store.machine(ciId))?.class).toBe('VirtualMachine');
    expect((await history(ciId)).map(({ kind }) => kind)).toEqual(['created']);
  });

  test('[ID2] a re-installed machine with a new agent is the CI it was', async () => {
    const { report, store } = await setUp();
    const first = await report({ hardware: hardware(), os: os() });
    const second = await report(
      { hardware: hardware(), os: { ...os(), machineId: 'b'.repeat(32) } },
      { agentId: 'a2' },
    );
    expect(second.ciId).toBe(first.ciId);
    expect(await store.machine(first.ciId)).toMatchObject({ agentId: 'a2' });
    expect(await store.traces(first.ciId, 9)).toMatchObject([
      { rule: 'serial+uuid', decision: 'matched' },
      { decision: 'created' },
    ]);
  });

  test('[ID1] a copied disk makes a second CI and an audit entry; the first stays as it was', async () => {
    const { report, store, audit } = await setUp();
    const first = await report({ hardware: hardware(), os: os() });
    const other = hardware();
    other.system = { ...other.system, serial: '8YL3R04', uuid: '11111111-2222-4333-8444-555555555555' };
    const second = await report({ hardware: other, os: os() });
    expect(second.ciId).not.toBe(first.ciId);
    expect((await store.machine(first.ciId))?.attributes.serial?.value).toBe('7XK2Q93');
    expect(audit).toMatchObject([{ action: 'ci.identity-contradicted', subject: second.ciId }]);
  });

  test('[ID9] two reports of one new machine at the same time make one CI', async () => {
    const { report } = await setUp();
    const [one, two] = await Promise.all([
      report({ hardware: hardware() }, { agentId: 'x' }),
      report({ hardware: hardware() }, { agentId: 'y' }),
    ]);
    expect(one?.ciId).toBe(two?.ciId);
  });

  test('[CI1] a section of an unknown form is refused by name and the others are taken', async () => {
    const { report, store } = await setUp();
    const { ciId, refused } = await report({ hardware: hardware(), os: { hostname: 7 } as never });
    expect(refused).toEqual(['os']);
    expect((await store.machine(ciId))?.attributes.serial?.value).toBe('7XK2Q93');
  });

  test('[CI5] a confirmation without data moves only the date of the evidence', async () => {
    const { report, confirm, store, history } = await setUp();
    const { ciId } = await report({ hardware: hardware() });
    const before = (await store.sections(ciId)).hardware;
    await confirm('hardware', before?.hash ?? '');
    const after = (await store.sections(ciId)).hardware;
    expect(after?.confirmedAtMs).toBeGreaterThan(before?.confirmedAtMs ?? 0);
    expect(await history(ciId)).toHaveLength(1);
  });
});

test('[ID1] a stand-in whose machine was known already is retired, so that nobody waits for it', async () => {
  const { report, cmdb, store, history } = await setUp();
  const known = await report({ hardware: hardware(), os: os() });
  const agent = { hostname: 'web-01', scope: NO_SCOPE };
  const standIn = await cmdb.placeholder({ ...agent, agentId: 'a2' }, 5_000);
  expect([standIn, known.ciId, 'ci_none'].map((id) => cmdb.isStandIn(id, null))).toEqual([
    true,
    false,
    false,
  ]);
  const body = {
    atMs: 6_000,
    sections: { hardware: { hash: hashOf(hardware()), complete: true, data: hardware() } },
  };
  const { ciId } = await cmdb.applyInventory({
    ...agent,
    reporter: { source: 'agent', id: 'a2' },
    reporterCiId: standIn,
    body,
    nowMs: 6_000,
  });
  expect(ciId).toBe(known.ciId);
  expect(cmdb.isStandIn(standIn, null)).toBe(false);
  expect(await store.machine(standIn)).toMatchObject({ lifecycle: 'retired', agentId: null });
  expect(cmdb.directory.get(standIn)?.lifecycle).toBe('retired');
  expect((await history(standIn)).map(({ kind, attribute }) => attribute ?? kind)).toEqual([
    'created',
    'lifecycle',
  ]);
});

test('[FL40] a stand-in that people have put away, or that is of another site, is nobody else’s', async () => {
  const { cmdb } = await setUp();
  const standInOf = (agentId: string, site: string | null) =>
    cmdb.placeholder({ agentId, hostname: 'web-01', scope: { ...NO_SCOPE, site } }, 5_000);
  const [clinic, nowhere] = [await standInOf('a1', 'clinic'), await standInOf('a2', null)];
  const forSites = (ciId: string) => ['clinic', 'ward', null].map((site) => cmdb.isStandIn(ciId, site));
  expect(forSites(clinic)).toEqual([true, false, true]);
  expect(forSites(nowhere)).toEqual([true, true, true]);
  for (const [ciId, lifecycle] of [
    [clinic, 'retired'],
    [nowhere, 'missing'],
  ] as const) {
    await cmdb.edit(ciId, { lifecycle, reason: 'it is gone' }, 'user:ada', 6_000);
    expect(forSites(ciId)).toEqual([false, false, false]);
  }
});

test('[CI11] machines that come together before any inventory do not wait for one another', async () => {
  const store = createMemoryCmdbStore();
  const { promise: disk, resolve: written } = Promise.withResolvers<void>();
  const begun: string[] = [];
  const apply: typeof store.apply = async (set) => {
    begun.push(set.machine.name);
    await disk;
    await store.apply(set);
  };
  const cmdb = await createCmdb({ store: { ...store, apply }, newId, recordAudit: async () => {} });
  const made = ['a1', 'a2'].map((agentId) =>
    cmdb.placeholder({ agentId, hostname: agentId, scope: NO_SCOPE }, 1_000),
  );
  await othersTurn();
  expect(begun).toEqual(['a1', 'a2']);
  written();
  const [one, two] = await Promise.all(made);
  expect([cmdb.ciOfAgent('a1'), cmdb.ciOfAgent('a2')]).toEqual([one, two]);
});

test('[CI11] an agent has one CI, also where the server died before it had noted which', async () => {
  const { cmdb, store } = await setUp();
  const agent = { agentId: 'a1', hostname: 'web-01', scope: NO_SCOPE };
  const first = await cmdb.placeholder(agent, 1_000);
  expect(await cmdb.placeholder(agent, 2_000)).toBe(first);
  expect(await store.machines()).toHaveLength(1);
});

test('[CI6] a confirmation of a complete section is the second report that lacks a package or a part', async () => {
  const { report, confirm, store, history } = await setUp();
  const two = network();
  two.interfaces = [
    ...two.interfaces,
    ...two.interfaces.map((one) => ({ ...one, name: 'eno2', mac: 'd0:94:66:01:02:04' })),
  ];
  await report({ software: software({ openssl: '1', curl: '8' }), network: two });
  const { ciId } = await report({ software: software({ openssl: '1' }), network: network() });
  const names = async () => (await store.installations(ciId)).map(({ name }) => name);
  const ports = async () =>
    (await store.parts(ciId)).filter((part) => part.class === 'NetworkInterface').length;
  expect([await names(), await ports()]).toEqual([['curl', 'openssl'], 2]);
  await confirm('software', 'f'.repeat(64));
  expect(await names()).toEqual(['curl', 'openssl']);
  const held = await store.sections(ciId);
  for (const section of ['software', 'network'] as const) await confirm(section, held[section]?.hash ?? '');
  expect([await names(), await ports()]).toEqual([['openssl'], 1]);
  const removed = (await history(ciId)).filter(({ kind }) => kind === 'removed');
  expect(removed.map(({ attribute, ciClass }) => attribute ?? ciClass)).toEqual([
    'software:curl',
    'NetworkInterface',
  ]);
  for (const section of ['software', 'network'] as const) await confirm(section, held[section]?.hash ?? '');
  expect((await history(ciId)).filter(({ kind }) => kind === 'removed')).toHaveLength(2);
});

describe('people', () => {
  test.each([
    ['of an unknown name', { colour: 'red' }],
    ['of a name every object has', { constructor: 'x' }],
    ['of another form', { memoryBytes: 'much' }],
    ['of a list with numbers', { ipAddresses: [1] }],
    ['beyond the limit', { model: 'x'.repeat(1_001) }],
  ])('[CI8] a lock %s is refused and changes nothing', async (_what, lock) => {
    const { report, store, cmdb } = await setUp();
    const { ciId } = await report({ hardware: hardware() });
    const before = await store.machine(ciId);
    await expect(cmdb.edit(ciId, { lock }, 'user:anna', 5_000)).rejects.toMatchObject({
      code: 'input-invalid',
    });
    expect(await store.machine(ciId)).toEqual(before);
  });

  test('[CI8] a lock stands against reports, shows what differs, and gives way when it is taken off', async () => {
    const { report, store, cmdb } = await setUp();
    const { ciId } = await report({ hardware: hardware() });
    await cmdb.edit(ciId, { lock: { model: 'Till, third floor' } }, 'user:anna', 5_000);
    await report({ hardware: hardware() });
    expect((await store.machine(ciId))?.attributes.model).toMatchObject({
      value: 'Till, third floor',
      source: 'human',
      lockedBy: 'user:anna',
    });
    expect((await store.machine(ciId))?.attributes.model?.observedValue).toBeDefined();
    await cmdb.edit(ciId, { lock: { model: null } }, 'user:anna', 6_000);
    expect((await store.machine(ciId))?.attributes.model).toMatchObject({ source: 'agent', lockedBy: null });
    expect((await store.machine(ciId))?.attributes.model?.value).not.toBe('Till, third floor');
  });

  test('[CI4] an edit is one row per field that really changed, in the name of who did it', async () => {
    const { report, history, cmdb } = await setUp();
    const { ciId } = await report({ hardware: hardware() });
    await cmdb.edit(ciId, { owner: 'Anna', criticality: 3, tags: ['till'] }, 'user:anna', 5_000);
    expect((await history(ciId)).slice(1)).toMatchObject([
      { attribute: 'owner', before: null, after: 'Anna', source: 'human', actor: 'user:anna' },
      { attribute: 'tags', before: [], after: ['till'] },
    ]);
  });
});

test('[CI1] the order of sections and their repetition do not change the final state (property)', async () => {
  const names: InventorySection[] = ['hardware', 'os', 'network', 'software'];
  const all: Snapshot = {
    hardware: hardware(),
    os: os(),
    network: network(),
    software: software({ openssl: '1', curl: '8' }),
  };
  const stateAfter = async (order: readonly InventorySection[]) => {
    const { report, store } = await setUp();
    let ciId = '';
    for (const name of order) ciId = (await report({ [name]: all[name] })).ciId;
    const machine = await store.machine(ciId);
    return {
      attributes: Object.fromEntries(
        Object.entries(machine?.attributes ?? {}).map(([name, held]) => [name, held.value]),
      ),
      parts: (await store.parts(ciId)).map((part) => [part.class, part.name]),
      software: (await store.installations(ciId)).map(({ name, version }) => [name, version]),
      name: machine?.name,
    };
  };
  const expected = await stateAfter(names);
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray(names, { minLength: 4 }),
      fc.array(fc.constantFrom(...names), { maxLength: 5 }),
      async (order, again) => {
        expect(await stateAfter([...order, ...again])).toEqual(expected);
      },
    ),
    { numRuns: 50 },
  );
});

function hardware(): NonNullable<Snapshot['hardware']> {
  return {
    system: {
      manufacturer: 'Dell Inc.',
      model: 'PowerEdge R650',
      version: null,
      serial: '7XK2Q93',
      uuid: '4c4c4544-0031-4210-8034-b7c04f4c5931',
      sku: null,
    },
    board: { manufacturer: 'Dell Inc.', model: '0X', version: null, serial: 'B1' },
    bios: { vendor: 'Dell', version: '2.1', date: '2026-01-01' },
    chassis: { type: 'Rack Mount Chassis', manufacturer: 'Dell Inc.', serial: null, assetTag: null },
    virtualisation: null,
    cpus: [{ slot: 'CPU1', model: 'Xeon 6330', vendor: 'Intel', cores: 28, threads: 56, maxHz: 3.1e9 }],
    memoryBytes: 64 * 2 ** 30,
    memorySlots: null,
    memoryModules: [],
  };
}

function os(): NonNullable<Snapshot['os']> {
  return {
    family: 'linux',
    name: 'Debian GNU/Linux',
    version: '12',
    codename: 'bookworm',
    build: null,
    architecture: 'x86_64',
    kernel: '6.1.0',
    hostname: 'web-01',
    domain: null,
    machineId: 'a'.repeat(32),
    bootId: 'x',
    bootedAtMs: 1,
    installedAtMs: null,
    timeZone: 'Asia/Shanghai',
  };
}

function network(): NonNullable<Snapshot['network']> {
  return {
    interfaces: [
      {
        name: 'eno1',
        mac: 'd0:94:66:01:02:03',
        macPermanent: true,
        kind: 'ethernet',
        virtual: false,
        removable: false,
        speedBitsPerSecond: 1e9,
        mtu: 1500,
        state: 'up',
        driver: 'ixgbe',
        addresses: [{ address: '10.20.3.11', prefix: 24, family: 'ipv4' }],
      },
    ],
    gateways: [{ address: '10.20.3.1', interface: 'eno1' }],
    dnsServers: ['10.20.0.53'],
  };
}

function software(packages: Record<string, string>): NonNullable<Snapshot['software']> {
  return {
    packages: Object.entries(packages).map(([name, version]) => ({
      name,
      version,
      architecture: 'amd64',
      publisher: null,
      source: 'dpkg',
      installedAtMs: null,
      sizeBytes: null,
    })),
  };
}

describe('parts that follow the machine', () => {
  const network = (address: string): Snapshot['network'] => ({
    interfaces: [
      {
        name: 'eth0',
        mac: '00:16:3e:00:00:01',
        macPermanent: true,
        kind: 'ethernet',
        virtual: false,
        removable: false,
        speedBitsPerSecond: null,
        mtu: 1_500,
        state: 'up',
        driver: null,
        addresses: [{ address, prefix: 24, family: 'ipv4' }],
      },
    ],
    gateways: [],
    dnsServers: [],
  });
  const services = (state: 'running' | 'stopped', ...names: string[]): Snapshot['services'] => ({
    services: names.map((name) => ({ name, description: null, state, startType: 'automatic' })),
  });
  const sockets = (port: number, process: string): Snapshot['sockets'] => ({
    listening: [{ protocol: 'tcp', address: '::', port, process, user: null, service: null }],
    outgoing: [],
  });

  test('[CI24] an address that changes makes history of the machine and of the interface, none of its own', async () => {
    const { store, report, history } = await setUp();
    const { ciId } = await report({ network: network('10.0.0.5') });
    for (const address of ['10.0.0.6', '10.0.0.7', '10.0.0.5']) await report({ network: network(address) });
    expect((await history(ciId)).filter(({ ciClass }) => ciClass === 'IPAddress')).toEqual([]);
    const parts = await store.parts(ciId);
    // The one before is missed for the first time only.
    expect(parts.filter((part) => part.class === 'IPAddress').map(({ name }) => name)).toContain('10.0.0.5');
    await report({ network: network('10.0.0.5') });
    expect(
      (await store.parts(ciId)).filter((part) => part.class === 'IPAddress').map(({ name }) => name),
    ).toEqual(['10.0.0.5']);
  });

  test('[CI25] whether a service runs is no history; one that appears is told once, by the machine', async () => {
    const { store, report, history } = await setUp();
    const { ciId } = await report({ services: services('running', 'nginx') });
    await report({ services: services('stopped', 'nginx') });
    expect((await history(ciId)).map(({ kind }) => kind)).toEqual(['created']);
    await report({ services: services('running', 'nginx', 'cron') });
    expect((await history(ciId)).slice(1)).toMatchObject([{ ciId, attribute: 'service:cron' }]);
    const [part] = (await store.parts(ciId)).filter(({ name }) => name === 'nginx');
    expect(part?.attributes['state']?.value).toBe('running');
  });

  test('[CI25] ports follow the section of sockets, also where the services are confirmed only', async () => {
    const { store, report } = await setUp();
    const { ciId } = await report({ services: services('running', 'nginx') });
    await report({ sockets: sockets(8_080, 'nginx') });
    const [part] = (await store.parts(ciId)).filter(({ class: ciClass }) => ciClass === 'RunningService');
    expect(part?.attributes['ports']?.value).toEqual(['tcp 8080']);
  });

  test('[CI26] a database that appears on a machine is news; that its package tells the version is none', async () => {
    const { report, history } = await setUp();
    const { ciId } = await report({ sockets: sockets(22, 'sshd') });
    await report({ sockets: sockets(5_432, 'postgres') });
    expect((await history(ciId)).slice(1)).toMatchObject([
      { kind: 'created', ciClass: 'DatabaseInstance', after: 'PostgreSQL 5432' },
    ]);
  });
});
