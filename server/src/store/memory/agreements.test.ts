import { agreementStoreContract } from '../contract/agreements.ts';
import { createMemoryAgreementStore } from './agreements.ts';

agreementStoreContract('memory', async () => ({
  store: createMemoryAgreementStore(),
  close: async () => {},
}));
