import { changeStoreContract } from '../contract/changes.ts';
import { createMemoryChangeStore } from './changes.ts';

changeStoreContract('memory', async () => ({ store: createMemoryChangeStore(), close: async () => {} }));
