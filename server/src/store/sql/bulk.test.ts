import { afterEach, beforeEach, expect, test } from 'vitest';
import { bulkPut } from './bulk.ts';
import { builtOnce } from './built-once.ts';
import { openTestStore } from './testing.ts';

let store: Awaited<ReturnType<typeof openTestStore>>;
beforeEach(async () => {
  store = await openTestStore();
});
afterEach(() => store.close());

const token = (id: string, name = id) => ({
  id,
  name,
  role: 'viewer' as const,
  tokenHash: id,
  createdAtMs: 1,
});
const held = async () =>
  (await store.read.select().from(store.t.apiTokens).orderBy(store.t.apiTokens.id)).map(({ id, name }) => [
    id,
    name,
  ]);

test.each([
  ['refuse', [['a', 'a']]],
  [
    'keep',
    [
      ['a', 'a'],
      ['b', 'b'],
    ],
  ],
  [
    { target: ['id' as const] },
    [
      ['a', 'other'],
      ['b', 'b'],
    ],
  ],
] as const)('[ST9] of rows one of which is there already: %j', async (onConflict, then) => {
  await store.tx((db) => bulkPut(store.t.apiTokens, 'refuse')(db, [token('a')]));
  const put = store.tx((db) => bulkPut(store.t.apiTokens, onConflict)(db, [token('b'), token('a', 'other')]));
  if (onConflict === 'refuse') await expect(put).rejects.toThrow('UNIQUE');
  else await put;
  expect(await held()).toEqual(then);
});

test('[ST9] a statement is built once for each connection', async () => {
  const built: unknown[] = [];
  const statement = builtOnce((db) => built.push(db));
  const answers = [statement(store.read), statement(store.read)];
  answers.push(await store.tx(async (db) => statement(db)));
  expect(answers).toEqual([1, 1, 2]);
});
