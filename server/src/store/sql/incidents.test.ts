import { incidentStoreContract } from '../contract/incidents.ts';
import { createSqlIncidentStore } from './incidents.ts';
import { openTestStore } from './testing.ts';

incidentStoreContract('sqlite', async () => {
  const sql = await openTestStore();
  return { store: createSqlIncidentStore(sql), close: () => sql.close() };
});
