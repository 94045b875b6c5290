import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inventoryFormat } from './inventory/inventory-format.ts';
import { testdataFolder } from './testdata.ts';

const missing = !existsSync(join(testdataFolder(), 'inventory_format'));

test.skipIf(missing)(
  '[TP26] recorded reports of others are taken, partial ones change only what they carry, and what we export fits the schema',
  async () => {
    const report = (await inventoryFormat(testdataFolder())) ?? {};
    const areas = Object.entries(report);
    expect(
      areas.flatMap(([area, { failures }]) => failures.map((failure) => ({ area, ...failure }))),
    ).toEqual([]);
    expect(areas.filter(([, { total }]) => total > 0)).toHaveLength(4);
  },
  60_000,
);
