import { viewStoreContract } from '../contract/views.ts';
import { createMemoryViewStore } from './views.ts';

viewStoreContract('memory', async () => ({ store: createMemoryViewStore(), close: async () => {} }));
