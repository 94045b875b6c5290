import { importStoreContract } from '../contract/imports.ts';
import { createMemoryImportStore } from './imports.ts';

importStoreContract('memory', async () => ({ store: createMemoryImportStore(), close: async () => {} }));
