/** The port of imports on SQL. */
import { and, asc, desc, eq, gt, sql } from 'drizzle-orm';
import type { ImportStore } from '../../imports/store.ts';
import type { SqlStore } from './open.ts';

/** Rows of one statement: four parameters each. */
const ROWS_PER_INSERT_MAX = 500;

export function createSqlImportStore(store: SqlStore): ImportStore {
  const { t, read } = store;
  const { imports, importRows } = t;
  return {
    imports: async () =>
      (await read.select({ record: imports.record }).from(imports).orderBy(desc(imports.id))).map(
        ({ record }) => record,
      ),
    import: async (id) =>
      (await read.select({ record: imports.record }).from(imports).where(eq(imports.id, id)))[0]?.record ??
      null,
    addImport: (record, content) =>
      store.tx(async (db) => void (await db.insert(imports).values({ id: record.id, record, content }))),
    putImport: (record) =>
      store.tx(
        async (db) => void (await db.update(imports).set({ record }).where(eq(imports.id, record.id))),
      ),
    table: async (id) =>
      (await read.select({ content: imports.content }).from(imports).where(eq(imports.id, id)))[0]?.content ??
      null,
    putRows: (importId, rows) =>
      store.tx(async (db) => {
        for (let from = 0; from < rows.length; from += ROWS_PER_INSERT_MAX)
          await db
            .insert(importRows)
            .values(
              rows
                .slice(from, from + ROWS_PER_INSERT_MAX)
                .map((row) => ({ importId, line: row.line, outcome: row.outcome, row })),
            )
            .onConflictDoUpdate({
              target: [importRows.importId, importRows.line],
              set: { outcome: sql`excluded.outcome`, row: sql`excluded.row` },
            });
      }),
    dropRows: (importId) =>
      store.tx(async (db) => void (await db.delete(importRows).where(eq(importRows.importId, importId)))),
    rows: async (importId, { afterLine, limit, outcome }) =>
      (
        await read
          .select({ row: importRows.row })
          .from(importRows)
          .where(
            and(
              eq(importRows.importId, importId),
              gt(importRows.line, afterLine),
              outcome === undefined ? undefined : eq(importRows.outcome, outcome),
            ),
          )
          .orderBy(asc(importRows.line))
          .limit(limit)
      ).map(({ row }) => row),
  };
}
