import { notifyStoreContract } from '../contract/notify.ts';
import { createMemoryNotifyStore } from './notify.ts';

notifyStoreContract('memory', async () => ({ store: createMemoryNotifyStore(), close: async () => {} }));
