import { classStoreContract } from '../contract/classes.ts';
import { createSqlClassStore } from './classes.ts';
import { openTestStore } from './testing.ts';

classStoreContract('sqlite', async () => {
  const sql = await openTestStore();
  return { store: createSqlClassStore(sql), close: () => sql.close() };
});
