/** The port of imports in plain maps, for tests. */
import type { ImportRecord, ImportStore, RowRecord } from '../../imports/store.ts';
import type { Table } from '../../imports/read-table.ts';

export function createMemoryImportStore(): ImportStore {
  const imports = new Map<string, ImportRecord>();
  const tables = new Map<string, Table>();
  const rows = new Map<string, Map<number, RowRecord>>();
  return {
    imports: async () => [...imports.values()].toSorted((a, b) => (a.id < b.id ? 1 : -1)),
    import: async (id) => imports.get(id) ?? null,
    async addImport(record, table) {
      imports.set(record.id, structuredClone(record));
      tables.set(record.id, structuredClone(table));
    },
    putImport: async (record) => void imports.set(record.id, structuredClone(record)),
    table: async (id) => tables.get(id) ?? null,
    async putRows(id, some) {
      const held = rows.get(id) ?? new Map<number, RowRecord>();
      for (const row of structuredClone(some)) held.set(row.line, row);
      rows.set(id, held);
    },
    dropRows: async (id) => void rows.delete(id),
    rows: async (id, { afterLine, limit, outcome }) =>
      [...(rows.get(id)?.values() ?? [])]
        .filter((row) => row.line > afterLine && (outcome === undefined || row.outcome === outcome))
        .toSorted((a, b) => a.line - b.line)
        .slice(0, limit),
  };
}
