import { expect, test } from 'vitest';
import { INCIDENT_CATEGORIES } from '@muster/shared/incidents/categories.ts';
import { PRIORITY_MATRIX } from '@muster/shared/incidents/matrix.ts';
import { createMemoryIncidentStore } from '../store/memory/incidents.ts';
import { createPolicy, SETTINGS_DEFAULT } from './policy.ts';

const STRICT = PRIORITY_MATRIX.map((row) => row.map((cell) => Math.max(1, cell - 1)));

test('[IC23] each version has who, when and why, is kept, and is there again after a restart', async () => {
  const store = createMemoryIncidentStore();
  const policy = await createPolicy(store);
  const change = { cells: STRICT, by: 'user:anna', reason: 'audit', from: 1 };
  expect(await policy.setMatrix(change, 60)).toEqual({
    version: 2,
    cells: STRICT,
    by: 'user:anna',
    atMs: 60,
    reason: 'audit',
  });
  const again = await createPolicy(store);
  expect(again.matrix().version).toBe(2);
  expect((await again.matrices()).map(({ version, cells }) => [version, cells])).toEqual([
    [2, STRICT],
    [1, PRIORITY_MATRIX],
  ]);
});

test('[IC23] a change made from an old version is refused and changes nothing', async () => {
  const policy = await createPolicy(createMemoryIncidentStore());
  const change = { cells: STRICT, by: 'user:anna', reason: 'audit', from: 1 };
  await policy.setMatrix(change, 60);
  await expect(policy.setMatrix({ ...change, cells: PRIORITY_MATRIX }, 61)).rejects.toMatchObject({
    code: 'conflict',
  });
  expect(policy.matrix().cells).toEqual(STRICT);
});

test('[IC23] [IC24] of two who save from one version at the same moment one is told so', async () => {
  const policy = await createPolicy(createMemoryIncidentStore());
  const change = { cells: STRICT, by: 'user:anna', reason: 'audit', from: 1 };
  const categories = policy.categories().value;
  for (const save of [
    () => policy.setMatrix(change, 60),
    () => policy.setSettings(SETTINGS_DEFAULT, 0, 'user:anna', 60),
    () => policy.setCategories(categories, 0, 'user:anna', 60),
  ]) {
    const [one, other] = await Promise.allSettled([save(), save()]);
    expect(one.status).toBe('fulfilled');
    expect(other).toMatchObject({ status: 'rejected', reason: { code: 'conflict' } });
  }
});

test('[IC24] how incidents age is kept by version', async () => {
  const store = createMemoryIncidentStore();
  const policy = await createPolicy(store);
  expect(policy.settings()).toEqual({ value: SETTINGS_DEFAULT, version: 0 });
  await policy.setSettings({ ...SETTINGS_DEFAULT, autoCloseDays: 2 }, 0, 'user:anna', 1);
  expect((await createPolicy(store)).settings().value.autoCloseDays).toBe(2);
  await expect(policy.setSettings(SETTINGS_DEFAULT, 0, 'user:ben', 2)).rejects.toMatchObject({
    code: 'conflict',
  });
});

test.each([
  ['a category twice', [...INCIDENT_CATEGORIES, INCIDENT_CATEGORIES[0]]],
  ['a child before its parent', INCIDENT_CATEGORIES.toReversed()],
  ['one left out under which the machine files', INCIDENT_CATEGORIES.slice(0, -1)],
])('[IC26] %s is refused', async (_what, list) => {
  const policy = await createPolicy(createMemoryIncidentStore());
  const items = list.filter((one) => one !== undefined);
  await expect(policy.setCategories(items, 0, 'user:anna', 1)).rejects.toMatchObject({
    code: 'input-invalid',
  });
});

test('[IC26] renamed, retired and added ones are kept', async () => {
  const store = createMemoryIncidentStore();
  const policy = await createPolicy(store);
  const items = [
    ...INCIDENT_CATEGORIES.map((one) => (one.id === 'records' ? { ...one, retired: true } : one)),
    { id: 'hardware.printer', title: { en: 'Printer', zh: '打印机' }, retired: false },
  ];
  await policy.setCategories(items, 0, 'user:anna', 1);
  expect((await createPolicy(store)).categories()).toEqual({ value: items, version: 1 });
});
