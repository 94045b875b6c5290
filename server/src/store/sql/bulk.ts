/** Many rows in few statements, each of which is built once and kept for its connection. */
import { type Column, getTableColumns, sql } from 'drizzle-orm';
import type { SQLiteTable } from 'drizzle-orm/sqlite-core';
import { invariant } from '@muster/shared/invariant.ts';
import { builtOnce } from './built-once.ts';
import type { Db } from './open.ts';

/** Rows of one statement: as many of the larger as there are, the rest by the smaller. */
const STATEMENT_ROWS = [64, 8, 1] as const;

/** Building a statement of hundreds of values costs more than running it. */
export type Put<Row> = (db: Db, rows: readonly Row[]) => Promise<void>;

interface Statement {
  execute(values: Record<string, unknown>): Promise<unknown>;
}

/** What becomes of a row that is there already: nothing is put, it stays, or it is replaced but for the columns that are `kept`. */
export type OnConflict<T extends SQLiteTable> =
  | 'refuse'
  | 'keep'
  | {
      readonly target: readonly (keyof T['$inferInsert'])[];
      readonly kept?: readonly (keyof T['$inferInsert'])[];
    };

/** Puts rows of `table`; the rows of one call differ in their key. */
export function bulkPut<T extends SQLiteTable>(table: T, onConflict: OnConflict<T>): Put<T['$inferInsert']> {
  const columns = Object.entries(getTableColumns(table)) as [string, Column][];
  const statements = builtOnce(() => new Map<number, Statement>());

  function statement(db: Db, rows: number): Statement {
    const known = statements(db);
    const made = known.get(rows) ?? build(db, rows);
    known.set(rows, made);
    return made;
  }

  function build(db: Db, rows: number): Statement {
    const values = Array.from({ length: rows }, (_, row) =>
      Object.fromEntries(
        columns.map(([name], i) => [name, sql`${sql.placeholder(String(row * columns.length + i))}`]),
      ),
    );
    const insert = db.insert(table).values(values as never);
    if (onConflict === 'refuse') return insert.prepare();
    if (onConflict === 'keep') return insert.onConflictDoNothing().prepare();
    const { target, kept = [] } = onConflict;
    const left = new Set([...target, ...kept]);
    const set = Object.fromEntries(
      columns
        .filter(([name]) => !left.has(name as keyof T['$inferInsert']))
        .map(([name, column]) => [name, sql.raw(`excluded."${column.name}"`)]),
    );
    const keys = target.map((name) => columns.find(([known]) => known === name)?.[1]);
    return insert.onConflictDoUpdate({ target: keys as never, set: set as never }).prepare();
  }

  return async (db, rows) => {
    let from = 0;
    for (const size of STATEMENT_ROWS) {
      for (; rows.length - from >= size; from += size)
        await statement(db, size).execute(bound(columns, rows, from, size));
    }
    invariant(from === rows.length, 'every row is put');
  };
}

/** Values by the number of their place; a list serves, for its places are its names. */
function bound(
  columns: readonly (readonly [string, Column])[],
  rows: readonly object[],
  from: number,
  size: number,
): Record<string, unknown> {
  const values: unknown[] = [];
  for (let row = from; row < from + size; row++) {
    const record = rows[row] as Record<string, unknown>;
    for (const [name, column] of columns) {
      const value = record[name] ?? null;
      values.push(value === null ? null : column.mapToDriverValue(value));
    }
  }
  return values as unknown as Record<string, unknown>;
}
