/** Part of a text in some column, in the way that both databases do alike. */
import { type AnyColumn, or, type SQL, sql } from 'drizzle-orm';

/** Case is ignored for Latin letters. JSON columns are looked at as they are written. */
export function contains(columns: readonly AnyColumn[], part: string): SQL | undefined {
  const pattern = `%${part.toLowerCase().replaceAll(/[\\%_]/g, '\\$&')}%`;
  return or(...columns.map((column) => sql`lower(cast(${column} as text)) like ${pattern} escape '\\'`));
}
