import { cmdbStoreContract } from '../contract/cmdb.ts';
import { createSqlCmdbStore } from './cmdb.ts';
import { openTestStore } from './testing.ts';

cmdbStoreContract('sqlite', async () => {
  const sql = await openTestStore();
  return { store: createSqlCmdbStore(sql), close: () => sql.close() };
});
