import { searchStoreContract } from '../contract/search.ts';
import { createSqlCmdbStore } from './cmdb.ts';
import { createSqlIncidentStore } from './incidents.ts';
import { createSqlSearchStore } from './search.ts';
import { openTestStore } from './testing.ts';

searchStoreContract('sqlite', async () => {
  const sql = await openTestStore();
  return {
    cmdb: createSqlCmdbStore(sql),
    incidents: createSqlIncidentStore(sql),
    search: createSqlSearchStore(sql),
    close: () => sql.close(),
  };
});
