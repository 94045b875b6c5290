import { calendarStoreContract } from '../contract/calendars.ts';
import { createSqlCalendarStore } from './calendars.ts';
import { openTestStore } from './testing.ts';

calendarStoreContract('sqlite', async () => {
  const sql = await openTestStore();
  return { store: createSqlCalendarStore(sql), close: () => sql.close() };
});
