import { maintenanceStoreContract } from '../contract/maintenance.ts';
import { createMemoryMaintenanceStore } from './maintenance.ts';

maintenanceStoreContract('memory', async () => ({
  store: createMemoryMaintenanceStore(),
  close: async () => {},
}));
