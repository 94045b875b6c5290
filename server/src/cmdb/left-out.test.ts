import { createHash } from 'node:crypto';
import { SECTION_SCHEMAS, type SnapshotInput } from '@muster/shared/inventory/sections.ts';
import { blankSection } from '@muster/shared/privacy/fields.ts';
import type { InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createChangeWatch } from '../changes/watch.ts';
import { createFindings } from '../findings/findings.ts';
import { newId } from '../ids.ts';
import { createMemoryChangeStore } from '../store/memory/changes.ts';
import { createMemoryCmdbStore } from '../store/memory/cmdb.ts';
import { createMemoryFindingStore } from '../store/memory/findings.ts';
import { createCmdb } from './cmdb.ts';
import { hardware } from './identity-testing.ts';
import { type LeftOut, leftOutNow } from './left-out.ts';

async function setUp() {
  const store = createMemoryCmdbStore();
  const cmdb = await createCmdb({ store, newId, recordAudit: async () => undefined });
  const findingStore = createMemoryFindingStore();
  const watch = createChangeWatch({
    store: createMemoryChangeStore(),
    findings: createFindings({ store: findingStore, newId }),
    sourcesOf: async () => new Map(),
    explain: async () => undefined,
  });
  const judged: Promise<void>[] = [];
  cmdb.onApplied((change) => void judged.push(watch.follow(change, nowMs)));
  let nowMs = 1_000;
  let ciId: string | null = null;
  /** `whole` false: as an agent that has told it already, without contents. */
  const report = async (
    input: SnapshotInput,
    leftOut: LeftOut | null = null,
    whole = true,
    madeMs?: number,
  ) => {
    nowMs += 1_000;
    const sections = Object.fromEntries(
      Object.entries(input).map(([name, data]) => {
        const parsed = SECTION_SCHEMAS[name as InventorySection].parse(data);
        const hash = createHash('sha256').update(JSON.stringify(parsed)).digest('hex');
        return [name, { hash, complete: true, ...(whole ? { data: parsed } : {}) }];
      }),
    );
    const result = await cmdb.applyInventory({
      reporter: { source: 'agent', id: 'a1' },
      hostname: 'pc-17',
      scope: { class: 'Server', site: null, tags: [] },
      reporterCiId: ciId,
      body: { atMs: madeMs ?? nowMs, sections },
      leftOut,
      nowMs,
    });
    ciId = result.ciId;
    await Promise.all(judged);
  };
  const switchCollectors = (before: string[], after: string[], version: number) =>
    cmdb.collectorsSwitched(ciId ?? '', { before, after, version }, nowMs);
  const history = async () =>
    (await store.history({ machineId: ciId ?? '', limit: 500 })).items
      .toReversed()
      .slice(1)
      .map((row) => [row.kind, row.attribute ?? row.ciName, row.before, row.after, row.actor]);
  const findings = async () => (await findingStore.find({ limit: 100 })).items.map(({ title }) => title.en);
  const parts = async () => (await store.parts(ciId ?? '')).map(({ name }) => name);
  const installed = async () => (await store.installations(ciId ?? '')).map(({ name }) => name);
  return { report, switchCollectors, history, findings, parts, installed };
}

const off = (version: number, ...names: string[]): LeftOut => ({ names, version, sinceMs: 0 });

const accounts = (...names: string[]): NonNullable<SnapshotInput['users']> => ({
  users: names.map((name, uid) => ({
    name,
    uid,
    fullName: `${name} N.`,
    shell: '/bin/sh',
    administrator: name === 'root',
    system: false,
  })),
  lastUser: 'ann',
});
const BLANK = blankSection('users') as NonNullable<SnapshotInput['users']>;

test('[CF43] accounts that the configuration switched off are one row of history and no finding; so is their coming back', async () => {
  const { report, history, findings } = await setUp();
  await report({ users: accounts('root', 'daemon', 'bin') });
  await report({ users: BLANK }, off(1, 'users'));
  await report({ users: BLANK }, off(1, 'users'), false);
  await report({ users: BLANK }, off(1, 'users'));
  await report({ users: accounts('root', 'daemon', 'bin', 'sync') }, off(2));
  expect(await history()).toEqual([
    ['changed', 'collection:users', [], ['users'], 'configuration:1'],
    ['changed', 'collection:users', ['users'], [], 'configuration:2'],
  ]);
  expect(await findings()).toEqual([]);
  await report({ users: accounts('root', 'daemon', 'bin', 'sync', 'eve') }, off(2));
  expect(await findings()).toEqual(['Local account changed on pc-17 without an approved change: eve']);
});

