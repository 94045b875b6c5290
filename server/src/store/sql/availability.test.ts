import { availabilityStoreContract } from '../contract/availability.ts';
import { createSqlAvailabilityStore } from './availability.ts';
import { openTestStore } from './testing.ts';

availabilityStoreContract('presence in SQL', async () => {
  const sql = await openTestStore();
  return { store: createSqlAvailabilityStore(sql), close: () => sql.close() };
});
