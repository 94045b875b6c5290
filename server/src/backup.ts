/** A backup is a folder that a server starts from: database, samples, keys. Made beside a running server, checked when put back. */
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { toIso, type Millis } from '@muster/shared/time.ts';
import { z } from 'zod';
import { dataFolder } from './data-folder.ts';
import type { MetricStore } from './metrics/store.ts';
import type { SqlStore } from './store/sql/open.ts';
import { CERTIFICATE_FILE, KEY_FILE } from './tls.ts';

/** Written last: a folder without it is half a backup. */
const MANIFEST = 'backup.json';
const Manifest = z.object({ muster: z.string(), format: z.literal(1), at: z.iso.datetime({ precision: 3 }) });
/** Files beside the databases. The server key is among them: agents trust no other. */
const FILES = ['server.key', KEY_FILE, CERTIFICATE_FILE];

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
  mkdirSync(to, { recursive: true, mode: 0o700 });
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

/** Puts a backup into the empty or new data directory `to`. @throws Error that says what is wrong */
export function restoreBackup(from: string, to: string): string {
  const file = join(from, MANIFEST);
  if (!existsSync(file)) throw new Error(`${from} is not a whole backup: ${MANIFEST} is missing.`);
  const manifest = Manifest.parse(JSON.parse(readFileSync(file, 'utf8')));
  for (const part of ['muster.db', 'metrics', 'server.key']) {
    if (!existsSync(join(from, part))) throw new Error(`${from} is not a whole backup: ${part} is missing.`);
  }
  requireEmpty(to);
  mkdirSync(to, { recursive: true, mode: 0o700 });
  cpSync(from, to, { recursive: true, filter: (path) => !path.endsWith(MANIFEST) });
  return `Restored the backup of ${manifest.at} (Muster ${manifest.muster}) to ${to}.`;
}

function requireEmpty(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new Error(`${folder} is not empty; name an empty or new folder.`);
}
