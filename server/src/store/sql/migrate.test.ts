import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { getTableConfig } from 'drizzle-orm/sqlite-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defineSchema } from './def.ts';
import { sqliteKit } from './kit.ts';
import { MIGRATION_COPIES_MAX, MIGRATIONS_FOLDER, migrateDatabase } from './migrate.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-migrate-'));
  file = join(folder, 'muster.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A migration folder of statements, one list per migration. */
function migrations(name: string, list: readonly (readonly string[])[]): string {
  const target = join(folder, name);
  mkdirSync(join(target, 'meta'), { recursive: true });
  const entries = list.map((statements, idx) => {
    const tag = `${String(idx).padStart(4, '0')}_m`;
    writeFileSync(join(target, `${tag}.sql`), statements.join('\n--> statement-breakpoint\n'));
    return { idx, version: '6', when: 1000 + idx, tag, breakpoints: true };
  });
  writeFileSync(
    join(target, 'meta/_journal.json'),
    JSON.stringify({ version: '7', dialect: 'sqlite', entries }),
  );
  return target;
}

const FIRST = [
  'CREATE TABLE parent (id integer PRIMARY KEY, name text)',
  'CREATE TABLE child (id integer PRIMARY KEY, parent integer NOT NULL REFERENCES parent(id) ON DELETE CASCADE)',
];
/** As drizzle-kit writes it when a column of a parent changes. */
const REBUILD = [
  'PRAGMA foreign_keys=OFF',
  "CREATE TABLE __new_parent (id integer PRIMARY KEY, name text NOT NULL DEFAULT '')",
  'INSERT INTO __new_parent SELECT id, name FROM parent',
  'DROP TABLE parent',
  'ALTER TABLE __new_parent RENAME TO parent',
  'PRAGMA foreign_keys=ON',
];

function open(migrationsFolder: string, nowMs = 0) {
  const db = new Database(file);
  db.pragma('foreign_keys = ON');
  try {
    return { db, outcome: migrateDatabase(db, { file, nowMs, migrationsFolder }) };
  } catch (error) {
    db.close();
    throw error;
  }
}

function populate(): void {
  const { db } = open(migrations('first', [FIRST]));
  db.exec("INSERT INTO parent VALUES (1, 'a'), (2, 'b')");
  db.exec('INSERT INTO child VALUES (1, 1), (2, 2)');
  db.close();
}

const count = (db: Database.Database, table: string) =>
  db.prepare(`SELECT count(*) FROM ${table}`).pluck().get();

const copies = () => readdirSync(folder).filter((name) => name.endsWith('.bak'));

test('[MI1] an empty database is migrated without a copy, and a second start does nothing', () => {
  const first = open(MIGRATIONS_FOLDER);
  expect(first.outcome.copy).toBeNull();
  expect(first.outcome.applied).toBeGreaterThan(0);
  first.db.close();
  const second = open(MIGRATIONS_FOLDER);
  expect(second.outcome).toEqual({ applied: 0, copy: null });
  second.db.close();
});

test('[MI2] children survive the rebuild of their parent, and a copy of before stands beside', () => {
  populate();
  const { db, outcome } = open(migrations('second', [FIRST, REBUILD]), Date.UTC(2026, 0, 2, 3, 4, 5));
  expect(count(db, 'parent')).toBe(2);
  expect(count(db, 'child')).toBe(2);
  expect(db.pragma('foreign_keys', { simple: true })).toBe(1);
  db.close();
  expect(outcome.copy).toBe(`${file}.v0001-20260102T030405Z.bak`);
  const copy = new Database(outcome.copy ?? '', { readonly: true });
  expect(count(copy, 'child')).toBe(2);
  copy.close();
});

test('[MI3] a failed migration changes nothing and says where the copy is', () => {
  populate();
  const bad = migrations('bad', [FIRST, ['CREATE TABLE extra (id integer)', 'DROP TABLE parent', 'NOT SQL']]);
  expect(() => open(bad)).toThrow(/nothing was changed: near "NOT".*copy from before stands in .*\.bak/);
  const { db, outcome } = open(migrations('again', [FIRST]));
  expect(outcome.applied).toBe(0);
  expect(count(db, 'parent')).toBe(2);
  expect(count(db, 'child')).toBe(2);
  expect(() => count(db, 'extra')).toThrow(/no such table/);
  db.close();
});

test('[MI3] a migration that would orphan rows is rolled back', () => {
  populate();
  const orphan = migrations('orphan', [FIRST, ['DELETE FROM parent WHERE id = 1']]);
  expect(() => open(orphan)).toThrow(/1 rows lost their parent, first in child → parent/);
  const { db } = open(migrations('again', [FIRST]));
  expect(count(db, 'parent')).toBe(2);
  db.close();
});

test('[MI4] a database of a newer program is refused', () => {
  open(migrations('newer', [FIRST, REBUILD])).db.close();
  expect(() => open(migrations('older', [FIRST]))).toThrow(/newer version of Muster/);
});

test('[MI4] a database made from other migrations is refused', () => {
  open(migrations('one', [FIRST])).db.close();
  expect(() => open(migrations('other', [['CREATE TABLE other (id integer)']]))).toThrow(
    /development version/,
  );
});

test('[MI5] only the newest copies are kept', () => {
  populate();
  const steps = [FIRST];
  for (let index = 0; index < MIGRATION_COPIES_MAX + 2; index += 1) {
    steps.push([`CREATE TABLE extra_${index} (id integer)`]);
    open(migrations(`step-${index}`, steps), Date.UTC(2026, 0, 1 + index)).db.close();
  }
  expect(copies()).toHaveLength(MIGRATION_COPIES_MAX);
  expect(copies()[0]).toContain('v0003-20260103');
});

test('[MI6] the committed migrations make exactly the tables and indexes of the definition', () => {
  const { db } = open(MIGRATIONS_FOLDER);
  for (const table of Object.values(defineSchema(sqliteKit))) {
    const { name, columns, indexes } = getTableConfig(table);
    const found = db.pragma(`table_info(${name})`) as { name: string }[];
    expect(found.map((column) => column.name)).toEqual(columns.map((column) => column.name));
    const made = (db.pragma(`index_list(${name})`) as { name: string; origin: string }[])
      .filter(({ name: index, origin }) => origin === 'c' && !index.endsWith('_unique'))
      .map((index) => index.name);
    expect(made.sort()).toEqual(indexes.map((index) => index.config.name).sort());
  }
  db.close();
});
