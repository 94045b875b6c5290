import { rulesStoreContract } from '../contract/rules.ts';
import { createSqlRulesStore } from './rules.ts';
import { openTestStore } from './testing.ts';

rulesStoreContract('rules in SQL', async () => {
  const sql = await openTestStore();
  return { store: createSqlRulesStore(sql), close: () => sql.close() };
});
