import { fingerprintStoreContract } from '../contract/fingerprints.ts';
import { createMemoryFingerprintStore } from './fingerprints.ts';

fingerprintStoreContract('memory', async () => ({
  store: createMemoryFingerprintStore(),
  close: async () => {},
}));
