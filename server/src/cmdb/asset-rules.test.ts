import { HOUR_MS } from '@muster/shared/time.ts';
import { expect, test } from 'vitest';
import { newId } from '../ids.ts';
import { createMemoryCmdbStore } from '../store/memory/cmdb.ts';
import { createCmdb } from './cmdb.ts';
import type { CiEdit } from './edit.ts';

const T0 = Date.UTC(2026, 2, 1);

async function setUp() {
  const store = createMemoryCmdbStore();
  const cmdb = await createCmdb({ store, newId, recordAudit: async () => {} });
  const make = (name: string, edit: CiEdit = {}) =>
    cmdb.create({ class: 'Workstation', name, edit }, 'user:anna', T0);
  const edit = (id: string, change: CiEdit, mayCorrectNumber = false, nowMs = T0) =>
    cmdb.edit(id, change, 'user:anna', nowMs, { mayCorrectNumber });
  return { store, cmdb, make, edit };
}

test('[AS1] an asset number once given stays; an administrator corrects it with a reason', async () => {
  const { make, edit, store } = await setUp();
  const { id } = await make('pc-1', { assetNumber: 'PC-1' });
  await expect(edit(id, { assetNumber: 'PC-2' })).rejects.toMatchObject({ code: 'forbidden' });
  await expect(edit(id, { assetNumber: null })).rejects.toMatchObject({ code: 'forbidden' });
  await expect(edit(id, { assetNumber: 'PC-2' }, true)).rejects.toMatchObject({ code: 'input-invalid' });
  const after = await edit(id, { assetNumber: 'PC-2', reason: 'typing error' }, true);
  expect(after.assetNumber).toBe('PC-2');
  const { items } = await store.history({ machineId: id, limit: 10 });
  expect(items.map(({ attribute, before, after: to }) => [attribute, before, to])).toEqual(
    expect.arrayContaining([
      ['assetNumber', 'PC-1', 'PC-2'],
      ['reason', null, 'typing error'],
    ]),
  );
});

test('[AS1] [AS2] one without a number gets one, which no other has, whatever the case', async () => {
  const { make, edit } = await setUp();
  const one = await make('pc-1');
  await edit(one.id, { assetNumber: ' PC-7 ' });
  const two = await make('pc-2');
  await expect(edit(two.id, { assetNumber: 'pc-7' })).rejects.toMatchObject({
    code: 'asset-number-taken',
    message: `The asset number pc-7 belongs to pc-1 (${one.id}).`,
  });
  await expect(make('pc-3', { assetNumber: 'PC-7' })).rejects.toMatchObject({ code: 'asset-number-taken' });
});

test('[AS2] of many who take one number at once, one has it', async () => {
  const { make, cmdb } = await setUp();
  const made = await Promise.allSettled(
    Array.from({ length: 20 }, (_, i) => make(`pc-${i}`, { assetNumber: 'PC-7' })),
  );
  expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(cmdb.holderOf('pc-7')).toMatchObject({ assetNumber: 'PC-7' });
});

test('[AS2] numbers are known again after a restart, of records too', async () => {
  const { store, cmdb } = await setUp();
  await cmdb.create({ class: 'Printer', name: 'lp1', edit: { assetNumber: 'PR-1' } }, 'user:anna', T0);
  const again = await createCmdb({ store, newId, recordAudit: async () => {} });
  expect(again.holderOf('pr-1')).toMatchObject({ name: 'lp1', class: 'Printer' });
});

test('[AS10] a step that is none is refused and says which are', async () => {
  const { make, edit } = await setUp();
  const { id } = await make('pc-1', { lifecycle: 'retired' });
  await expect(edit(id, { lifecycle: 'in_use' })).rejects.toMatchObject({
    code: 'transition-not-allowed',
    message: 'pc-1 is "retired" and cannot become "in use". Possible: "disposed of", "in stock", "missing".',
  });
});

test('[AS10] a step names its reason and its condition where it needs them', async () => {
  const { make, edit } = await setUp();
  const { id } = await make('pc-1');
  await expect(edit(id, { lifecycle: 'retired' })).rejects.toMatchObject({ code: 'input-invalid' });
  await expect(edit(id, { lifecycle: 'in_stock' })).rejects.toMatchObject({ code: 'input-invalid' });
  expect((await edit(id, { lifecycle: 'in_stock', set: { condition: 'good' } })).lifecycle).toBe('in_stock');
  expect((await edit(id, { lifecycle: 'retired', reason: 'worn out' })).lifecycle).toBe('retired');
});

test('[AS11] the last step is taken back within the hour, no other and not later', async () => {
  const { make, edit } = await setUp();
  const { id } = await make('pc-1');
  await edit(id, { lifecycle: 'retired', reason: 'worn out' });
  await expect(edit(id, { lifecycle: 'deployed', takesBack: true })).rejects.toMatchObject({
    code: 'transition-not-allowed',
  });
  await expect(
    edit(id, { lifecycle: 'in_use', takesBack: true }, false, T0 + HOUR_MS + 1),
  ).rejects.toMatchObject({ code: 'transition-not-allowed' });
  expect((await edit(id, { lifecycle: 'in_use', takesBack: true })).lifecycle).toBe('in_use');
});
