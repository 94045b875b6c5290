import { searchStoreContract } from '../contract/search.ts';
import { createMemoryCmdbStore } from './cmdb.ts';
import { createMemoryIncidentStore } from './incidents.ts';
import { createMemorySearchStore } from './search.ts';

searchStoreContract('memory', async () => {
  const cmdb = createMemoryCmdbStore();
  const incidents = createMemoryIncidentStore();
  return { cmdb, incidents, search: createMemorySearchStore(cmdb, incidents), close: async () => {} };
});
