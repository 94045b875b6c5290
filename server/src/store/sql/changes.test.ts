import { changeStoreContract } from '../contract/changes.ts';
import { openTestStore } from './testing.ts';
import { createSqlChangeStore } from './changes.ts';

changeStoreContract('sqlite', async () => {
  const sql = await openTestStore();
  return { store: createSqlChangeStore(sql), close: () => sql.close() };
});
