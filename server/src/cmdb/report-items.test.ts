import { createHash } from 'node:crypto';
import { SECTION_SCHEMAS, type SnapshotInput } from '@muster/shared/inventory/sections.ts';
import type { InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import { expect, test } from 'vitest';
import { newId } from '../ids.ts';
import { createMemoryCmdbStore } from '../store/memory/cmdb.ts';
import { createCmdb } from './cmdb.ts';

async function setUp() {
  const store = createMemoryCmdbStore();
  const cmdb = await createCmdb({ store, newId, recordAudit: async () => undefined });
  let nowMs = 1_000;
  let ciId: string | null = null;
  const report = async (input: SnapshotInput) => {
    nowMs += 1_000;
    const sections = Object.fromEntries(
      Object.entries(input).map(([name, data]) => {
        const whole = SECTION_SCHEMAS[name as InventorySection].parse(data);
        const hash = createHash('sha256').update(JSON.stringify(whole)).digest('hex');
        return [name, { hash, complete: true, data: whole }];
      }),
    );
    const result = await cmdb.applyInventory({
      reporter: { source: 'agent', id: 'a1' },
      hostname: 'pc-17',
      scope: { class: null, site: null, tags: [] },
      reporterCiId: ciId,
      body: { atMs: nowMs, sections },
      nowMs,
    });
    ciId = result.ciId;
  };
  const history = async () =>
    (await store.history({ machineId: ciId ?? '', limit: 500 })).items
      .toReversed()
      .map((row) => [row.kind, row.ciName, row.attribute, row.before, row.after]);
  const parts = async () => (await store.parts(ciId ?? '')).map(({ name }) => name);
  return { report, history, parts };
}

const stick = {
  port: '1-4',
  vendorId: '0951',
  productId: '1666',
  vendor: 'Kingston',
  product: 'DataTraveler',
  serial: 'S1',
  class: 'storage',
};

test('[IN73] a new USB device is one row; that it goes and comes back every day is none', async () => {
  const { report, history, parts } = await setUp();
  await report({ devices: {} });
  await report({ devices: { usbDevices: [stick] } });
  for (let day = 0; day < 3; day++) {
    await report({ devices: {} });
    await report({ devices: {} });
    expect(await parts()).toEqual([]);
    await report({ devices: { usbDevices: [{ ...stick, port: `2-${day}` }] } });
    expect(await parts()).toEqual(['DataTraveler']);
  }
  expect(await history()).toEqual([
    ['created', 'pc-17', null, null, 'pc-17'],
    ['created', 'DataTraveler', null, null, 'DataTraveler'],
  ]);
});

test('[IN70] a file that appears in /etc is a row of the machine, and the same report again adds none', async () => {
  const { report, history } = await setUp();
  const file = (path: string) => ({
    path,
    owner: 'root',
    group: 'root',
    mode: '0644',
    sizeBytes: 1,
    sha256: 'c'.repeat(64),
    linkTarget: null,
  });
  const etc = (...files: ReturnType<typeof file>[]) => ({
    fingerprints: { directories: [{ path: '/etc', state: 'read' as const }], files },
  });
  await report(etc(file('/etc/hosts')));
  await report(etc(file('/etc/hosts'), file('/etc/cron.d/backdoor')));
  await report(etc(file('/etc/hosts'), file('/etc/cron.d/backdoor')));
  expect(await history()).toEqual([
    ['created', 'pc-17', null, null, 'pc-17'],
    ['created', 'pc-17', 'file:/etc/cron.d/backdoor', null, 'root:root 0644 cccccccccccc'],
  ]);
});

test('[IN50] a drive that fails is a row; one that sleeps is none', async () => {
  const { report, history } = await setUp();
  const disk = (health: 'passed' | 'failed' | 'unknown') => ({
    storage: {
      disks: [
        {
          name: 'sda',
          model: 'WD',
          serial: 'W1',
          firmware: null,
          sizeBytes: 1,
          kind: 'hdd' as const,
          bus: 'ata',
          health,
        },
      ],
      fileSystems: [],
    },
  });
  for (const health of ['passed', 'unknown', 'passed', 'failed'] as const) await report(disk(health));
  expect((await history()).slice(1)).toEqual([['changed', 'sda', 'health', 'passed', 'failed']]);
});
