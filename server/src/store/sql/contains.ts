/** Part of a text in some column, in the way that both databases do alike. */
import { type Column, or, type SQL, sql } from 'drizzle-orm';

/**
 * Case is ignored as the database folds it: in SQLite for Latin letters without marks. Per cent and underscore are plain
 * characters. JSON columns are looked at as they are written.
 */
export function contains(columns: readonly (Column | SQL)[], part: string): SQL | undefined {
  const pattern = `%${part.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  return or(
    ...columns.map((column) => sql`lower(cast(${column} as text)) like lower(${pattern}) escape '\\'`),
  );
}

/** The texts of a column that holds Words, as they read and not as JSON writes them. */
export function wordsOf(column: Column): SQL[] {
  return [sql`${column} ->> 'en'`, sql`${column} ->> 'zh'`];
}
