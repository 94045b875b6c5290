import { rulesStoreContract } from '../contract/rules.ts';
import { createMemoryRulesStore } from './rules.ts';

rulesStoreContract('rules in memory', async () => ({
  store: createMemoryRulesStore(),
  close: async () => undefined,
}));
