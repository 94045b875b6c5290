import { incidentStoreContract } from '../contract/incidents.ts';
import { createMemoryIncidentStore } from './incidents.ts';

incidentStoreContract('memory', async () => ({ store: createMemoryIncidentStore(), close: async () => {} }));
