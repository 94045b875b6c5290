import { rolloutStoreContract } from '../contract/rollouts.ts';
import { createSqlRolloutStore } from './rollouts.ts';
import { openTestStore } from './testing.ts';

rolloutStoreContract('sqlite', async () => {
  const sql = await openTestStore();
  return { store: createSqlRolloutStore(sql), close: () => sql.close() };
});
