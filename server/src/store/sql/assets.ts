/** The asset port on SQL. */
import { and, asc, desc, eq, inArray, isNull, lt } from 'drizzle-orm';
import type { AssetStore } from '../../assets/store.ts';
import { decodeCursor, encodeCursor } from '../../cursor.ts';
import type { SqlStore } from './open.ts';

export function createSqlAssetStore(store: SqlStore): AssetStore {
  const { t, read } = store;
  const { assetSettings, assignments, stocktakes, stocktakeScans } = t;
  return {
    settings: async () => read.select().from(assetSettings).orderBy(asc(assetSettings.class)),
    putSetting: (setting) =>
      store.tx(
        async (db) =>
          void (await db
            .insert(assetSettings)
            .values(setting)
            .onConflictDoUpdate({ target: assetSettings.class, set: setting })),
      ),
    addAssignments: (rows, endsId) =>
      store.tx(async (db) => {
        const [first] = rows;
        if (!first) return;
        if (endsId !== null)
          await db.update(assignments).set({ endedAtMs: first.atMs }).where(eq(assignments.id, endsId));
        await db.insert(assignments).values([...rows]);
      }),
    assignment: async (id) =>
      (await read.select().from(assignments).where(eq(assignments.id, id)))[0] ?? null,
    assignments: async ({ ciId, alsoOf = [], personId, open, dueBefore, limit, cursor }) => {
      const after = cursor ? decodeCursor(cursor, 1)[0] : undefined;
      const rows = await read
        .select()
        .from(assignments)
        .where(
          and(
            ciId === undefined ? undefined : inArray(assignments.ciId, [ciId, ...alsoOf]),
            personId === undefined ? undefined : eq(assignments.personId, personId),
            open ? and(eq(assignments.kind, 'out'), isNull(assignments.endedAtMs)) : undefined,
            dueBefore === undefined ? undefined : lt(assignments.due, dueBefore),
            after === undefined ? undefined : lt(assignments.id, String(after)),
          ),
        )
        .orderBy(desc(assignments.id))
        .limit(limit + 1);
      const items = rows.slice(0, limit);
      const last = items.at(-1);
      return { items, nextCursor: rows.length > limit && last ? encodeCursor([last.id]) : null };
    },
    openAssignment: async (ciId) =>
      (
        await read
          .select()
          .from(assignments)
          .where(and(eq(assignments.ciId, ciId), eq(assignments.kind, 'out'), isNull(assignments.endedAtMs)))
          .orderBy(desc(assignments.id))
          .limit(1)
      )[0] ?? null,
    stocktakes: async () => read.select().from(stocktakes).orderBy(desc(stocktakes.id)),
    stocktake: async (id) => (await read.select().from(stocktakes).where(eq(stocktakes.id, id)))[0] ?? null,
    putStocktake: (stocktake) =>
      store.tx(
        async (db) =>
          void (await db
            .insert(stocktakes)
            .values(stocktake)
            .onConflictDoUpdate({ target: stocktakes.id, set: stocktake })),
      ),
    addScan: (scan) =>
      store.tx(async (db) => void (await db.insert(stocktakeScans).values(scan).onConflictDoNothing())),
    scans: async (stocktakeId) =>
      read
        .select()
        .from(stocktakeScans)
        .where(eq(stocktakeScans.stocktakeId, stocktakeId))
        .orderBy(asc(stocktakeScans.atMs)),
  };
}
