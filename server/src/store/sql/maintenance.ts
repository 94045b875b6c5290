/** The port of the maintenance windows on SQL. */
import { asc, inArray } from 'drizzle-orm';
import type { MaintenanceStore } from '../../maintenance/store.ts';
import type { SqlStore } from './open.ts';

/** Rows of one insert. */
const ROWS_PER_INSERT_MAX = 1_000;

export function createSqlMaintenanceStore(store: SqlStore): MaintenanceStore {
  const { read } = store;
  const { maintenanceWindows, maintenanceCoverage, maintenanceTriggers } = store.t;
  return {
    put: (record) =>
      store.tx(async (db) => {
        await db
          .insert(maintenanceWindows)
          .values({ id: record.id, record })
          .onConflictDoUpdate({ target: maintenanceWindows.id, set: { record } });
      }),
    windows: async () => {
      const rows = await read.select().from(maintenanceWindows).orderBy(asc(maintenanceWindows.id));
      return rows.map(({ record }) => record);
    },
    addCoverage: (changes) =>
      store.tx(async (db) => {
        for (const { added, removed, ...key } of changes)
          await db
            .insert(maintenanceCoverage)
            .values({ ...key, added, removed })
            .onConflictDoUpdate({
              target: [maintenanceCoverage.windowId, maintenanceCoverage.atMs],
              set: { added, removed },
            });
      }),
    coverage: () => read.select().from(maintenanceCoverage).orderBy(asc(maintenanceCoverage.atMs)),
    addTriggers: (triggers) =>
      store.tx(async (db) => {
        for (let i = 0; i < triggers.length; i += ROWS_PER_INSERT_MAX)
          await db
            .insert(maintenanceTriggers)
            .values(
              triggers.slice(i, i + ROWS_PER_INSERT_MAX).map((one) => ({ ...one, ciId: one.ciId ?? '' })),
            )
            .onConflictDoNothing();
      }),
    triggers: async () => {
      const rows = await read.select().from(maintenanceTriggers).orderBy(asc(maintenanceTriggers.atMs));
      return rows.map((row) => ({ ...row, ciId: row.ciId === '' ? null : row.ciId }));
    },
    drop: (windowIds) =>
      store.tx(async (db) => {
        const ids = [...windowIds];
        await db.delete(maintenanceWindows).where(inArray(maintenanceWindows.id, ids));
        await db.delete(maintenanceCoverage).where(inArray(maintenanceCoverage.windowId, ids));
        await db.delete(maintenanceTriggers).where(inArray(maintenanceTriggers.windowId, ids));
      }),
  };
}
