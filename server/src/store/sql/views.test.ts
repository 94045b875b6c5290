import { viewStoreContract } from '../contract/views.ts';
import { openTestStore } from './testing.ts';
import { createSqlViewStore } from './views.ts';

viewStoreContract('sqlite', async () => {
  const sql = await openTestStore();
  return { store: createSqlViewStore(sql), close: () => sql.close() };
});
