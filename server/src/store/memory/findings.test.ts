import { findingStoreContract } from '../contract/findings.ts';
import { createMemoryFindingStore } from './findings.ts';

findingStoreContract('memory', async () => ({ store: createMemoryFindingStore(), close: async () => {} }));
