import { fleetStoreContract } from '../contract/fleet.ts';
import { createSqlFleetStore } from './fleet.ts';
import { openTestStore } from './testing.ts';

fleetStoreContract('fleet store in SQL', async () => {
  const sql = await openTestStore();
  return { store: createSqlFleetStore(sql), close: () => sql.close() };
});
