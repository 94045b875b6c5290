import { maintenanceStoreContract } from '../contract/maintenance.ts';
import { createSqlMaintenanceStore } from './maintenance.ts';
import { openTestStore } from './testing.ts';

maintenanceStoreContract('sqlite', async () => {
  const sql = await openTestStore();
  return { store: createSqlMaintenanceStore(sql), close: () => sql.close() };
});
