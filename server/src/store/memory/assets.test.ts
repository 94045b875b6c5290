import { assetStoreContract } from '../contract/assets.ts';
import { createMemoryAssetStore } from './assets.ts';

assetStoreContract('memory', async () => ({ store: createMemoryAssetStore(), close: async () => {} }));
