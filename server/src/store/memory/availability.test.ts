import { availabilityStoreContract } from '../contract/availability.ts';
import { createMemoryAvailabilityStore } from './availability.ts';

availabilityStoreContract('presence in memory', async () => ({
  store: createMemoryAvailabilityStore(),
  close: async () => undefined,
}));
