/** Copies the engine's files to another folder while nothing in them changes. */
import path from 'node:path';
import { invariant } from '@muster/shared/invariant.ts';
import { toIso, type Millis } from '@muster/shared/time.ts';
import type { Files } from './files.ts';

/** Written last: a folder without it is not a whole backup. */
const BACKUP_NOTE = 'backup.json';

/** `names` are relative to `from`. The target is made; it must be empty. */
export async function copyBackup(
  files: Files,
  from: string,
  to: string,
  names: readonly string[],
  nowMs: Millis,
): Promise<void> {
  invariant((await files.list(to)).length === 0, 'the folder of a backup is empty');
  await files.makeFolder(to);
  for (const folder of new Set(names.map((name) => path.dirname(name)))) {
    await files.makeFolder(path.join(to, folder));
  }
  const copied: { name: string; bytes: number }[] = [];
  for (const name of names) {
    await files.copy(path.join(from, name), path.join(to, name));
    copied.push({ name, bytes: await files.sizeBytes(path.join(to, name)) });
  }
  for (const folder of new Set(names.map((name) => path.dirname(name)))) {
    await files.syncFolder(path.join(to, folder));
  }
  await files.writeWhole(
    path.join(to, BACKUP_NOTE),
    `${JSON.stringify({ createdAt: toIso(nowMs), files: copied }, null, 2)}\n`,
  );
  await files.syncFolder(to);
}
