import { expect, test } from 'vitest';
import { createMemoryChangeStore } from '../store/memory/changes.ts';
import { createChanges, mayDecide } from './changes.ts';

const FIELDS = {
  title: 'New memory',
  description: '',
  kinds: ['hardware-added'],
  ciIds: ['ci_a'],
  tags: [],
  startsAtMs: 100,
  endsAtMs: 200,
} as const;

function setUp() {
  let next = 0;
  const store = createMemoryChangeStore();
  return { store, changes: createChanges({ store, newId: (prefix) => `${prefix}_${++next}` }) };
}

test('[CH4] requests made at once get numbers of their own', async () => {
  const { changes } = setUp();
  const made = await Promise.all([1, 2, 3].map(() => changes.request(FIELDS, 'user:anna', 1)));
  expect(made.map(({ ref }) => ref)).toEqual(['CHG-0001', 'CHG-0002', 'CHG-0003']);
});

test('[CH7] who requested a change can neither approve nor reject it, but can cancel it', async () => {
  const { changes } = setUp();
  const { id } = await changes.request(FIELDS, 'user:anna', 1);
  await expect(changes.move(id, 'approved', null, 'user:anna', 2)).rejects.toMatchObject({
    code: 'forbidden',
  });
  await expect(changes.move(id, 'rejected', null, 'user:anna', 2)).rejects.toMatchObject({
    code: 'forbidden',
  });
  expect(await changes.move(id, 'approved', 'go', 'user:bo', 3)).toMatchObject({
    state: 'approved',
    decidedBy: 'user:bo',
    decidedAtMs: 3,
    note: 'go',
  });
  expect(await changes.move(id, 'cancelled', null, 'user:anna', 4)).toMatchObject({
    state: 'cancelled',
    decidedBy: 'user:bo',
    note: 'go',
  });
});

test('[CH7] an API token approves and rejects nothing, whoever made it', async () => {
  const { changes, store } = setUp();
  const { id } = await changes.request(FIELDS, 'user:anna', 1);
  for (const to of ['approved', 'rejected'] as const)
    await expect(changes.move(id, to, null, 'token:anna', 2)).rejects.toMatchObject({ code: 'forbidden' });
  const change = await store.change(id);
  const who = ['user:anna', 'token:anna', 'user:bo'];
  expect(who.map((actor) => change && mayDecide(change, actor))).toEqual([false, false, true]);
  expect(await changes.move(id, 'cancelled', null, 'token:anna', 3)).toMatchObject({ state: 'cancelled' });
});

test('[CH7] only who requested a change corrects it, so that nobody approves words of their own', async () => {
  const { changes, store } = setUp();
  const { id } = await changes.request(FIELDS, 'user:anna', 1);
  await expect(changes.correct(id, { ciIds: ['ci_b'] }, 'user:bo')).rejects.toMatchObject({
    code: 'forbidden',
  });
  expect(await store.change(id)).toMatchObject({ ciIds: ['ci_a'], requestedBy: 'user:anna' });
});

test('[CH8] what was decided on is not corrected, and no state is skipped', async () => {
  const { changes } = setUp();
  const { id } = await changes.request(FIELDS, 'user:anna', 1);
  expect(await changes.correct(id, { endsAtMs: 300 }, 'user:anna')).toMatchObject({
    endsAtMs: 300,
    title: 'New memory',
  });
  await expect(changes.move(id, 'closed', null, 'user:bo', 2)).rejects.toThrow(
    'can become: approved, rejected, cancelled',
  );
  await changes.move(id, 'rejected', null, 'user:bo', 2);
  await expect(changes.correct(id, { title: 'x' }, 'user:anna')).rejects.toThrow('Request another change');
  await expect(changes.move(id, 'approved', null, 'user:bo', 3)).rejects.toThrow('nothing else');
});

test.each([
  ['a window that ends before it begins', { endsAtMs: 100 }],
  ['neither a CI nor a tag', { ciIds: [] }],
])('[CH9] a change with %s is refused', async (_, wrong) => {
  const { changes, store } = setUp();
  await expect(changes.request({ ...FIELDS, ...wrong }, 'user:anna', 1)).rejects.toMatchObject({
    code: 'input-invalid',
  });
  expect((await store.find({ limit: 9 })).items).toEqual([]);
});
