import type { SoftwareRuleFields } from '@muster/shared/api/software.ts';
import { expect, test } from 'vitest';
import { softwareKey } from '../cmdb/picture.ts';
import type { Installation, Machine } from '../cmdb/store.ts';
import { createFindings } from '../findings/findings.ts';
import { createSqlCmdbStore } from '../store/sql/cmdb.ts';
import { createSqlFindingStore } from '../store/sql/findings.ts';
import { createSqlSoftwareStore } from '../store/sql/software.ts';
import { openTestStore } from '../store/sql/testing.ts';
import { SoftwareRegister } from './register.ts';
import { createSoftwareWatch } from './software-watch.ts';

function machine(id: string): Machine {
  return {
    id,
    class: 'Server',
    subclass: null,
    classLocked: false,
    name: `name-${id}`,
    nameLocked: false,
    lifecycle: 'in_use',
    criticality: 3,
    assetNumber: null,
    owner: null,
    supportGroup: null,
    serviceHours: null,
    site: null,
    tags: [],
    agentId: null,
    placeholder: false,
    mergedInto: null,
    createdAtMs: 1,
    attributes: {},
  };
}

function installed(
  name: string,
  version: string,
  source: Installation['source'] = 'dpkg',
  publisher: string | null = null,
): Installation {
  const item = { name, version, architecture: null, publisher, source, installedAtMs: null, sizeBytes: null };
  return { ...item, key: softwareKey(item), firstSeenAtMs: 100, absentReports: 0 };
}

async function setUp() {
  const sql = await openTestStore();
  const cmdbStore = createSqlCmdbStore(sql);
  const store = createSqlSoftwareStore(sql);
  const deps = { store, monotonicMs: () => 0, breathe: async () => {} };
  const register = await SoftwareRegister.open(deps);
  const machines: Machine[] = [];
  const report = async (
    id: string,
    put: Installation[],
    removed: string[] = [],
    lifecycle: Machine['lifecycle'] = 'in_use',
  ) => {
    const one = { ...machine(id), lifecycle };
    if (!machines.some((known) => known.id === id)) machines.push(one);
    await cmdbStore.apply({
      machine: one,
      keys: [],
      parts: [],
      installations: { put, removed },
      sections: {},
      history: [],
      traces: [],
    });
    await register.changed([...put.map(({ key }) => key), ...removed]);
    await register.tick();
  };
  return { sql, cmdbStore, store, deps, register, report, machines };
}

const names = (register: SoftwareRegister) =>
  register
    .list({ sort: 'installs' })
    .map(({ name, installs, outdated, newest }) => [name, installs, outdated, newest]);

test('[SW7] the register follows what reports change, and is the same when it is read anew', async () => {
  const { sql, register, report, deps } = await setUp();
  await report('a', [installed('openssl', '3.0.9-1'), installed('nmap', '7')]);
  await report('b', [installed('openssl', '3.0.12-1')]);
  expect(names(register)).toEqual([
    ['openssl', 2, 1, '3.0.12-1'],
    ['nmap', 1, 0, '7'],
  ]);
  await report('a', [installed('openssl', '3.0.12-1')], [installed('nmap', '7').key]);
  const after = [['openssl', 2, 0, '3.0.12-1']];
  expect(names(register)).toEqual(after);
  const again = await SoftwareRegister.open(deps);
  expect(again.counting()).toEqual({ done: 0, total: 2 });
  expect(names(again)).toEqual(after);
  await again.tick();
  expect(again.counting()).toBeNull();
  expect(names(again)).toEqual(after);
  await sql.close();
});

test('[SW10] machines that are retired or disposed of have nothing installed, until they are back', async () => {
  const { sql, store, register, report } = await setUp();
  await report('a', [installed('nmap', '7')]);
  await report('b', [installed('nmap', '7')]);
  const [id = 0] = (await store.packagesAfter(0)).map((known) => known.id);
  const held = async () => ({
    counted: names(register).map(([, installs]) => installs),
    holders: (await store.holders([id], { limit: 9 })).items.length,
    machines: (await store.machinesWith(id)).length,
  });
  for (const lifecycle of ['retired', 'disposed'] as const) {
    await report('b', [], [], lifecycle);
    await register.changedAll('b');
    await register.tick();
    expect(await held()).toEqual({ counted: [1], holders: 1, machines: 1 });
  }
  await report('b', []);
  await register.changedAll('b');
  await register.tick();
  expect(await held()).toEqual({ counted: [2], holders: 2, machines: 2 });
  await sql.close();
});

test('[SW8] products are merged and renamed, and both are taken back', async () => {
  const { sql, register, report, deps } = await setUp();
  await report('a', [
    installed('Acrobat Reader', '23', 'windows', 'Adobe'),
    installed('Adobe Reader', '24', 'windows', 'Adobe'),
  ]);
  const [one, two] = register.list({ sort: 'name' });
  await register.merge(one?.id ?? '', two?.id ?? '');
  await register.rename(two?.id ?? '', 'Reader');
  expect(names(register)).toEqual([['Reader', 2, 1, '24']]);
  expect(names(await SoftwareRegister.open(deps))).toEqual([['Reader', 2, 1, '24']]);
  await expect(register.merge(two?.id ?? '', one?.id ?? '')).rejects.toThrow('into itself');
  await register.merge(one?.id ?? '', null);
  await register.rename(two?.id ?? '', null);
  expect(names(register).map(([name]) => name)).toEqual(['Acrobat Reader', 'Adobe Reader']);
  await sql.close();
});

test('[SW9] a rule says what it would find, finds it, and lets go of what is allowed again', async () => {
  const { sql, cmdbStore, store, register, report, machines } = await setUp();
  const findingStore = createSqlFindingStore(sql);
  let next = 0;
  const watch = createSoftwareWatch({
    store,
    register,
    cmdbStore,
    machines: () => machines,
    findings: createFindings({ store: findingStore, newId: (prefix) => `${prefix}_${++next}` }),
    findingStore,
    monotonicMs: () => 0,
    breathe: async () => {},
  });
  await report('a', [installed('openssl', '3.0.9-1')]);
  await report('b', [installed('openssl', '3.0.12-1')]);
  await report('c', [installed('bash', '5')]);
  const fields: SoftwareRuleFields = {
    name: 'Old OpenSSL',
    enabled: true,
    mode: 'deny',
    classes: [],
    tags: [],
    sources: [],
    names: ['openssl'],
    publisher: null,
    version: { operator: '<', value: '3.0.12' },
    reason: 'CVE',
    severity: 'critical',
  };
  expect(await watch.preview(fields)).toEqual({
    machines: 1,
    of: 3,
    examples: [{ ciName: 'name-a', package: 'openssl', version: '3.0.9-1' }],
  });
  expect((await watch.preview({ ...fields, mode: 'only', version: null })).machines).toBe(1);
  const rule = { ...fields, id: 'swr_1' };
  await store.putRule(rule);
  await watch.lookForRule(rule);
  expect(watch.checking()).toEqual({ done: 0, total: 1 });
  await watch.tick(10);
  expect(watch.checking()).toBeNull();
  const open = async () => (await findingStore.find({ state: 'open', limit: 10 })).items;
  expect((await open()).map(({ ciId, title }) => [ciId, title.en])).toEqual([
    ['a', 'Denied software on name-a: openssl 3.0.9-1'],
  ]);
  watch.look('a');
  await watch.tick(20);
  expect((await open())[0]?.count).toBe(1);
  await report('a', [installed('openssl', '3.0.12-1')]);
  watch.look('a');
  await watch.tick(30);
  expect(await open()).toEqual([]);
  await sql.close();
});
