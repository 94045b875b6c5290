/** The port of the exchange with Prometheus on SQL. */
import { and, asc, eq, inArray } from 'drizzle-orm';
import type { RemoteWriteStore } from '../../remote-write/store.ts';
import { bulkPut } from './bulk.ts';
import type { SqlStore } from './open.ts';

export function createSqlRemoteWriteStore(store: SqlStore): RemoteWriteStore {
  const { read } = store;
  const { writeMappings: mappings, writeTargets: targets, foreignSeries } = store.t;
  const putSeries = bulkPut(foreignSeries, { target: ['ciId', 'metric', 'instance'] });
  return {
    mappings: async () => read.select().from(mappings).orderBy(asc(mappings.createdAtMs), asc(mappings.id)),
    putMapping: (mapping) =>
      store.tx(
        async (db) =>
          void (await db
            .insert(mappings)
            .values(mapping)
            .onConflictDoUpdate({ target: mappings.id, set: mapping })),
      ),
    deleteMapping: (id) =>
      store.tx(
        async (db) =>
          (await db.delete(mappings).where(eq(mappings.id, id)).returning({ id: mappings.id })).length > 0,
      ),
    targets: async () => read.select().from(targets).orderBy(asc(targets.createdAtMs), asc(targets.id)),
    putTarget: (target) =>
      store.tx(
        async (db) =>
          void (await db
            .insert(targets)
            .values(target)
            .onConflictDoUpdate({ target: targets.id, set: target })),
      ),
    deleteTarget: (id) =>
      store.tx(
        async (db) =>
          (await db.delete(targets).where(eq(targets.id, id)).returning({ id: targets.id })).length > 0,
      ),
    foreignSeries: async () => read.select().from(foreignSeries),
    putForeignSeries: (series) => store.tx((db) => putSeries(db, series)),
    deleteForeignSeries: (keys) =>
      store.tx(async (db) => {
        for (const [ciId, ofCi] of Map.groupBy(keys, (key) => key.ciId))
          for (const [metric, ofMetric] of Map.groupBy(ofCi, (key) => key.metric))
            await db.delete(foreignSeries).where(
              and(
                eq(foreignSeries.ciId, ciId),
                eq(foreignSeries.metric, metric),
                inArray(
                  foreignSeries.instance,
                  ofMetric.map(({ instance }) => instance),
                ),
              ),
            );
      }),
  };
}
