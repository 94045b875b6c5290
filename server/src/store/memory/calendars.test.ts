import { calendarStoreContract } from '../contract/calendars.ts';
import { createMemoryCalendarStore } from './calendars.ts';

calendarStoreContract('memory', async () => ({
  store: createMemoryCalendarStore(),
  close: async () => {},
}));
