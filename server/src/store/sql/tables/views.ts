/** Table of saved views. */
import type { Kit } from '../kit.ts';

export function viewTables(k: Kit) {
  const views = k.table(
    'views',
    {
      id: k.text('id').primaryKey(),
      owner: k.text('owner').notNull(),
      name: k.text('name').notNull(),
      search: k.text('search').notNull(),
      hiddenColumns: k.json<readonly string[]>('hidden_columns'),
      shared: k.bool('shared').notNull(),
      updatedAtMs: k.millis('updated_at_ms').notNull(),
    },
    (t) => [k.index('views_owner').on(t.owner)],
  );
  return { views };
}
