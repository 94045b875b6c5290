/** Opens the SQL store: one writer behind a mutex, one read-only reader beside it. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { closeSync, fsyncSync, openSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { invariant } from '@muster/shared/invariant.ts';
import type { Millis } from '@muster/shared/time.ts';
import Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import type { BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core';
import { systemClock } from '../../clock.ts';
import { defineSchema, type Tables } from './def.ts';
import { sqliteKit } from './kit.ts';
import { migrateDatabase, type MigrationOutcome } from './migrate.ts';
import { keepStatements } from './statements.ts';
import { AUDIT_GUARDS_SQLITE } from './tables/access.ts';
import { Turns } from './turns.ts';

/**
 * What SQL adapters build statements with. Always `await`; only the subset that both dialects have: no `.get()`,
 * `.all()`, `.run()`, no raw SQL that one of them does not know.
 */
export type Db = BaseSQLiteDatabase<'async', unknown, Record<string, never>>;

export interface SqlStore {
  readonly t: Tables;
  /** Sees what is committed, never an open transaction. Writing through it fails. */
  readonly read: Db;
  /**
   * Runs `fn` as one transaction, one at a time, in the order of the calls: committed when it resolves (durable, perhaps
   * together with others that waited), rolled back when it throws. `fn` awaits nothing but its own statements. A `tx` inside a `tx` throws.
   */
  tx<T>(fn: (db: Db) => Promise<T>): Promise<T>;
  /** A consistent copy in one new file, made beside running writes, off this thread. */
  backup(file: string): Promise<void>;
  readonly migration: MigrationOutcome;
  /** Size of the database file, from its page count. */
  sizeBytes(): number;
  close(): Promise<void>;
}

/** How long a statement waits for another process that holds the file (a command beside the server). */
export const BUSY_TIMEOUT_MS = 5_000;

/** `synchronous` OFF is for tests and throw-away files only. */
export async function openSqlStore(options: {
  file: string;
  nowMs: Millis;
  synchronous?: 'FULL' | 'OFF';
}): Promise<SqlStore> {
  const { file, nowMs, synchronous = 'FULL' } = options;
  const writer = new Database(file, { timeout: BUSY_TIMEOUT_MS });
  let migration: MigrationOutcome;
  let reader: Database.Database;
  try {
    for (const pragma of ['journal_mode = WAL', `synchronous = ${synchronous}`, 'foreign_keys = ON']) {
      writer.pragma(pragma);
    }
    migration = migrateDatabase(writer, { file, nowMs });
    writer.exec(AUDIT_GUARDS_SQLITE);
    reader = new Database(file, { readonly: true, timeout: BUSY_TIMEOUT_MS });
  } catch (error) {
    writer.close();
    throw error;
  }
  return new SqliteStore({ file, writer, reader, migration });
}

class SqliteStore implements SqlStore {
  readonly t: Tables = defineSchema(sqliteKit);
  readonly read: Db;
  readonly migration: MigrationOutcome;
  readonly #file: string;
  readonly #writer: Database.Database;
  readonly #reader: Database.Database;
  readonly #writeDb: Db;
  readonly #inside = new AsyncLocalStorage<true>();
  readonly #turns: Turns;

  constructor(parts: {
    file: string;
    writer: Database.Database;
    reader: Database.Database;
    migration: MigrationOutcome;
  }) {
    this.#file = parts.file;
    this.#writer = parts.writer;
    this.#reader = parts.reader;
    this.migration = parts.migration;
    this.#turns = new Turns(parts.writer, systemClock.monotonicMs);
    // better-sqlite3 answers at once; awaiting its answers serves both kinds of driver.
    this.#writeDb = drizzle(keepStatements(parts.writer)) as unknown as Db;
    this.read = drizzle(keepStatements(parts.reader)) as unknown as Db;
  }

  async tx<T>(fn: (db: Db) => Promise<T>): Promise<T> {
    invariant(
      this.#inside.getStore() === undefined,
      'a transaction inside a transaction would wait for itself',
    );
    return this.#turns.run(() => this.#inside.run(true, () => fn(this.#writeDb)));
  }

  async backup(file: string): Promise<void> {
    await copyInWorker(this.#file, file);
  }

  sizeBytes(): number {
    const pages = this.#reader.pragma('page_count', { simple: true }) as number;
    return pages * (this.#reader.pragma('page_size', { simple: true }) as number);
  }

  async close(): Promise<void> {
    await this.#turns.settled();
    this.#reader.close();
    this.#writer.close();
  }
}

/** `VACUUM INTO` reads one snapshot, so writers go on; it takes seconds on a big file, so it has its own thread. */
async function copyInWorker(from: string, to: string): Promise<void> {
  const worker = new Worker(new URL('./backup-worker.ts', import.meta.url), { workerData: { from, to } });
  await new Promise<void>((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`the copying thread ended with code ${code}`)),
    );
  });
  const handle = openSync(to, 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