test('[CF43] accounts that go although nobody switched them off are changes', async () => {
  const { report, findings } = await setUp();
  await report({ users: accounts('root', 'bin') }, off(0));
  await report({ users: BLANK }, off(0, 'software'));
  expect(await findings()).toEqual(['Local account changed on pc-17 without an approved change: root, bin']);
});

const stick = {
  port: '1-4',
  vendorId: '0951',
  productId: '1666',
  vendor: 'K',
  product: 'Stick',
  serial: 'S1',
  class: 'storage',
};

test('[CF43] packages and parts that are switched off are gone without a word, and back without one', async () => {
  const { report, history, findings, parts, installed } = await setUp();
  const machine: SnapshotInput = {
    software: {
      packages: [
        {
          name: 'nmap',
          version: '7',
          architecture: null,
          publisher: null,
          source: 'dpkg',
          installedAtMs: null,
          sizeBytes: null,
        },
      ],
    },
    devices: { usbDevices: [stick] },
  };
  const blank = { software: { packages: [] }, devices: {} };
  await report(machine);
  await report(blank, off(1, 'devices', 'software'));
  expect([await parts(), await installed()]).toEqual([[], []]);
  await report(machine, off(2));
  expect([await parts(), await installed()]).toEqual([['Stick'], ['nmap']]);
  expect((await history()).map(([, attribute]) => attribute)).toEqual([
    'collection:software',
    'collection:devices',
    'collection:software',
    'collection:devices',
  ]);
  expect(await findings()).toEqual([]);
});

test('[CF43] while one field is switched off, what else changed of its section is told', async () => {
  const { report, history } = await setUp();
  const groups = (members: string[]) => [{ name: 'sudo', gid: 27, members }];
  await report({ users: { ...accounts('root'), groups: groups(['ann']) } });
  await report({ users: { ...accounts('root', 'eve'), groups: groups([]) } }, off(1, 'users.groups.members'));
  expect(await history()).toEqual([
    ['changed', 'collection:users', [], ['users.groups.members'], 'configuration:1'],
    ['created', 'user:eve', null, 'user', 'agent:a1'],
  ]);
});

const module = (slot: string, sizeBytes: number, serial: string | null) => ({
  slot,
  sizeBytes,
  serial,
  manufacturer: 'Kingston',
  partNumber: null,
  type: 'DDR4',
  transfersPerSecond: null,
});
const withModules = (memoryModules: ReturnType<typeof module>[], version: string): SnapshotInput => ({
  hardware: { ...hardware(), bios: { vendor: 'Dell', version, date: null }, memoryModules },
});

test('[CF61] while one field is switched, off or on, only it is quiet: attributes, parts and packages of its section are told', async () => {
  const { report, history } = await setUp();
  const serials = 'hardware.memoryModules.serial';
  await report(withModules([module('A1', 8, 's1'), module('A2', 8, 's2')], '1.0'), off(0));
  await report(withModules([module('A1', 16, null), module('A2', 8, null)], '1.1'), off(1, serials));
  const after = [module('A1', 16, 's3'), module('A2', 8, 's2'), module('B1', 8, 's4')];
  await report(withModules(after, '1.1'), off(2));
  expect((await history()).map(([kind, attribute, before, now]) => [kind, attribute, before, now])).toEqual([
    ['changed', 'biosVersion', '1.0', '1.1'],
    ['changed', 'sizeBytes', 8, 16],
    ['changed', 'collection:hardware', [], [serials]],
    ['created', 'B1', null, 'B1'],
    ['changed', 'collection:hardware', [serials], []],
  ]);
});

const pack = (name: string, version: string, architecture: string | null, publisher: string | null) =>
  ({ name, version, architecture, publisher, source: 'dpkg', installedAtMs: null, sizeBytes: null }) as const;

