import { expect, test } from 'vitest';
import { createMemoryAccessStore } from '../store/memory/access.ts';
import { issueApiToken } from './access.ts';
import { keepTokens } from './kept-tokens.ts';
import { secretHash } from './secret.ts';

const NOW_MS = Date.UTC(2026, 0, 2);

async function opened() {
  const inner = createMemoryAccessStore();
  let asked = 0;
  let held: Promise<void> | null = null;
  const store = keepTokens({
    ...inner,
    apiToken: async (tokenHash) => {
      asked += 1;
      const found = await inner.apiToken(tokenHash);
      await held;
      return found;
    },
  });
  const { record, token } = await issueApiToken(
    store,
    { name: 'ci', role: 'viewer', expiresAtMs: null },
    NOW_MS,
  );
  const tokenHash = secretHash(token);
  return {
    store,
    id: record.id,
    find: () => store.apiToken(tokenHash),
    asked: () => asked,
    hold: (until: Promise<void> | null) => void (held = until),
  };
}

test('[AC18] a token is asked for once, and anew after every verb that may have changed it', async () => {
  const { store, id, find, asked } = await opened();
  for (let i = 0; i < 3; i++) expect((await find())?.id).toBe(id);
  await store.listApiTokens({ limit: 1, after: null });
  expect([await find(), asked()]).toEqual([expect.objectContaining({ lastUsedAtMs: null }), 1]);
  await store.touchApiToken(id, NOW_MS);
  expect([await find(), asked()]).toEqual([expect.objectContaining({ lastUsedAtMs: NOW_MS }), 2]);
});

test('[AC18] a token that is removed is unknown at once, also to those who were asking meanwhile', async () => {
  const { store, id, find } = await opened();
  await find();
  await store.removeApiToken(id);
  expect(await find()).toBeNull();

  const other = await opened();
  const { promise, resolve } = Promise.withResolvers<void>();
  other.hold(promise);
  const asking = other.find();
  await other.store.removeApiToken(other.id);
  resolve();
  await asking;
  other.hold(null);
  expect(await other.find()).toBeNull();
});

test('[AC18] a removal that fails forgets too, and a verb that nobody knows yet forgets to be safe', async () => {
  const inner = createMemoryAccessStore();
  let asked = 0;
  const later = {
    ...inner,
    apiToken: (tokenHash: string) => {
      asked += 1;
      return inner.apiToken(tokenHash);
    },
    removeApiToken: () => Promise.reject(new Error('the disk is full')),
    changeToken: async () => undefined,
  };
  const store = keepTokens(later);
  const { token } = await issueApiToken(store, { name: 'ci', role: 'viewer', expiresAtMs: null }, NOW_MS);
  const find = () => store.apiToken(secretHash(token));
  await find();
  await expect(store.removeApiToken('tok_1')).rejects.toThrow('full');
  await find();
  await (store as unknown as { changeToken: () => Promise<void> }).changeToken();
  await find();
  expect(asked).toBe(3);
});
