/** The settings of presence on SQL. */
import type { PresenceSettingsStore } from '../../witness/store.ts';
import type { SqlStore } from './open.ts';

const ONLY = 'presence';

export function createSqlPresenceSettingsStore(store: SqlStore): PresenceSettingsStore {
  const { presenceSettings } = store.t;
  return {
    get: async () => (await store.read.select().from(presenceSettings))[0]?.settings ?? null,
    put: (settings) =>
      store.tx(async (db) => {
        await db
          .insert(presenceSettings)
          .values({ id: ONLY, settings })
          .onConflictDoUpdate({ target: presenceSettings.id, set: { settings } });
      }),
  };
}
