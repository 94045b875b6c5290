import { rolloutStoreContract } from '../contract/rollouts.ts';
import { createMemoryRolloutStore } from './rollouts.ts';

rolloutStoreContract('memory', async () => ({ store: createMemoryRolloutStore(), close: async () => {} }));
