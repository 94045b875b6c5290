/** Tables of imports: what was uploaded and what each row did. */
import type { ImportRecord, RowRecord } from '../../../imports/store.ts';
import type { Table } from '../../../imports/read-table.ts';
import type { Kit } from '../kit.ts';

export function importTables(k: Kit) {
  const imports = k.table('imports', {
    id: k.text('id').primaryKey(),
    record: k.json<ImportRecord>('record').notNull(),
    content: k.json<Table>('content').notNull(),
  });
  const importRows = k.table(
    'import_rows',
    {
      importId: k.text('import_id').notNull(),
      line: k.int('line').notNull(),
      outcome: k.text('outcome').$type<RowRecord['outcome']>().notNull(),
      row: k.json<RowRecord>('row').notNull(),
    },
    (t) => [k.primaryKey({ columns: [t.importId, t.line] })],
  );
  return { imports, importRows };
}
