import { classStoreContract } from '../contract/classes.ts';
import { createMemoryClassStore } from './classes.ts';

classStoreContract('memory', async () => ({ store: createMemoryClassStore(), close: async () => {} }));
