/** Pages of lists whose newest row comes first, rows of one moment by their id. */
import { and, type Column, eq, lt, or, type SQL, sql } from 'drizzle-orm';
import { decodeCursor, encodeCursor } from '../../cursor.ts';

/** Rows behind the cursor; undefined: from the beginning. */
export function olderThan(at: Column, id: Column, cursor: string | undefined): SQL | undefined {
  if (!cursor) return undefined;
  const [atMs, lastId] = decodeCursor(cursor, 2);
  const time = Number(atMs);
  return or(lt(at, time), and(eq(at, time), sql`${id} < ${lastId}`));
}

/** `rows` is one more than the page where there is another page. */
export function newestPage<Row extends { readonly id: string }>(
  rows: readonly Row[],
  limit: number,
  atMs: (row: Row) => number,
): { items: Row[]; nextCursor: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items,
    nextCursor: rows.length > limit && last ? encodeCursor([String(atMs(last)), last.id]) : null,
  };
}
