/** The fingerprint settings in memory, for tests. */
import type { FingerprintDirectories } from '@muster/shared/api/fingerprints.ts';
import type { FingerprintStore } from '../../fingerprints/store.ts';

export function createMemoryFingerprintStore(): FingerprintStore {
  let held: Partial<FingerprintDirectories> = {};
  return {
    all: async () => ({ ...held }),
    put: async (directories) => {
      held = { ...held, ...directories };
    },
  };
}
