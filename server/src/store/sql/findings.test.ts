import { findingStoreContract } from '../contract/findings.ts';
import { openTestStore } from './testing.ts';
import { createSqlFindingStore } from './findings.ts';

findingStoreContract('sqlite', async () => {
  const sql = await openTestStore();
  return { store: createSqlFindingStore(sql), close: () => sql.close() };
});
