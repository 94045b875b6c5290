/** The port of judgements and targets on SQL. */
import { asc, eq } from 'drizzle-orm';
import type { AgreementStore } from '../../availability/agreements-store.ts';
import type { SqlStore } from './open.ts';

export function createSqlAgreementStore(store: SqlStore): AgreementStore {
  const { read } = store;
  const { reclassifications, availabilityTargets: targets } = store.t;
  return {
    reclassifications: async () => read.select().from(reclassifications).orderBy(asc(reclassifications.id)),
    putReclassifications: (records) =>
      store.tx(async (db) => {
        for (const record of records)
          await db
            .insert(reclassifications)
            .values(record)
            .onConflictDoUpdate({ target: reclassifications.id, set: record });
      }),
    targets: async () => read.select().from(targets).orderBy(asc(targets.id)),
    putTarget: (target) =>
      store.tx(
        async (db) =>
          void (await db
            .insert(targets)
            .values(target)
            .onConflictDoUpdate({ target: targets.id, set: target })),
      ),
    deleteTarget: (id) => store.tx(async (db) => void (await db.delete(targets).where(eq(targets.id, id)))),
  };
}
