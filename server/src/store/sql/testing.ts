/** A fresh SQL store in a temporary folder, for tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqlStore, type SqlStore } from './open.ts';

/** Migrated and empty; `close()` also deletes the folder. */
export async function openTestStore(): Promise<SqlStore & { readonly folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'muster-store-'));
  const store = await openSqlStore({ file: join(folder, 'muster.db'), nowMs: 0, synchronous: 'OFF' });
  return {
    folder,
    t: store.t,
    read: store.read,
    migration: store.migration,
    tx: (fn) => store.tx(fn),
    backup: (file) => store.backup(file),
    sizeBytes: () => store.sizeBytes(),
    close: async () => {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
