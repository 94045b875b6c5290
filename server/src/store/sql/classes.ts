/** The port of own classes and attributes on SQL. */
import { asc, eq, sql } from 'drizzle-orm';
import type { ClassStore } from '../../classes/store.ts';
import type { SqlStore } from './open.ts';

export function createSqlClassStore(store: SqlStore): ClassStore {
  const { t, read } = store;
  const { ownClasses, ownAttributes } = t;
  return {
    classes: async () => {
      const rows = await read.select().from(ownClasses).orderBy(asc(ownClasses.position));
      return rows.map(({ position: _position, ...ownClass }) => ownClass);
    },
    attributes: async () => {
      const rows = await read.select().from(ownAttributes).orderBy(asc(ownAttributes.position));
      return rows.map(({ position: _position, ...attribute }) => attribute);
    },
    putClass: (ownClass) =>
      store.tx(async (db) => {
        const [last] = await db
          .select({ at: sql<number>`coalesce(max(${ownClasses.position}), 0)` })
          .from(ownClasses);
        const position = (last?.at ?? 0) + 1;
        await db
          .insert(ownClasses)
          .values({ ...ownClass, position })
          .onConflictDoUpdate({ target: ownClasses.name, set: ownClass });
      }),
    deleteClass: (name) =>
      store.tx(async (db) => void (await db.delete(ownClasses).where(eq(ownClasses.name, name)))),
    putAttribute: (attribute) =>
      store.tx(async (db) => {
        const [last] = await db
          .select({ at: sql<number>`coalesce(max(${ownAttributes.position}), 0)` })
          .from(ownAttributes);
        const position = (last?.at ?? 0) + 1;
        await db
          .insert(ownAttributes)
          .values({ ...attribute, position })
          .onConflictDoUpdate({ target: ownAttributes.id, set: attribute });
      }),
    deleteAttribute: (id) =>
      store.tx(async (db) => void (await db.delete(ownAttributes).where(eq(ownAttributes.id, id)))),
  };
}
