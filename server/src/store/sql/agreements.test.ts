import { agreementStoreContract } from '../contract/agreements.ts';
import { createSqlAgreementStore } from './agreements.ts';
import { openTestStore } from './testing.ts';

agreementStoreContract('sqlite', async () => {
  const sql = await openTestStore();
  return { store: createSqlAgreementStore(sql), close: () => sql.close() };
});
