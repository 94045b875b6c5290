import { fleetStoreContract } from '../contract/fleet.ts';
import { createMemoryFleetStore } from './fleet.ts';

fleetStoreContract('fleet store in memory', async () => ({
  store: createMemoryFleetStore(),
  close: async () => undefined,
}));
