/** A backup is a folder that a server starts from: database, samples, keys. Made beside a running server, checked when put back. */
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { toIso, type Millis } from '@muster/shared/time.ts';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { dataFolder } from './data-folder.ts';
import { messageOf } from './log.ts';
import type { MetricStore } from './metrics/store.ts';
import type { SqlStore } from './store/sql/open.ts';
import { CERTIFICATE_FILE, KEY_FILE } from './tls.ts';

/** Written last: a folder without it is half a backup. */
const MANIFEST = 'backup.json';
const Manifest = z.object({ muster: z.string(), format: z.literal(1), at: z.iso.datetime({ precision: 3 }) });
/** Files beside the databases. The server key is among them: agents trust no other; so is that of the twin, whose print its owner wrote down. */
const FILES = ['server.key', KEY_FILE, CERTIFICATE_FILE, 'twin.key', 'twin.json'];
/** What no backup lacks. */
const PARTS = ['muster.db', 'metrics', 'server.key'];

/**
 * Copies everything durable into the empty or new folder `to`. Samples are copied first: the database then knows every series
 * and delivery that the copy of the samples does. Returns a sentence for the person who asked.
 */
export async function makeBackup(options: {
  from: string;
  to: string;
  sql: Pick<SqlStore, 'backup'>;
  metrics: Pick<MetricStore, 'backup'>;
  version: string;
  nowMs: Millis;
}): Promise<string> {
  const { from, to, sql, metrics, version, nowMs } = options;
  requireEmpty(to);
  makePrivate(to);
  const target = dataFolder(to);
  mkdirSync(target.metrics, { mode: 0o700 });
  await metrics.backup(target.metrics);
  await sql.backup(target.database);
  for (const file of FILES) if (existsSync(join(from, file))) copyFileSync(join(from, file), join(to, file));
  writeFileSync(join(to, MANIFEST), `${JSON.stringify({ muster: version, format: 1, at: toIso(nowMs) })}\n`, {
    mode: 0o600,
  });
  return `Backup of ${from} written to ${to}. It holds private keys: keep it as safe as the server.`;
}

/**
 * Puts a backup into the empty or new data directory `to`, after checking that it is whole; a restore that fails on
 * the way leaves the directory empty again. @throws Error that says what is wrong
 */
export function restoreBackup(from: string, to: string): string {
  const manifest = readManifest(from);
  checkDatabase(dataFolder(from).database);
  requireEmpty(to);
  makePrivate(to);
  try {
    for (const name of readdirSync(from).filter((entry) => entry !== MANIFEST)) {
      cpSync(join(from, name), join(to, name), { recursive: true });
    }
  } catch (cause) {
    // Half a data directory must not be taken for a whole one.
    for (const name of readdirSync(to)) rmSync(join(to, name), { recursive: true });
    throw new Error(`The backup could not be copied to ${to}: ${messageOf(cause)}.`, { cause });
  }
  return `Restored the backup of ${manifest.at} (Muster ${manifest.muster}) to ${to}.`;
}

function readManifest(from: string): z.infer<typeof Manifest> {
  for (const part of [MANIFEST, ...PARTS]) {
    if (!existsSync(join(from, part))) throw new Error(`${from} is not a whole backup: ${part} is missing.`);
  }
  try {
    return Manifest.parse(JSON.parse(readFileSync(join(from, MANIFEST), 'utf8')));
  } catch (cause) {
    throw new Error(`${join(from, MANIFEST)} is not of a backup that this version knows.`, { cause });
  }
}

function checkDatabase(file: string): void {
  let verdict: unknown;
  try {
    const db = new Database(file, { readonly: true });
    try {
      verdict = db.pragma('quick_check(1)', { simple: true });
    } finally {
      db.close();
    }
  } catch (cause) {
    throw new Error(`${file} cannot be read: ${messageOf(cause)}.`, { cause });
  }
  if (verdict !== 'ok') throw new Error(`${file} is damaged: ${String(verdict)}.`);
}

/** Also a folder that was there before: keys and password hashes come into it. */
function makePrivate(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
}

function requireEmpty(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new Error(`${folder} is not empty; name an empty or new folder.`);
}
