import { importStoreContract } from '../contract/imports.ts';
import { createSqlImportStore } from './imports.ts';
import { openTestStore } from './testing.ts';

importStoreContract('sqlite', async () => {
  const sql = await openTestStore();
  return { store: createSqlImportStore(sql), close: () => sql.close() };
});
