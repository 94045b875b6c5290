/** The fingerprint settings on SQL. */
import type { FingerprintStore, MachineClassName } from '../../fingerprints/store.ts';
import type { SqlStore } from './open.ts';

export function createSqlFingerprintStore(store: SqlStore): FingerprintStore {
  const { fingerprintSettings } = store.t;
  return {
    all: async () =>
      Object.fromEntries(
        (await store.read.select().from(fingerprintSettings)).map((row) => [row.class, row.directories]),
      ),
    put: (directories) =>
      store.tx(async (db) => {
        for (const [name, list] of Object.entries(directories)) {
          const row = { class: name as MachineClassName, directories: list };
          await db
            .insert(fingerprintSettings)
            .values(row)
            .onConflictDoUpdate({ target: fingerprintSettings.class, set: row });
        }
      }),
  };
}
