import { SECTION_SCHEMAS } from '@muster/shared/inventory/sections.ts';
import { expect, test } from 'vitest';
import { createCmdb } from '../cmdb/cmdb.ts';
import { newId } from '../ids.ts';
import { createMemoryCmdbStore } from '../store/memory/cmdb.ts';
import { createDeriver } from './derive.ts';
import { createRelationGraph } from './graph.ts';

const DEVICE = { vendorId: null, productId: null };
const MONITOR = {
  ...DEVICE,
  port: 'DP-1',
  manufacturer: 'Dell',
  model: 'U2720Q',
  madeWeek: null,
  madeYear: null,
  widthMillimetres: null,
  heightMillimetres: null,
};
const USB = { ...DEVICE, port: '1-2', vendor: null, product: 'scanner', class: null };

test.each([
  ['a monitor', { monitors: [{ ...MONITOR, serial: 'CN0 ABC123' }] }],
  ['a USB device', { usbDevices: [{ ...USB, serial: 'cn0abc123' }] }],
])(
  '[RE7] %s whose serial number a record of a peripheral has is attached to the machine',
  async (_what, devices) => {
    const store = createMemoryCmdbStore();
    const cmdb = await createCmdb({ store, newId, recordAudit: async () => {} });
    const graph = await createRelationGraph({ cmdb, store, newId });
    const deriver = createDeriver({ cmdb, store, graph });
    const peripheral = await cmdb.create(
      { class: 'Peripheral', name: 'desk 4', edit: { set: { serial: 'CN0ABC123' } } },
      'user:anna',
      1,
    );
    const { ciId } = await cmdb.applyInventory({
      reporter: { source: 'agent', id: 'a1' },
      hostname: 'pc',
      scope: { class: null, site: null, tags: [] },
      reporterCiId: null,
      body: {
        atMs: 2,
        sections: { devices: { hash: 'd', complete: true, data: SECTION_SCHEMAS.devices.parse(devices) } },
      },
      nowMs: 2,
    });
    await deriver.tick(2);
    expect([...graph.all()]).toMatchObject([
      { type: 'attachedTo', fromId: peripheral.id, toId: ciId, source: 'agent' },
    ]);
  },
);
