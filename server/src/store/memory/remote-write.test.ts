import { remoteWriteStoreContract } from '../contract/remote-write.ts';
import { createMemoryRemoteWriteStore } from './remote-write.ts';

remoteWriteStoreContract('memory', async () => ({
  store: createMemoryRemoteWriteStore(),
  close: async () => {},
}));
