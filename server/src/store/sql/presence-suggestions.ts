/** Suggestions about presence on SQL. */
import { desc, inArray } from 'drizzle-orm';
import type { SuggestionStore } from '../../presence-hours/store.ts';
import type { SqlStore } from './open.ts';

export function createSqlSuggestionStore(store: SqlStore): SuggestionStore {
  const { presenceSuggestions } = store.t;
  return {
    all: async () => {
      const rows = await store.read
        .select()
        .from(presenceSuggestions)
        .orderBy(desc(presenceSuggestions.proposedAtMs), desc(presenceSuggestions.id));
      return rows.map(({ record }) => record);
    },
    put: (record) =>
      store.tx(async (db) => {
        const { id, state, proposedAtMs } = record;
        const row = { id, state, proposedAtMs, record };
        await db
          .insert(presenceSuggestions)
          .values(row)
          .onConflictDoUpdate({ target: presenceSuggestions.id, set: row });
      }),
    drop: (ids) =>
      store.tx(async (db) => {
        if (ids.length > 0)
          await db.delete(presenceSuggestions).where(inArray(presenceSuggestions.id, [...ids]));
      }),
  };
}
