/**
 * Writes the SQL migrations from def.ts. Without arguments it rewrites the one initial migration (until the first
 * release); `add NAME` writes the next one from the difference to the last snapshot.
 * Same definition, same bytes: engineers may run it side by side.
 */
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import type { DrizzleSQLiteSnapshotJSON } from 'drizzle-kit/api';
import { defineSchema } from './def.ts';
import { sqliteKit } from './kit.ts';
import { MIGRATIONS_FOLDER } from './migrate.ts';

// npm may place drizzle-kit where it does not see this workspace's drizzle-orm.
registerHooks({
  resolve: (specifier, context, next) =>
    /^drizzle-orm(\/|$)/.test(specifier)
      ? next(specifier, { ...context, parentURL: import.meta.url })
      : next(specifier, context),
});
const { generateSQLiteDrizzleJson, generateSQLiteMigration } = await import('drizzle-kit/api');

interface JournalEntry {
  idx: number;
  version: string;
  when: number;
  tag: string;
  breakpoints: boolean;
}

/** Times in the journal only order the migrations, so they are counted and not read from a clock. */
const FIRST_WHEN_MS = 1_790_000_000_000;

const ORIGIN_ID = '00000000-0000-0000-0000-000000000000';
const snapshotId = (index: number) => `00000000-0000-4000-8000-${String(index + 1).padStart(12, '0')}`;
const numbered = (index: number) => String(index).padStart(4, '0');

async function writeMigration(folder: string, entries: JournalEntry[], name: string): Promise<string> {
  const index = entries.length;
  const previous =
    index === 0
      ? await generateSQLiteDrizzleJson({}, ORIGIN_ID)
      : (JSON.parse(
          readFileSync(join(folder, `meta/${numbered(index - 1)}_snapshot.json`), 'utf8'),
        ) as DrizzleSQLiteSnapshotJSON);
  const next = await generateSQLiteDrizzleJson(
    defineSchema(sqliteKit),
    index === 0 ? ORIGIN_ID : previous.id,
  );
  const statements = await generateSQLiteMigration(previous, next);
  if (statements.length === 0) return 'nothing has changed';
  const tag = `${numbered(index)}_${name}`;
  const entry = { idx: index, version: '6', when: FIRST_WHEN_MS + index * 1000, tag, breakpoints: true };
  mkdirSync(join(folder, 'meta'), { recursive: true });
  writeFileSync(join(folder, `${tag}.sql`), `${statements.join('\n--> statement-breakpoint\n')}\n`);
  writeJson(join(folder, `meta/${numbered(index)}_snapshot.json`), { ...next, id: snapshotId(index) });
  writeJson(join(folder, 'meta/_journal.json'), {
    version: '7',
    dialect: 'sqlite',
    entries: [...entries, entry],
  });
  return `${tag}.sql: ${statements.length} statements`;
}

function writeJson(file: string, value: unknown): void {
  writeFileSync(file, `${JSON.stringify(value, null, 1)}\n`);
}

function readJournal(folder: string): JournalEntry[] {
  const text = readFileSync(join(folder, 'meta/_journal.json'), 'utf8');
  return (JSON.parse(text) as { entries: JournalEntry[] }).entries;
}

/** Takes away what an earlier run left and this one does not overwrite. */
function dropOthers(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.sql') && name !== '0000_initial.sql') rmSync(join(folder, name));
  }
  for (const name of readdirSync(join(folder, 'meta'))) {
    if (name.endsWith('_snapshot.json') && name !== '0000_snapshot.json') rmSync(join(folder, 'meta', name));
  }
}

const [verb, name] = process.argv.slice(2);
if (verb === 'add') {
  if (name === undefined || !/^[a-z0-9-]+$/.test(name))
    throw new Error('usage: generate.ts add lower-case-name');
  console.log(await writeMigration(MIGRATIONS_FOLDER, readJournal(MIGRATIONS_FOLDER), name));
} else {
  console.log(await writeMigration(MIGRATIONS_FOLDER, [], 'initial'));
  dropOthers(MIGRATIONS_FOLDER);
}
