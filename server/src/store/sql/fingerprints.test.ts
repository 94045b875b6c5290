import { fingerprintStoreContract } from '../contract/fingerprints.ts';
import { createSqlFingerprintStore } from './fingerprints.ts';
import { openTestStore } from './testing.ts';

fingerprintStoreContract('sqlite', async () => {
  const sql = await openTestStore();
  return { store: createSqlFingerprintStore(sql), close: () => sql.close() };
});
