import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { eq } from 'drizzle-orm';
import { getTableConfig as pgConfig } from 'drizzle-orm/pg-core';
import { getTableConfig as liteConfig } from 'drizzle-orm/sqlite-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defineSchema } from './def.ts';
import { pgKit, sqliteKit } from './kit.ts';
import { openTestStore } from './testing.ts';

let store: Awaited<ReturnType<typeof openTestStore>>;
beforeEach(async () => {
  store = await openTestStore();
});
afterEach(() => store.close());

const token = (id: string) => ({ id, name: id, role: 'viewer' as const, tokenHash: id, createdAtMs: 1 });

const names = async () => (await store.read.select().from(store.t.apiTokens)).map((row) => row.id).sort();

test('[ST1] a transaction is seen by readers only after its commit', async () => {
  await store.tx(async (db) => {
    await db.insert(store.t.apiTokens).values(token('a'));
    expect(await names()).toEqual([]);
  });
  expect(await names()).toEqual(['a']);
});

test('[ST1] a transaction that throws leaves nothing behind', async () => {
  const broken = store.tx(async (db) => {
    await db.insert(store.t.apiTokens).values(token('a'));
    throw new Error('boom');
  });
  await expect(broken).rejects.toThrow('boom');
  expect(await names()).toEqual([]);
});

test('[ST2] transactions run one at a time in the order of the calls, also after one failed', async () => {
  const order: string[] = [];
  const run = (name: string) =>
    store.tx(async (db) => {
      order.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      if (name === 'b') throw new Error('b fails');
      await db.insert(store.t.apiTokens).values(token(name));
      order.push(`${name} ends`);
    });
  const results = await Promise.allSettled(['a', 'b', 'c'].map(run));
  expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(order).toEqual(['a begins', 'a ends', 'b begins', 'c begins', 'c ends']);
  expect(await names()).toEqual(['a', 'c']);
});

test('[ST2] transactions that waited together are durable together; one that fails undoes only its own', async () => {
  const commits: number[] = [];
  const run = (i: number) =>
    store.tx(async (db) => {
      commits.push(i);
      await db.insert(store.t.apiTokens).values(token(`t${i}`));
      if (i % 3 === 0) throw new Error(`${i} fails`);
      // What the ones before wrote is there, whether or not it is committed yet.
      const rows = await db.select().from(store.t.apiTokens);
      return rows.length;
    });
  const results = await Promise.allSettled(Array.from({ length: 300 }, (_, i) => run(i)));
  expect(commits).toEqual(Array.from({ length: 300 }, (_, i) => i));
  expect(results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))).toEqual(
    Array.from({ length: 200 }, (_, i) => i + 1),
  );
  expect((await names()).length).toBe(200);
  expect(await names()).not.toContain('t0');
});

test('[ST2] where the first of those that waited fails, the others are as they would be without it', async () => {
  const results = await Promise.allSettled([
    store.tx(() => Promise.reject(new Error('first'))),
    store.tx(async (db) => {
      await db.insert(store.t.apiTokens).values(token('second'));
    }),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  expect(await names()).toEqual(['second']);
});

test('[ST3] a transaction inside a transaction is refused instead of waiting for ever', async () => {
  await expect(store.tx(() => store.tx(async () => 1))).rejects.toThrow(/transaction inside/);
});

test('[ST3] a transaction started by something that a transaction left running is not refused for good', async () => {
  await store.tx(async () => undefined);
  await expect(store.tx(async () => 7)).resolves.toBe(7);
});

test('[ST4] the reading connection cannot write', async () => {
  const write = async () => store.read.insert(store.t.apiTokens).values(token('a'));
  await expect(write()).rejects.toThrow(/readonly/);
});

test('[ST5] a child without its parent is refused', async () => {
  const orphan = store.tx(async (db) => {
    await db.insert(store.t.sessions).values({
      id: 'x',
      tokenHash: 'x',
      userId: 'nobody',
      createdAtMs: 1,
      lastUsedAtMs: 1,
      expiresAtMs: 2,
      address: '',
      browser: '',
      system: '',
    });
  });
  await expect(orphan).rejects.toThrow(/FOREIGN KEY/);
});

test('[ST6] a backup holds what was committed and opens by itself', async () => {
  await store.tx(async (db) => {
    await db.insert(store.t.apiTokens).values(token('a'));
  });
  const folder = mkdtempSync(join(tmpdir(), 'muster-backup-'));
  try {
    const file = join(folder, 'copy.db');
    await store.backup(file);
    const copy = new Database(file, { readonly: true });
    expect(copy.prepare('SELECT id FROM api_tokens').pluck().all()).toEqual(['a']);
    expect(copy.pragma('integrity_check', { simple: true })).toBe('ok');
    copy.close();
    await expect(store.backup(file)).rejects.toThrow(/exists/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('[ST7] no more and no fewer columns stand in the PostgreSQL schema than in the SQLite one', () => {
  const lite = defineSchema(sqliteKit);
  const pg = defineSchema(pgKit) as unknown as Record<string, Parameters<typeof pgConfig>[0]>;
  for (const [name, table] of Object.entries(lite)) {
    const other = pg[name];
    if (other === undefined) throw new Error(`${name} is missing`);
    const expected = liteConfig(table).columns.map((column) => [column.name, column.notNull]);
    expect(pgConfig(other).columns.map((column) => [column.name, column.notNull])).toEqual(expected);
  }
});

test('[ST4] values come back as they went in', async () => {
  const user = {
    id: 'u',
    name: '王芳',
    nameKey: '王芳',
    displayName: 'Wang Fang',
    role: 'admin' as const,
    language: 'zh' as const,
    disabled: false,
    passwordHash: 'h',
    createdAtMs: 2 ** 53 - 1,
    lastSignInAtMs: null,
  };
  await store.tx(async (db) => {
    await db.insert(store.t.users).values(user);
  });
  expect(await store.read.select().from(store.t.users).where(eq(store.t.users.id, 'u'))).toEqual([user]);
});
