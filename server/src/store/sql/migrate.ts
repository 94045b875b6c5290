/** Brings a SQLite file to the schema of this program at start-up, on a copy-first basis. */
import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Millis } from '@muster/shared/time.ts';
import type Database from 'better-sqlite3';
import { type MigrationMeta, readMigrationFiles } from 'drizzle-orm/migrator';

export const MIGRATIONS_FOLDER = fileURLToPath(new URL('./migrations/sqlite', import.meta.url));
/** Copies made before a migration that stay beside the database. */
export const MIGRATION_COPIES_MAX = 3;

/** The database cannot be used by this program; the message says why and what to do. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

export interface MigrationOutcome {
  /** Number of migrations applied now. */
  readonly applied: number;
  /** Copy of the file as it was before, null when there was nothing to keep or nothing to do. */
  readonly copy: string | null;
}

/**
 * Applies what is pending. A database that holds data is copied first (`VACUUM INTO`). Foreign keys are off
 * meanwhile: SQLite rebuilds a table by dropping it, and with foreign keys on that deletes the rows of its children;
 * `foreign_key_check` runs instead before the commit. All pending migrations are one transaction, so a failure
 * changes nothing.
 * Throws MigrationError when the database is newer than the program, was made from other migrations, or one fails.
 */
export function migrateDatabase(
  db: Database.Database,
  options: { file: string; nowMs: Millis; migrationsFolder?: string },
): MigrationOutcome {
  const { file, nowMs, migrationsFolder = MIGRATIONS_FOLDER } = options;
  const known = readMigrationFiles({ migrationsFolder });
  const done = appliedHashes(db);
  refuseForeign(done, known, file);
  const pending = known.slice(done.length);
  if (pending.length === 0) return { applied: 0, copy: null };
  const copy = isEmpty(db) ? null : copyBeside(db, file, done.length, nowMs);
  db.pragma('foreign_keys = OFF');
  try {
    applyAll(db, pending);
  } catch (error) {
    throw failed(error, file, copy);
  } finally {
    db.pragma('foreign_keys = ON');
  }
  dropOldCopies(file);
  return { applied: pending.length, copy };
}

/**
 * By hand and not by drizzle's migrator, which commits before the references could be checked. The book-keeping is
 * the same, so its tools read it.
 */
function applyAll(db: Database.Database, pending: readonly MigrationMeta[]): void {
  db.transaction(() => {
    db.exec(
      'CREATE TABLE IF NOT EXISTS __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)',
    );
    const record = db.prepare('INSERT INTO __drizzle_migrations (hash, created_at) VALUES (?, ?)');
    for (const migration of pending) {
      for (const statement of migration.sql) db.exec(statement);
      record.run(migration.hash, migration.folderMillis);
    }
    refuseBrokenReferences(db);
  }).immediate();
}

function appliedHashes(db: Database.Database): string[] {
  const table = db.prepare("SELECT 1 FROM sqlite_master WHERE name = '__drizzle_migrations'").get();
  if (table === undefined) return [];
  return db.prepare('SELECT hash FROM __drizzle_migrations ORDER BY created_at').pluck().all() as string[];
}

function refuseForeign(done: readonly string[], known: readonly { hash: string }[], file: string): void {
  if (done.length > known.length) {
    throw new MigrationError(
      `${file} was written by a newer version of Muster (${done.length} migrations, this program knows ${known.length}). ` +
        `Start that version, or restore a backup of this one.`,
    );
  }
  const other = done.findIndex((hash, index) => known[index]?.hash !== hash);
  if (other >= 0) {
    throw new MigrationError(
      `${file} was made by a development version whose migration ${other} differs from this program's. ` +
        `Start with an empty data directory, or go back to the version that made it.`,
    );
  }
}

function isEmpty(db: Database.Database): boolean {
  return (
    db
      .prepare(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> '__drizzle_migrations'",
      )
      .get() === undefined
  );
}

/** Named so that text order is age order: `muster.db.v0003-20260102T030405Z.bak`. */
function copyBeside(db: Database.Database, file: string, version: number, nowMs: Millis): string {
  const time = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '');
  const copy = `${file}.v${String(version).padStart(4, '0')}-${time}.bak`;
  rmSync(copy, { force: true });
  try {
    db.prepare('VACUUM INTO ?').run(copy);
  } catch (error) {
    throw new MigrationError(
      `${file} needs a migration, but the copy ${copy} could not be made first: ${message(error)}. Nothing was changed.`,
      { cause: error },
    );
  }
  return copy;
}

function refuseBrokenReferences(db: Database.Database): void {
  const broken = db.pragma('foreign_key_check') as { table: string; parent: string }[];
  const first = broken[0];
  if (first === undefined) return;
  throw new Error(`${broken.length} rows lost their parent, first in ${first.table} → ${first.parent}`);
}

function failed(error: unknown, file: string, copy: string | null): MigrationError {
  const where = copy === null ? '' : ` A copy from before stands in ${copy}.`;
  return new MigrationError(
    `The migration of ${file} failed and nothing was changed: ${message(error)}.${where}`,
    { cause: error },
  );
}

function dropOldCopies(file: string): void {
  const folder = dirname(file);
  const prefix = `${basename(file)}.v`;
  const copies = readdirSync(folder)
    .filter((name) => name.startsWith(prefix) && name.endsWith('.bak'))
    .sort();
  for (const name of copies.slice(0, -MIGRATION_COPIES_MAX)) rmSync(join(folder, name));
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
