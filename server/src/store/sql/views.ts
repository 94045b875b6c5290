/** The port of saved views on SQL. */
import { asc, eq, or } from 'drizzle-orm';
import type { ViewStore } from '../../views/store.ts';
import type { SqlStore } from './open.ts';

export function createSqlViewStore(store: SqlStore): ViewStore {
  const { t, read } = store;
  return {
    viewsFor: async (owner) =>
      read
        .select()
        .from(t.views)
        .where(or(eq(t.views.owner, owner), eq(t.views.shared, true)))
        .orderBy(asc(t.views.name), asc(t.views.id)),
    view: async (id) => (await read.select().from(t.views).where(eq(t.views.id, id)))[0] ?? null,
    putView: (view) =>
      store.tx(
        async (db) =>
          void (await db.insert(t.views).values(view).onConflictDoUpdate({ target: t.views.id, set: view })),
      ),
    deleteView: (id) =>
      store.tx(
        async (db) =>
          (await db.delete(t.views).where(eq(t.views.id, id)).returning({ id: t.views.id })).length > 0,
      ),
  };
}
