import { remoteWriteStoreContract } from '../contract/remote-write.ts';
import { createSqlRemoteWriteStore } from './remote-write.ts';
import { openTestStore } from './testing.ts';

remoteWriteStoreContract('sqlite', async () => {
  const sql = await openTestStore();
  return { store: createSqlRemoteWriteStore(sql), close: () => sql.close() };
});
