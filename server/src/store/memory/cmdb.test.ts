import { cmdbStoreContract } from '../contract/cmdb.ts';
import { createMemoryCmdbStore } from './cmdb.ts';

cmdbStoreContract('memory', async () => ({ store: createMemoryCmdbStore(), close: async () => {} }));
