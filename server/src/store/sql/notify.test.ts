import { notifyStoreContract } from '../contract/notify.ts';
import { createSqlNotifyStore } from './notify.ts';
import { openTestStore } from './testing.ts';

notifyStoreContract('sqlite', async () => {
  const sql = await openTestStore();
  return { store: createSqlNotifyStore(sql), close: () => sql.close() };
});
