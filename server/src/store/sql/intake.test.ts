import { intakeStoreContract } from '../contract/intake.ts';
import { createSqlIntakeStore } from './intake.ts';
import { openTestStore } from './testing.ts';

intakeStoreContract('sqlite', async () => {
  const sql = await openTestStore();
  return { store: createSqlIntakeStore(sql), close: () => sql.close() };
});