test('[CF61] packages are told while their publisher is switched, and not while what they are known by is', async () => {
  const { report, history, installed } = await setUp();
  const packages = (...all: ReturnType<typeof pack>[]) => ({ software: { packages: all } });
  await report(packages(pack('nmap', '7', 'amd64', 'N'), pack('vim', '8', 'amd64', 'V')), off(0));
  await report(
    packages(pack('nmap', '8', 'amd64', null), pack('eve', '1', 'amd64', null)),
    off(1, 'software.packages.publisher'),
  );
  await report(
    packages(pack('nmap', '8', 'amd64', null), pack('eve', '1', 'amd64', null)),
    off(1, 'software.packages.publisher'),
  );
  expect((await history()).map(([kind, attribute]) => [kind, attribute])).toEqual([
    ['changed', 'software:nmap'],
    ['created', 'software:eve'],
    ['changed', 'collection:software'],
    ['removed', 'software:vim'],
  ]);
  await report(
    packages(pack('nmap', '8', null, null), pack('eve', '1', null, null)),
    off(2, 'software.packages.architecture', 'software.packages.publisher'),
  );
  expect(await installed()).toEqual(['eve', 'nmap']);
  expect((await history()).slice(4).map(([, attribute]) => attribute)).toEqual(['collection:software']);
});

test('[CF63] a collector that is switched off is one row of history and no finding', async () => {
  const { report, switchCollectors, history, findings } = await setUp();
  await report({ users: accounts('root') });
  await switchCollectors([], ['load', 'temperature'], 3);
  expect(await history()).toEqual([
    ['changed', 'collection:collectors', [], ['load', 'temperature'], 'configuration:3'],
  ]);
  expect(await findings()).toEqual([]);
});

test('[CF43] a section that was empty before says only that it is switched off, also where its contents are not sent again', async () => {
  const { report, history } = await setUp();
  await report({ users: BLANK });
  await report({ users: BLANK }, off(1, 'users'), false);
  await report({ users: BLANK }, off(1, 'users'), false);
  await report({ users: BLANK }, off(2), false);
  expect((await history()).map(([, , before, after]) => [before, after])).toEqual([
    [[], ['users']],
    [['users'], []],
  ]);
});

test('[CF62] a section that is named without contents which nobody holds says nothing yet: its row comes once, with the contents', async () => {
  const { report, history } = await setUp();
  await report({ users: accounts('root') });
  await report({ users: BLANK }, off(1, 'users'), false);
  await report({ users: BLANK }, off(1, 'users'));
  await report({ users: accounts('root', 'eve') }, off(2), false);
  await report({ users: accounts('root', 'eve') }, off(2));
  expect((await history()).map(([, attribute, before, after]) => [attribute, before, after])).toEqual([
    ['collection:users', [], ['users']],
    ['collection:users', ['users'], []],
  ]);
});

test('[CF43] a report from before the configuration counts as it was made', async () => {
  const { report, history } = await setUp();
  const since = (one: LeftOut, sinceMs: number): LeftOut => ({ ...one, sinceMs });
  await report({ users: accounts('root') });
  await report({ users: accounts('root', 'eve') }, since(off(1, 'users'), 3_000), true, 2_500);
  await report({ users: BLANK }, since(off(1, 'users'), 3_000));
  await report({ users: BLANK }, since(off(2), 5_000), true, 4_500);
  await report({ users: accounts('root', 'eve') }, since(off(2), 5_000));
  expect((await history()).map(([, attribute, before, after]) => [attribute, before, after])).toEqual([
    ['user:eve', null, 'user'],
    ['collection:users', [], ['users']],
    ['collection:users', ['users'], []],
  ]);
});

test('[CF43] nothing is left out that the section holds', () => {
  const users = SECTION_SCHEMAS.users.parse(accounts('root'));
  const names = fc.subarray(['users', 'users.lastUser', 'users.users', 'users.groups', 'software']);
  fc.assert(
    fc.property(names, names, fc.integer({ min: 0, max: 20 }), (asked, before, atMs) => {
      const leftOut = { names: asked, version: 1, sinceMs: 10 };
      const now = leftOutNow('users', () => users, before, leftOut, atMs);
      expect(now).not.toContain('users');
      expect(now).not.toContain('users.lastUser');
      expect(now).not.toContain('users.users');
      expect(now).not.toContain('software');
    }),
  );
});
