/** The port of the register of software on SQL. */
import { and, asc, eq, gt, inArray, isNull, notInArray, or, type SQL, sql } from 'drizzle-orm';
import { decodeCursor, encodeCursor } from '../../cursor.ts';
import type { CountRow, SoftwareStore } from '../../software/store.ts';
import type { SqlStore } from './open.ts';

/** Values that one question binds. */
const BOUND_MAX = 500;

export function createSqlSoftwareStore(store: SqlStore): SoftwareStore {
  const { t, read } = store;
  /** Machines whose software counts; the rest is a record of what was. */
  const inUse = [isNull(t.cis.mergedInto), notInArray(t.cis.lifecycle, ['retired', 'disposed'])];

  async function counted(packageIds: readonly number[]): Promise<CountRow[]> {
    const i = t.installations;
    const publisher = sql<string>`coalesce(${i.publisher}, '')`;
    const rows = await read
      .select({
        packageId: i.productId,
        version: i.version,
        publisher,
        count: sql<number>`count(*)`,
        firstSeenAtMs: sql<number>`min(${i.firstSeenAtMs})`,
      })
      .from(i)
      .innerJoin(t.cis, eq(t.cis.id, i.machineId))
      .where(and(inArray(i.productId, [...packageIds]), ...inUse))
      .groupBy(i.productId, i.version, publisher);
    return rows.map((row) => ({
      ...row,
      count: Number(row.count),
      firstSeenAtMs: Number(row.firstSeenAtMs),
    }));
  }

  return {
    packagesAfter: async (id) =>
      read.select().from(t.products).where(gt(t.products.id, id)).orderBy(asc(t.products.id)),
    counts: async () => read.select().from(t.softwareCounts),
    recount: async (packageIds) => {
      const result: CountRow[] = [];
      for (const some of batches(packageIds)) {
        const rows = await counted(some);
        await store.tx(async (db) => {
          await db.delete(t.softwareCounts).where(inArray(t.softwareCounts.packageId, some));
          for (const part of batches(rows)) await db.insert(t.softwareCounts).values(part);
        });
        result.push(...rows);
      }
      return result;
    },
    packageIdsOf: async (machineId) =>
      (
        await read
          .select({ id: t.installations.productId })
          .from(t.installations)
          .where(eq(t.installations.machineId, machineId))
      ).map(({ id }) => id),
    holders: async (packageIds, { limit, cursor, version }) => {
      const i = t.installations;
      const where: (SQL | undefined)[] = [inArray(i.productId, packageIds.slice(0, BOUND_MAX)), ...inUse];
      if (version !== undefined) where.push(eq(i.version, version));
      if (cursor) {
        const [name = '', id = '', packageId = ''] = decodeCursor(cursor, 3);
        where.push(
          or(
            gt(t.cis.name, name),
            and(eq(t.cis.name, name), gt(t.cis.id, id)),
            and(eq(t.cis.name, name), eq(t.cis.id, id), gt(i.productId, Number(packageId))),
          ),
        );
      }
      const rows = await read
        .select({
          machineId: i.machineId,
          machineName: t.cis.name,
          machineClass: t.cis.class,
          packageId: i.productId,
          version: i.version,
          publisher: i.publisher,
          firstSeenAtMs: i.firstSeenAtMs,
        })
        .from(i)
        .innerJoin(t.cis, eq(t.cis.id, i.machineId))
        .where(and(...where))
        .orderBy(asc(t.cis.name), asc(t.cis.id), asc(i.productId))
        .limit(limit + 1);
      const items = rows.slice(0, limit);
      const last = items.at(-1);
      return {
        items,
        nextCursor:
          rows.length > limit && last
            ? encodeCursor([last.machineName, last.machineId, String(last.packageId)])
            : null,
      };
    },
    machinesWith: async (packageId) =>
      read
        .select({
          machineId: t.installations.machineId,
          version: t.installations.version,
          publisher: t.installations.publisher,
        })
        .from(t.installations)
        .innerJoin(t.cis, eq(t.cis.id, t.installations.machineId))
        .where(and(eq(t.installations.productId, packageId), ...inUse)),
    words: async () => read.select().from(t.softwareNames),
    putWord: (word) =>
      store.tx(
        async (db) =>
          void (await db
            .insert(t.softwareNames)
            .values(word)
            .onConflictDoUpdate({ target: t.softwareNames.id, set: word })),
      ),
    rules: async () => (await read.select().from(t.softwareRules)).map(({ id, rule }) => ({ ...rule, id })),
    putRule: ({ id, ...rule }) =>
      store.tx(
        async (db) =>
          void (await db
            .insert(t.softwareRules)
            .values({ id, rule })
            .onConflictDoUpdate({ target: t.softwareRules.id, set: { rule } })),
      ),
    deleteRule: (id) =>
      store.tx(async (db) => void (await db.delete(t.softwareRules).where(eq(t.softwareRules.id, id)))),
    licences: async () =>
      (await read.select().from(t.licences)).map(({ id, licence }) => ({ ...licence, id })),
    putLicence: ({ id, ...licence }) =>
      store.tx(
        async (db) =>
          void (await db
            .insert(t.licences)
            .values({ id, licence })
            .onConflictDoUpdate({ target: t.licences.id, set: { licence } })),
      ),
  };
}

function batches<T>(rows: readonly T[]): T[][] {
  const result: T[][] = [];
  for (let i = 0; i < rows.length; i += BOUND_MAX) result.push(rows.slice(i, i + BOUND_MAX));
  return result;
}
