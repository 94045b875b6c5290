import { assetStoreContract } from '../contract/assets.ts';
import { createSqlAssetStore } from './assets.ts';
import { openTestStore } from './testing.ts';

assetStoreContract('sqlite', async () => {
  const sql = await openTestStore();
  return { store: createSqlAssetStore(sql), close: () => sql.close() };
});
